"""What an H.264 sequence parameter set says, as far as anybody here asks (ITU-T H.264 §7.3.2.1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from basira.base.bits import BitReader

_CHROMA_IN_SET: Final = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})


@dataclass(frozen=True, slots=True)
class H264Sequence:
    """``width`` and ``height`` are of the picture as shown. ``chroma`` is ``chroma_format_idc``: 0 none, 1 is 4:2:0.

    The others are what a slice header's form depends on: how long its numbers are and which it has.
    """

    width: int
    height: int
    chroma: int
    separate_planes: bool
    frame_number_bits: int
    order_type: int
    order_bits: int
    order_always_zero: bool
    frames_only: bool


def read_h264_sequence(reader: BitReader) -> H264Sequence:
    """The set that ``reader`` is at the first byte of; it is left at the usability information. Raises ValueError."""
    reader.skip(8)
    profile = reader.bits(8)
    reader.skip(16)
    reader.ue()
    chroma, separate_planes = _read_chroma(reader) if profile in _CHROMA_IN_SET else (1, False)
    frame_number_bits = reader.ue() + 4
    order_type, order_bits, order_always_zero = _read_order(reader)
    reader.ue()
    reader.skip(1)
    width, map_height, frames_only = reader.ue() + 1, reader.ue() + 1, reader.bits(1)
    if not frames_only:
        reader.skip(1)
    reader.skip(1)
    left = right = top = bottom = 0
    if reader.bits(1):
        left, right, top, bottom = reader.ue(), reader.ue(), reader.ue(), reader.ue()
    unit_x = 2 if chroma in (1, 2) else 1
    unit_y = (2 if chroma == 1 else 1) * (2 - frames_only)
    return H264Sequence(
        width * 16 - unit_x * (left + right),
        map_height * 16 * (2 - frames_only) - unit_y * (top + bottom),
        chroma,
        separate_planes,
        frame_number_bits,
        order_type,
        order_bits,
        order_always_zero,
        bool(frames_only),
    )


def _read_chroma(reader: BitReader) -> tuple[int, bool]:
    """Chroma format, and whether its planes are coded apart; scaling lists are passed over."""
    chroma = reader.ue()
    separate_planes = chroma == 3 and bool(reader.bits(1))
    reader.ue()
    reader.ue()
    reader.skip(1)
    if reader.bits(1):
        for index in range(8 if chroma != 3 else 12):
            if reader.bits(1):
                _skip_scaling_list(reader, 16 if index < 6 else 64)
    return chroma, separate_planes


def _skip_scaling_list(reader: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + reader.se() + 256) % 256
        last = following or last


def _read_order(reader: BitReader) -> tuple[int, int, bool]:
    """How pictures say their order: type, bits of its number, and whether it says nothing."""
    order_type = reader.ue()
    if order_type == 0:
        return order_type, reader.ue() + 4, False
    always_zero = False
    if order_type == 1:
        always_zero = bool(reader.bits(1))
        reader.se()
        reader.se()
        for _ in range(min(reader.ue(), 255)):
            reader.se()
    return order_type, 0, always_zero
