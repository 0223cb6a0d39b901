"""Where an object was, moment by moment, and how that is kept: 13 bytes a point."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from basira.analysis.boxes import Box
from basira.base.clock import NS_PER_MS

_POINT: Final = struct.Struct(">IHHHHB")
_START: Final = struct.Struct(">q")
_SIDE: Final = 65_535
_SCORE: Final = 255


class PathPoint(NamedTuple):
    """``box`` in fractions of the picture."""

    utc_ns: int
    box: Box
    score: float


def pack_path(points: Sequence[PathPoint]) -> bytes:
    """Big-endian: i64 UTC nanoseconds of the first point; then for each u32 milliseconds since, 4 u16 box, u8 score."""
    if not points:
        return b""
    start = points[0].utc_ns
    return _START.pack(start) + b"".join(
        _POINT.pack(
            (point.utc_ns - start) // NS_PER_MS,
            *(round(min(1.0, max(0.0, side)) * _SIDE) for side in point.box),
            round(point.score * _SCORE),
        )
        for point in points
    )


def unpack_path(packed: bytes) -> list[PathPoint]:
    """Inverse of :func:`pack_path`, to a millisecond, 1/65535 of the picture and 1/255 of a score."""
    if not packed:
        return []
    (start,) = _START.unpack_from(packed)
    return [
        PathPoint(start + ms * NS_PER_MS, Box(*(side / _SIDE for side in sides)), score / _SCORE)
        for ms, *sides, score in _POINT.iter_unpack(packed[_START.size :])
    ]
