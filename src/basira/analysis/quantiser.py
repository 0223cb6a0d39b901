"""The quantiser of a coded picture, read from its first slice header: what an encoder whose rate is held pays with.

H.264 only (ITU-T H.264 §7.3.3, with what it needs of §7.3.2.2); nothing is decoded. A step of six halves
the detail that is kept, so ``bytes × 2^(quantiser / 6)`` is what a picture would have cost at one quality.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from basira.base.bits import BitReader, unescape
from basira.cameras.h264 import H264Sequence, read_h264_sequence

_SLICES: Final = (1, 5)
_IDR: Final = 5
_HEADER_BYTES: Final = 64  # a slice header is a few bytes; long ones are of kinds that no camera sends
_P, _I = 0, 2
_MOST_REFERENCES: Final = 32


@dataclass(frozen=True, slots=True)
class _Pictures:
    """What a slice header's form depends on, of the picture parameter set."""

    arithmetic: bool
    bottom_order: bool
    references: int
    weighted: bool
    quantiser: int
    redundant: bool


class Quantisers:
    """Reads slice headers of one track."""

    def __init__(self, codec: str, extradata: bytes) -> None:
        """``extradata`` is an avcC; of anything else, or anything odd, no quantiser is ever told."""
        self._sets: tuple[H264Sequence, _Pictures] | None = None
        if codec == "h264":
            try:
                self._sets = _sets_of(extradata)
            except (ValueError, IndexError):
                self._sets = None

    def of(self, sample: bytes) -> int | None:
        """Of one coded picture with four-byte lengths; None where it cannot be told."""
        if self._sets is None:
            return None
        at = 0
        while at + 5 <= len(sample):
            length = int.from_bytes(sample[at : at + 4], "big")
            kind = sample[at + 4] & 0x1F
            if kind in _SLICES:
                try:
                    return _quantiser_of(sample[at + 4 : at + 4 + min(length, _HEADER_BYTES)], *self._sets)
                except (ValueError, IndexError):
                    return None
            at += 4 + length
        return None


@lru_cache(maxsize=256)
def quantisers_of(codec: str, extradata: bytes) -> Quantisers:
    """One reader for all segments that share a configuration."""
    return Quantisers(codec, extradata)


def effort(size: int, quantiser: int | None) -> int:
    """What ``size`` bytes at that quantiser are worth, in bytes at quantiser 26; ``size`` where it is not known."""
    return size if quantiser is None else round(size * 2.0 ** ((quantiser - 26) / 6))


def _sets_of(avcc: bytes) -> tuple[H264Sequence, _Pictures]:
    if avcc[0] != 1 or avcc[5] & 0x1F != 1:
        raise ValueError("not one sequence parameter set")
    length = int.from_bytes(avcc[6:8], "big")
    sps, at = avcc[8 : 8 + length], 8 + length
    if avcc[at] != 1:
        raise ValueError("not one picture parameter set")
    length = int.from_bytes(avcc[at + 1 : at + 3], "big")
    return read_h264_sequence(BitReader(unescape(sps))), _pictures(unescape(avcc[at + 3 : at + 3 + length]))


def _pictures(pps: bytes) -> _Pictures:
    reader = BitReader(pps[1:])
    reader.ue()
    reader.ue()
    arithmetic, bottom_order = bool(reader.bits(1)), bool(reader.bits(1))
    if reader.ue():
        raise ValueError("slice groups")
    references = reader.ue() + 1
    reader.ue()
    weighted = bool(reader.bits(1))
    reader.skip(2)
    quantiser = 26 + reader.se()
    reader.se()
    reader.se()
    reader.bits(2)
    return _Pictures(arithmetic, bottom_order, references, weighted, quantiser, bool(reader.bits(1)))


def _quantiser_of(nal: bytes, sequence: H264Sequence, pictures: _Pictures) -> int:
    idr, referred = nal[0] & 0x1F == _IDR, bool(nal[0] & 0x60)
    reader = BitReader(unescape(nal[1:]))
    reader.ue()
    kind = reader.ue() % 5
    reader.ue()
    if kind not in (_P, _I):
        raise ValueError("a kind of slice that cameras rarely send")
    if sequence.separate_planes:
        reader.bits(2)
    reader.bits(sequence.frame_number_bits)
    is_field = not sequence.frames_only and bool(reader.bits(1))
    if is_field:
        reader.bits(1)
    if idr:
        reader.ue()
    if sequence.order_type == 0:
        reader.bits(sequence.order_bits)
        if pictures.bottom_order and not is_field:
            reader.se()
    elif sequence.order_type == 1 and not sequence.order_always_zero:
        reader.se()
        if pictures.bottom_order and not is_field:
            reader.se()
    if pictures.redundant:
        reader.ue()
    if kind == _P:
        _skip_references(reader, sequence, pictures)
    if referred:
        _skip_marking(reader, idr=idr)
    if pictures.arithmetic and kind == _P:
        reader.ue()
    found = pictures.quantiser + reader.se()
    if not 0 <= found <= 51:
        raise ValueError("senseless quantiser")
    return found


def _skip_references(reader: BitReader, sequence: H264Sequence, pictures: _Pictures) -> None:
    references = reader.ue() + 1 if reader.bits(1) else pictures.references
    if references > _MOST_REFERENCES:
        raise ValueError("senseless number of references")
    if reader.bits(1):
        while reader.ue() != 3:
            reader.ue()
    if not pictures.weighted:
        return
    has_chroma = sequence.chroma != 0 and not sequence.separate_planes
    reader.ue()
    if has_chroma:
        reader.ue()
    for _ in range(references):
        if reader.bits(1):
            reader.se()
            reader.se()
        if has_chroma and reader.bits(1):
            for _ in range(4):
                reader.se()


def _skip_marking(reader: BitReader, *, idr: bool) -> None:
    if idr:
        reader.bits(2)
        return
    if reader.bits(1):
        while operation := reader.ue():
            for _ in range(2 if operation == 3 else 0 if operation == 5 else 1):
                reader.ue()
