"""Parameter sets of H.264 and H.265 found in Annex B access units: what they are, when they change, what size they say.

Reads only the head of an access unit, up to its first picture data. Nothing is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from basira.base.bits import BitReader, unescape
from basira.base.errors import BasiraError
from basira.cameras.h264 import read_h264_sequence
from basira.cameras.packets import TrackFormat

VideoCodec = Literal["h264", "hevc"]

_START_CODE: Final = b"\x00\x00\x01"
_SPS: Final = {"h264": 7, "hevc": 33}
_SETS: Final = {"h264": (7, 8), "hevc": (32, 33, 34)}
_BASELINE: Final = 66  # the profile without pictures that refer to later ones
_SHOWN_AS_CODED: Final = 2  # of picture order counts
_MAX_SIDE: Final = 16_384
_MAX_SETS: Final = 64
# A sequence parameter set is some dozens of bytes, with scaling lists some hundreds.
_MAX_SET_BYTES: Final = 4096


class PictureFormat(NamedTuple):
    """What a sequence parameter set says. ``frame_rate`` is 0 and ``reorder`` None when it does not."""

    width: int
    height: int
    frame_rate: float = 0.0
    reorder: int | None = None


class ParameterSets:
    """The parameter sets in force on one stream, begun with those of the session description (or none)."""

    def __init__(self, codec: VideoCodec, extradata: bytes = b"") -> None:
        self.codec = codec
        self._sets = tuple(parameter_sets_of(codec, extradata))

    @property
    def annex_b(self) -> bytes:
        return b"".join(b"\x00" + _START_CODE + nal for nal in self._sets)

    @property
    def is_complete(self) -> bool:
        """Whether they hold what a decoder needs to begin."""
        return {_nal_type(self.codec, nal) for nal in self._sets} >= set(_SETS[self.codec])

    def update(self, access_unit: bytes) -> bool:
        """Take in the sets at the head of ``access_unit``; True when they differ from those in force.

        A kind of set that is missing there stays as it was: its packet was lost, or the camera sends it rarely.
        """
        found = tuple(dict.fromkeys(parameter_sets_of(self.codec, access_unit)))
        if set(found) <= set(self._sets):
            return False
        kinds = {_nal_type(self.codec, nal) for nal in found}
        if _SPS[self.codec] in kinds:
            kept = tuple(nal for nal in self._sets if _nal_type(self.codec, nal) not in kinds)
        else:
            kept = tuple(nal for nal in self._sets if nal not in found)
        # In the order of their kinds, as a camera sends them; of one kind the newest, should there be senselessly many.
        self._sets = tuple(sorted((kept + found)[-_MAX_SETS:], key=lambda nal: _nal_type(self.codec, nal)))
        return True

    def picture(self) -> PictureFormat:
        """Raises ValueError when there is no sequence parameter set, or a senseless one."""
        for nal in self._sets:
            if _nal_type(self.codec, nal) == _SPS[self.codec]:
                return read_sps(self.codec, nal)
        raise ValueError("no sequence parameter set")

    def track_format(self, time_base: Fraction, nominal_rate: float) -> TrackFormat:
        """The track they describe; ``nominal_rate``: what else is known of its frame rate, or 0. Raises BasiraError."""
        try:
            picture = self.picture()
        except ValueError:
            raise BasiraError("camera_sends_garbage") from None
        rate = nominal_rate or picture.frame_rate
        return TrackFormat("video", self.codec, time_base, self.annex_b, picture.width, picture.height, rate)

    def promise_order(self) -> bool:
        """Whether they promise whole frames that come in the order in which they are shown. Raises ValueError."""
        for nal in self._sets:
            if _nal_type(self.codec, nal) == _SPS[self.codec]:
                return _promises_order(self.codec, nal)
        raise ValueError("no sequence parameter set")

    def codec_string(self) -> str:
        """The RFC 6381 name that browsers ask for: ``avc1.64001f``, ``hvc1.1.6.L93.90``. Raises ValueError."""
        for nal in self._sets:
            if _nal_type(self.codec, nal) == _SPS[self.codec]:
                return _h264_string(nal) if self.codec == "h264" else _h265_string(nal)
        raise ValueError("no sequence parameter set")


def _h264_string(sps: bytes) -> str:
    return f"avc1.{sps[1:4].hex()}"


def _h265_string(sps: bytes) -> str:
    """ISO/IEC 14496-15 annex E."""
    reader = BitReader(unescape(sps[:_MAX_SET_BYTES]))
    reader.skip(24)
    space, tier, profile = reader.bits(2), reader.bits(1), reader.bits(5)
    compatible = int(f"{reader.bits(32):032b}"[::-1], 2)
    constraints = reader.bits(48).to_bytes(6, "big").rstrip(b"\x00")
    tail = "".join(f".{byte:x}" for byte in constraints)
    return f"hvc1.{['', 'A', 'B', 'C'][space]}{profile}.{compatible:x}.{'LH'[tier]}{reader.bits(8)}{tail}"


def parameter_sets_of(codec: VideoCodec, annex_b: bytes) -> Iterator[bytes]:
    """The parameter sets before the first picture data of ``annex_b``, without start codes, in order."""
    wanted = _SETS[codec]
    start = annex_b.find(_START_CODE)
    while start >= 0:
        start += 3
        if start >= len(annex_b):
            return
        kind = _nal_type(codec, annex_b[start : start + 1])
        if (codec == "h264" and 1 <= kind <= 5) or (codec == "hevc" and kind < 32):
            return
        end = annex_b.find(_START_CODE, start)
        if kind in wanted:
            nal = (annex_b[start:] if end < 0 else annex_b[start:end]).rstrip(b"\x00")
            if nal:
                yield nal
        start = end


def read_sps(codec: VideoCodec, nal: bytes) -> PictureFormat:
    """Raises ValueError when ``nal`` is no sensible sequence parameter set."""
    reader = BitReader(unescape(nal[:_MAX_SET_BYTES]))
    picture = _read_h264_sps(reader) if codec == "h264" else _read_h265_sps(reader)
    if not (0 < picture.width <= _MAX_SIDE and 0 < picture.height <= _MAX_SIDE):
        raise ValueError("senseless picture size")
    return picture


def _promises_order(codec: VideoCodec, nal: bytes) -> bool:
    if codec == "hevc":
        return read_sps(codec, nal).reorder == 0
    sequence = read_h264_sequence(BitReader(unescape(nal[:_MAX_SET_BYTES])))
    in_order = sequence.order_type == _SHOWN_AS_CODED or nal[1] == _BASELINE or read_sps(codec, nal).reorder == 0
    return sequence.frames_only and in_order


def _nal_type(codec: VideoCodec, nal: bytes) -> int:
    return nal[0] & 0x1F if codec == "h264" else nal[0] >> 1 & 0x3F


def _read_h264_sps(reader: BitReader) -> PictureFormat:
    sequence = read_h264_sequence(reader)
    rate, reorder = _read_h264_usability(reader) if reader.bits(1) else (0.0, None)
    return PictureFormat(sequence.width, sequence.height, rate, reorder)


def _read_h264_usability(reader: BitReader) -> tuple[float, int | None]:
    """Frame rate and how many frames are reordered, from the video usability information."""
    if reader.bits(1) and reader.bits(8) == 255:
        reader.skip(32)
    if reader.bits(1):
        reader.skip(1)
    if reader.bits(1):
        reader.skip(4)
        if reader.bits(1):
            reader.skip(24)
    if reader.bits(1):
        reader.ue()
        reader.ue()
    rate = 0.0
    if reader.bits(1):
        ticks, scale = reader.bits(32), reader.bits(32)
        reader.skip(1)
        rate = scale / (2 * ticks) if ticks else 0.0
    has_hrd = False
    for _ in range(2):
        if reader.bits(1):
            has_hrd = True
            _skip_hrd(reader)
    if has_hrd:
        reader.skip(1)
    reader.skip(1)
    if not reader.bits(1):
        return rate, None
    reader.skip(1)
    for _ in range(4):
        reader.ue()
    return rate, min(reader.ue(), 16)


def _skip_hrd(reader: BitReader) -> None:
    count = reader.ue() + 1
    reader.skip(8)
    for _ in range(min(count, 32)):
        reader.ue()
        reader.ue()
        reader.skip(1)
    reader.skip(20)


def _read_h265_sps(reader: BitReader) -> PictureFormat:
    reader.skip(16 + 4)
    sub_layers = reader.bits(3)
    reader.skip(1 + 96)
    present = [(reader.bits(1), reader.bits(1)) for _ in range(sub_layers)]
    if sub_layers:
        reader.skip(2 * (8 - sub_layers))
    for has_profile, has_level in present:
        reader.skip(88 * has_profile + 8 * has_level)
    reader.ue()
    chroma = reader.ue()
    if chroma == 3:
        reader.skip(1)
    width, height = reader.ue(), reader.ue()
    left = right = top = bottom = 0
    if reader.bits(1):
        left, right, top, bottom = reader.ue(), reader.ue(), reader.ue(), reader.ue()
    reader.ue()
    reader.ue()
    reader.ue()
    reorder = 0
    for _ in range(sub_layers + 1 if reader.bits(1) else 1):
        reader.ue()
        reorder = reader.ue()
        reader.ue()
    return PictureFormat(
        width - (2 if chroma in (1, 2) else 1) * (left + right),
        height - (2 if chroma == 1 else 1) * (top + bottom),
        0.0,
        min(reorder, 16),
    )
