"""Samples of a recorded fragment, read from its ``moof`` without a demuxer: exact bytes, exact times.

Only what ``basira.recording`` writes is understood: movie fragments whose data offsets count from the ``moof``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Final, Literal, NamedTuple

from basira.recording.layout import VIDEO_TIMESCALE

# Sample entries of ISO/IEC 14496-15 and -14, by FFmpeg's name of the codec.
_CODECS: Final[dict[bytes, str]] = {
    b"avc1": "h264", b"avc3": "h264", b"hvc1": "hevc", b"hev1": "hevc", b"av01": "av1", b"mp4a": "aac",
    b"jpeg": "mjpeg", b"mp4v": "mpeg4",
}  # fmt: skip
_CONTAINERS: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf"})
_VISUAL_ENTRY_LENGTH: Final = 86
_AUDIO_ENTRY_LENGTH: Final = 36
_NOT_SYNC: Final = 0x0001_0000
# A file may hold anything: no box lies deeper, and no fragment of a second holds more samples.
_DEEPEST: Final = 8
_MOST_SAMPLES: Final = 100_000
_MALFORMED: Final = (struct.error, IndexError, KeyError)


@dataclass(frozen=True, slots=True)
class Box:
    """A box inside a byte string; ``start`` is its first byte, ``body`` the first after its header."""

    kind: bytes
    start: int
    body: int
    end: int


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Boxes that lie side by side in ``data[start:end]``. Raises ValueError when they do not fill it."""
    end = len(data) if end is None else end
    while start < end:
        if end - start < 8:
            raise ValueError("box header does not fit")
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1:
            if end - body < 8:
                raise ValueError("box header does not fit")
            size = struct.unpack_from(">Q", data, body)[0]
            body += 8
        if size < body - start or start + size > end:
            raise ValueError(f"box {kind!r} does not fit")
        yield Box(kind, start, body, start + size)
        start += size


def descend(
    data: bytes, start: int = 0, end: int | None = None, depth: int = 0
) -> Iterator[tuple[tuple[bytes, ...], Box]]:
    """Every box below, with the path of its containers, in file order. Raises ValueError."""
    if depth > _DEEPEST:
        raise ValueError("boxes lie too deep")
    for box in boxes(data, start, end):
        yield (box.kind,), box
        if box.kind in _CONTAINERS:
            for path, inner in descend(data, box.body, box.end, depth + 1):
                yield (box.kind, *path), inner


@dataclass(frozen=True, slots=True)
class Track:
    """One track as the initialisation section describes it.

    ``codec`` is FFmpeg's name, ``extradata`` what its decoder wants, ``sample_entry`` the whole entry of the
    ``stsd`` box: two segments whose entries are equal can share one file.
    """

    id: int
    kind: Literal["video", "audio"]
    codec: str
    timescale: int
    extradata: bytes
    sample_entry: bytes
    trak: bytes
    default_duration: int
    default_size: int
    default_flags: int


def read_tracks(init: bytes) -> dict[int, Track]:
    """Tracks of an initialisation section (``ftyp`` … ``moov``), by id. Raises ValueError when it is not one."""
    try:
        return _read_tracks(init)
    except _MALFORMED as error:
        raise ValueError(f"not an initialisation section: {error}") from error


def _read_tracks(init: bytes) -> dict[int, Track]:
    moov = next((box for box in boxes(init) if box.kind == b"moov"), None)
    if moov is None:
        raise ValueError("no moov box")
    defaults: dict[int, tuple[int, int, int]] = {}
    for path, box in descend(init, moov.body, moov.end):
        if path == (b"mvex", b"trex"):
            track_id, _, duration, size, flags = struct.unpack_from(">5I", init, box.body + 4)
            defaults[track_id] = (duration, size, flags)
    tracks = (
        _read_track(init[box.start : box.end], defaults)
        for box in boxes(init, moov.body, moov.end)
        if box.kind == b"trak"
    )
    return {track.id: track for track in tracks}


def _read_track(trak: bytes, defaults: dict[int, tuple[int, int, int]]) -> Track:
    inside = {path[1:]: box for path, box in descend(trak)}
    tkhd, mdhd = inside[(b"tkhd",)], inside[(b"mdia", b"mdhd")]
    handler = trak[inside[(b"mdia", b"hdlr")].body + 8 :][:4]
    stsd = inside[(b"mdia", b"minf", b"stbl", b"stsd")]
    entry = next(boxes(trak, stsd.body + 8, stsd.end), None)
    if entry is None:
        raise ValueError("no sample entry")
    track_id = struct.unpack_from(">I", trak, tkhd.body + (20 if trak[tkhd.body] == 1 else 12))[0]
    timescale = struct.unpack_from(">I", trak, mdhd.body + (20 if trak[mdhd.body] == 1 else 12))[0]
    kind: Literal["video", "audio"] = "video" if handler == b"vide" else "audio"
    return Track(
        track_id,
        kind,
        _CODECS.get(entry.kind, entry.kind.decode("latin-1")),
        timescale,
        _extradata(trak, entry, kind),
        trak[entry.start : entry.end],
        trak,
        *defaults.get(track_id, (0, 0, 0)),
    )


def _extradata(data: bytes, entry: Box, kind: str) -> bytes:
    header = _VISUAL_ENTRY_LENGTH if kind == "video" else _AUDIO_ENTRY_LENGTH
    for box in boxes(data, entry.start + header, entry.end):
        if box.kind in (b"avcC", b"hvcC", b"av1C"):
            return data[box.body : box.end]
        if box.kind == b"esds":
            return _decoder_specific_info(data[box.body + 4 : box.end])
    return b""


def _decoder_specific_info(descriptor: bytes) -> bytes:
    """The DecoderSpecificInfo inside an ES_Descriptor (ISO/IEC 14496-1, 7.2.6)."""
    at = 0
    while at < len(descriptor):
        tag, at = descriptor[at], at + 1
        size = 0
        while True:
            byte, at = descriptor[at], at + 1
            size = size << 7 | byte & 0x7F
            if not byte & 0x80:
                break
        if tag == 0x03:
            at += 3  # ES_ID and flags; Basira sets no optional field
        elif tag == 0x04:
            at += 13
        elif tag == 0x05:
            return descriptor[at : at + size]
        else:
            at += size
    return b""


class Sample(NamedTuple):
    """One sample. ``offset`` counts from the first byte of the ``moof``; times are in the track's timescale."""

    offset: int
    size: int
    dts: int
    pts: int
    duration: int
    sync: bool


def read_samples(moof: bytes, tracks: dict[int, Track]) -> dict[int, list[Sample]]:
    """Samples of each track of a fragment, in decode order. ``moof`` may be followed by its ``mdat``.

    Raises ValueError when it is not a fragment of these tracks.
    """
    try:
        return _read_samples(moof, tracks)
    except _MALFORMED as error:
        raise ValueError(f"not a fragment: {error}") from error


def _read_samples(moof: bytes, tracks: dict[int, Track]) -> dict[int, list[Sample]]:
    head = next(boxes(moof, 0, struct.unpack_from(">I", moof)[0]), None)
    if head is None or head.kind != b"moof":
        raise ValueError("not a moof box")
    samples: dict[int, list[Sample]] = {}
    for traf in boxes(moof, head.body, head.end):
        if traf.kind == b"traf":
            _read_traf(moof, traf, tracks, samples)
    return samples


def _read_traf(moof: bytes, traf: Box, tracks: dict[int, Track], samples: dict[int, list[Sample]]) -> None:
    dts = 0
    track: Track | None = None
    duration = size = flags = 0
    for box in boxes(moof, traf.body, traf.end):
        if box.kind == b"tfhd":
            track, duration, size, flags = _read_tfhd(moof, box, tracks)
        elif box.kind == b"tfdt":
            dts = struct.unpack_from(">Q" if moof[box.body] == 1 else ">I", moof, box.body + 4)[0]
        elif box.kind == b"trun":
            if track is None:
                raise ValueError("trun before tfhd")
            run = _read_trun(moof, box, dts, (duration, size, flags))
            samples.setdefault(track.id, []).extend(run)
            dts = run[-1].dts + run[-1].duration if run else dts


def _read_tfhd(moof: bytes, box: Box, tracks: dict[int, Track]) -> tuple[Track, int, int, int]:
    present, track_id = struct.unpack_from(">II", moof, box.body)
    track = tracks[track_id]
    at = box.body + 8
    if present & 0x000001:
        raise ValueError("base data offset is not understood")
    at += 4 if present & 0x000002 else 0
    values = [track.default_duration, track.default_size, track.default_flags]
    for index, bit in enumerate((0x000008, 0x000010, 0x000020)):
        if present & bit:
            values[index] = struct.unpack_from(">I", moof, at)[0]
            at += 4
    return track, values[0], values[1], values[2]


def _read_trun(moof: bytes, box: Box, dts: int, defaults: tuple[int, int, int]) -> list[Sample]:
    version_flags, count = struct.unpack_from(">II", moof, box.body)
    if count > _MOST_SAMPLES:
        raise ValueError("too many samples")
    signed, present = version_flags >> 24 >= 1, version_flags & 0xFFFFFF
    at = box.body + 8
    offset = 0
    first_flags: int | None = None
    if present & 0x000001:
        offset = struct.unpack_from(">i", moof, at)[0]
        at += 4
    if present & 0x000004:
        first_flags = struct.unpack_from(">I", moof, at)[0]
        at += 4
    columns = [bit for bit in (0x000100, 0x000200, 0x000400, 0x000800) if present & bit]
    row = struct.Struct(">" + "".join("i" if bit == 0x000800 and signed else "I" for bit in columns))
    if at + count * row.size > box.end:
        raise ValueError("fewer samples than it says")
    rows = row.iter_unpack(moof[at : at + count * row.size]) if columns else repeat((), count)
    run: list[Sample] = []
    for values in rows:
        found = dict(zip(columns, values, strict=True))
        duration = found.get(0x000100, defaults[0])
        size = found.get(0x000200, defaults[1])
        flags = found.get(0x000400, defaults[2] if run or first_flags is None else first_flags)
        run.append(Sample(offset, size, dts, dts + found.get(0x000800, 0), duration, not flags & _NOT_SYNC))
        offset += size
        dts += duration
    return run


def utc_of(time: int, timescale: int, segment_start_utc_ns: int) -> int:
    """Wall-clock time of a media time that counts from the segment's start."""
    return segment_start_utc_ns + time * 1_000_000_000 // timescale


def media_time_of(utc_ns: int, segment_start_utc_ns: int, timescale: int = VIDEO_TIMESCALE) -> int:
    """Inverse of :func:`utc_of`; negative before the segment."""
    return (utc_ns - segment_start_utc_ns) * timescale // 1_000_000_000
