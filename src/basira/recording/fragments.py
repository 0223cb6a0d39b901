"""``moof`` and ``mdat`` of one fragment."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

_SYNC: Final = 0x02000000  # depends on no other sample
_NON_SYNC: Final = 0x01010000  # depends on others, is not a sync sample
_TRUN_FLAGS: Final = 0x01000F01  # version 1; data offset; per sample duration, size, flags, composition offset
_TFHD_DEFAULT_BASE_IS_MOOF: Final = 0x020000


class Sample(NamedTuple):
    """One sample as ``trun`` has it. ``duration`` and ``composition_offset`` count in the track's timescale."""

    data: bytes
    duration: int
    composition_offset: int
    sync: bool


class Run(NamedTuple):
    """Samples of one track in a fragment, ``dts`` of the first in the track's timescale."""

    track: int
    dts: int
    samples: list[Sample]


def encode_fragment(number: int, video: Run, audio: Run | None = None) -> bytes:
    """``moof`` + ``mdat``: video first, then audio. ``number`` counts fragments of the file from 0."""
    runs = [video] if audio is None or not audio.samples else [video, audio]
    moof_length = 8 + 16 + sum(_traf_length(run) for run in runs)
    sizes = [sum(len(sample.data) for sample in run.samples) for run in runs]
    parts = [struct.pack(">I4sI4sII", moof_length, b"moof", 16, b"mfhd", 0, number + 1)]
    offset = moof_length + 8
    for run, size in zip(runs, sizes, strict=True):
        parts.append(_traf(run, offset))
        offset += size
    parts.append(struct.pack(">I4s", 8 + sum(sizes), b"mdat"))
    parts.extend(sample.data for run in runs for sample in run.samples)
    return b"".join(parts)


def _traf_length(run: Run) -> int:
    return 8 + 16 + 20 + 20 + 16 * len(run.samples)


def _traf(run: Run, data_offset: int) -> bytes:
    fields: list[int] = []
    for sample in run.samples:
        fields += (
            sample.duration,
            len(sample.data),
            _SYNC if sample.sync else _NON_SYNC,
            sample.composition_offset & 0xFFFFFFFF,
        )
    count = len(run.samples)
    tfhd = struct.pack(">I4sII", 16, b"tfhd", _TFHD_DEFAULT_BASE_IS_MOOF, run.track)
    tfdt = struct.pack(">I4sIQ", 20, b"tfdt", 0x01000000, run.dts)
    trun = struct.pack(
        f">I4sIII{len(fields)}I", 20 + 16 * count, b"trun", _TRUN_FLAGS, count, data_offset, *fields
    )  # fmt: skip
    return struct.pack(">I4s", _traf_length(run), b"traf") + tfhd + tfdt + trun
