"""A progressive MP4 (``ftyp moov mdat``) out of recorded samples: every player opens it, no byte of media changes.

The sample tables are complete before the first byte of media is written, so the file is written once, front to back.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from basira.base.clock import NS_PER_S
from basira.recording.layout import VIDEO_TIMESCALE
from basira.replay.samples import Box, Sample, Track, descend

MOVIE_TIMESCALE: Final = VIDEO_TIMESCALE
_FTYP: Final = struct.pack(">I4s4sI4s4s4s", 28, b"ftyp", b"isom", 0x200, b"isom", b"iso2", b"mp41")
_MATRIX: Final = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_SECONDS_1904_TO_1970: Final = 2_082_844_800


@dataclass(slots=True)
class TrackTable:
    """Sample tables of one track, filled in decode order. Times are in the track's timescale from the file's start.

    ``shown_until`` hides what is to be shown from then on: pictures that are there only to decode others.
    """

    track: Track
    sizes: array[int] = field(default_factory=lambda: array("I"))
    dts: array[int] = field(default_factory=lambda: array("q"))
    composition: array[int] = field(default_factory=lambda: array("i"))
    sync: array[int] = field(default_factory=lambda: array("I"))
    chunk_places: array[int] = field(default_factory=lambda: array("Q"))
    chunk_samples: array[int] = field(default_factory=lambda: array("I"))
    end: int = 0
    shown_until: int | None = None

    def append(self, samples: Iterable[Sample], shift: int, place: int) -> None:
        """Take samples that lie side by side, ``place`` bytes into the media, as a chunk; ``shift`` their times.

        A sample that would not come after the one before it is moved to where that ends.
        """
        before = len(self.sizes)
        for sample in samples:
            dts = sample.dts + shift
            if self.dts and dts <= self.dts[-1]:
                shift += self.end - dts
                dts = self.end
            self.sizes.append(sample.size)
            self.dts.append(dts)
            self.composition.append(sample.pts - sample.dts)
            if sample.sync:
                self.sync.append(len(self.sizes))
            self.end = dts + max(1, sample.duration)
        self.chunk_places.append(place)
        self.chunk_samples.append(len(self.sizes) - before)

    @property
    def duration(self) -> int:
        return self.end - self.dts[0] if self.dts else 0


def head_of(tables: list[TrackTable], media_bytes: int, start_utc_ns: int, title: str) -> bytes:
    """Everything before the media: ``ftyp``, ``moov`` and the header of ``mdat``.

    The file's time 0 is ``start_utc_ns``, written as its creation time to the second.
    """
    mdat = struct.pack(">I4sQ", 1, b"mdat", 16 + media_bytes)
    created = start_utc_ns // NS_PER_S + _SECONDS_1904_TO_1970
    length = len(_moov(tables, 0, created, title))  # chunk offsets are 64 bits wide, so it does not depend on them
    return _FTYP + _moov(tables, len(_FTYP) + length + len(mdat), created, title) + mdat


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)


def _moov(tables: list[TrackTable], media_offset: int, created: int, title: str) -> bytes:
    duration = max(_movie_time(table.end, table.track) for table in tables)
    mvhd = _full(
        b"mvhd", 1, 0, struct.pack(">QQIQIH10x", created, created, MOVIE_TIMESCALE, duration, 0x10000, 0x100),
        _MATRIX, bytes(24), struct.pack(">I", max(table.track.id for table in tables) + 1),
    )  # fmt: skip
    traks = [_trak(table, media_offset, created) for table in tables]
    return _box(b"moov", mvhd, *traks, _title(title))


def _movie_time(time: int, track: Track) -> int:
    return time * MOVIE_TIMESCALE // track.timescale


def _trak(table: TrackTable, media_offset: int, created: int) -> bytes:
    track = table.track
    found = {path[1:]: box for path, box in descend(track.trak)}
    tkhd = found[(b"tkhd",)]
    shape = track.trak[tkhd.end - 60 : tkhd.end]  # layer, group, volume, matrix, size: the same in both versions
    header = struct.pack(">QQI4xQ8x", created, created, track.id, _movie_time(table.end, track))
    mdhd = struct.pack(">QQIQHH", created, created, track.timescale, table.duration, 0x55C4, 0)
    media_header = b"vmhd" if track.kind == "video" else b"smhd"
    minf = _box(
        b"minf",
        _copy(track.trak, found[(b"mdia", b"minf", media_header)]),
        _copy(track.trak, found[(b"mdia", b"minf", b"dinf")]),
        _stbl(table, media_offset),
    )
    mdia = _box(b"mdia", _full(b"mdhd", 1, 0, mdhd), _copy(track.trak, found[(b"mdia", b"hdlr")]), minf)
    return _box(b"trak", _full(b"tkhd", 1, 3, header, shape), _edits(table), mdia)


def _copy(data: bytes, box: Box) -> bytes:
    return data[box.start : box.end]


def _edits(table: TrackTable) -> bytes:
    """Edit list: the first picture is the first shown; sound starts when it starts, cut where it is earlier."""
    start = table.dts[0]
    first_shown = table.composition[0] - _least_composition(table) + max(0, -start)
    edits = [(_movie_time(start, table.track), -1)] if start > 0 else []
    until = table.end if table.shown_until is None else table.shown_until
    edits.append((_movie_time(until - max(0, start), table.track), first_shown))
    rows = b"".join(struct.pack(">QqI", duration, time, 0x10000) for duration, time in edits)
    return _box(b"edts", _full(b"elst", 1, 0, struct.pack(">I", len(edits)), rows))


def _least_composition(table: TrackTable) -> int:
    return min(0, min(table.composition))


def _stbl(table: TrackTable, media_offset: int) -> bytes:
    ends = table.dts[1:]
    ends.append(table.end)
    durations = (after - before for before, after in zip(table.dts, ends, strict=True))
    parts = [
        _full(b"stsd", 0, 0, struct.pack(">I", 1), table.track.sample_entry),
        _runs(b"stts", durations),
    ]
    if any(table.composition):
        least = _least_composition(table)
        parts.append(_runs(b"ctts", (offset - least for offset in table.composition)))
    if len(table.sync) < len(table.sizes):
        parts.append(_full(b"stss", 0, 0, struct.pack(">I", len(table.sync)), _big_endian(table.sync)))
    parts += [
        _stsc(table.chunk_samples),
        _full(b"stsz", 0, 0, struct.pack(">II", 0, len(table.sizes)), _big_endian(table.sizes)),
        _full(
            b"co64", 0, 0, struct.pack(">I", len(table.chunk_places)),
            _big_endian(array("Q", (place + media_offset for place in table.chunk_places))),
        ),
    ]  # fmt: skip
    return _box(b"stbl", *parts)


def _big_endian(values: array[int]) -> bytes:
    swapped = array(values.typecode, values)
    if sys.byteorder == "little":
        swapped.byteswap()
    return swapped.tobytes()


def _runs(kind: bytes, values: Iterable[int]) -> bytes:
    """Run-length table, as ``stts`` and ``ctts`` are."""
    pairs = [(sum(1 for _ in run), value) for value, run in groupby(values)]
    return _full(kind, 0, 0, struct.pack(">I", len(pairs)), b"".join(struct.pack(">II", *pair) for pair in pairs))


def _stsc(chunk_samples: array[int]) -> bytes:
    rows: list[bytes] = []
    before = 0
    for number, samples in enumerate(chunk_samples, 1):
        if samples != before:
            rows.append(struct.pack(">III", number, samples, 1))
            before = samples
    return _full(b"stsc", 0, 0, struct.pack(">I", len(rows)), b"".join(rows))


def _title(title: str) -> bytes:
    """``udta`` with the title where players look for it (``©nam`` of an ``mdir`` metadata list)."""
    data = _box(b"data", struct.pack(">II", 1, 0), title.encode())
    handler = _full(b"hdlr", 0, 0, struct.pack(">I4s4s8x", 0, b"mdir", b"appl"), b"\0")
    return _box(b"udta", _full(b"meta", 0, 0, handler, _box(b"ilst", _box(b"\xa9nam", data))))
