"""Any span of a stream as MP4 files that every player opens, the recorded samples byte for byte.

What is in the files: every frame from the start of the GOP that holds the span's start, up to the span's end; of
frames predicted from later ones, those later ones too. What a file promises: its creation time plus a position in it
is wall-clock time. So where nothing was recorded for at most ``LONGEST_HOLD_S`` the last picture is held for as long,
and where it was longer, or the clock was set back, or the format changed, a new file begins.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey
from basira.recording.layout import VIDEO_TIMESCALE
from basira.replay.footage import Footage, StoredSegment
from basira.replay.hls import rfc3339
from basira.replay.progressive import TrackTable, head_of
from basira.replay.ranges import JITTER_NS, Part, parts_of
from basira.replay.samples import Sample, Track, media_time_of, utc_of
from basira.replay.segment_file import Fragment, SegmentFile

LONGEST_HOLD_S: Final = 10.0
_COPY_BYTES: Final = 1024**2


class ExportCancelled(Exception):
    """Raised when ``progress`` said to stop; no file is left."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A finished file. ``start_utc_ns`` is its time 0; ``frames`` counts video frames."""

    name: str
    bytes: int
    sha256: str
    start_utc_ns: int
    end_utc_ns: int
    frames: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """Bytes to copy from a segment's file."""

    segment: StoredSegment
    offset: int
    size: int


@dataclass(slots=True)
class _Plan:
    """One file to be written."""

    start_utc_ns: int
    tables: dict[int, TrackTable]
    pieces: list[_Piece] = field(default_factory=list)
    media_bytes: int = 0
    previous: StoredSegment | None = None
    delay: int = 0  # 1/90000 s by which the first picture is shown after it is decoded, because of reordering
    hidden_frames: int = 0  # at or after the span's end, kept because earlier ones are predicted from them

    @property
    def video(self) -> TrackTable:
        return next(table for table in self.tables.values() if table.track.kind == "video")

    @property
    def end_utc_ns(self) -> int:
        return utc_of(self.video.shown_until or self.video.end, VIDEO_TIMESCALE, self.start_utc_ns)

    def take(self, segment: StoredSegment, fragment_offset: int, samples: list[Sample], track: int, shift: int) -> None:
        """Append samples of one track of one fragment; neighbours in the file stay neighbours."""
        for run in _side_by_side(samples):
            size = sum(sample.size for sample in run)
            self.tables[track].append(run, shift, self.media_bytes)
            self.pieces.append(_Piece(segment, fragment_offset + run[0].offset, size))
            self.media_bytes += size


def _side_by_side(samples: list[Sample]) -> Iterator[list[Sample]]:
    run: list[Sample] = []
    for sample in samples:
        if run and run[-1].offset + run[-1].size != sample.offset:
            yield run
            run = []
        run.append(sample)
    if run:
        yield run


def bytes_of(parts: Iterable[Part]) -> int:
    """An upper bound of what exporting ``parts`` writes, within a per cent."""
    return sum(part.length for part in parts) + 65_536


def export_stream(
    footage: Footage,
    stream: StreamKey,
    start_utc_ns: int,
    end_utc_ns: int,
    folder: Path,
    *,
    title: str,
    progress: Callable[[int], bool] = lambda _: True,
    on_loss: Callable[[StoredSegment, BasiraError], None] | None = None,
) -> Iterator[ExportedFile]:
    """Write the span's files into ``folder``, one after another, each under its name only when it is whole and synced.

    ``progress`` is given the bytes written since its last call and returns False to stop, which raises
    ExportCancelled. A segment that is deleted or damaged is told to ``on_loss`` and left out; without it, or when the
    file is already being written, BasiraError ``footage_deleted`` and the like are raised. Nothing recorded: no file.
    """
    for plan in _plans(parts_of(footage, stream, start_utc_ns, end_utc_ns), end_utc_ns, on_loss or _refuse):
        name = _free_name(folder, f"{stream.camera}_{stream.stream}_{_stamp(plan.start_utc_ns)}")
        partial = folder / f"{name}.partial"
        try:
            exported = _write(plan, partial, name, f"{title} {rfc3339(plan.start_utc_ns)}", progress)
            partial.rename(folder / name)
        finally:
            partial.unlink(missing_ok=True)
        yield exported


def _refuse(_: StoredSegment, error: BasiraError) -> None:
    raise error


def _stamp(utc_ns: int) -> str:
    return datetime.fromtimestamp(utc_ns // NS_PER_S, UTC).strftime("%Y%m%dT%H%M%SZ")


def _free_name(folder: Path, stem: str) -> str:
    """Two files can begin in one second when the clock was set back."""
    name, number = f"{stem}.mp4", 2
    while (folder / name).exists():
        name, number = f"{stem}-{number}.mp4", number + 1
    return name


def _plans(
    parts: Iterable[Part], end_utc_ns: int, on_loss: Callable[[StoredSegment, BasiraError], None]
) -> Iterator[_Plan]:
    plan: _Plan | None = None
    for part in parts:
        try:
            tracks, fragments = _read_part(part)
        except BasiraError as error:
            on_loss(part.segment, error)
            continue
        place = None if plan is None else _continues_at(plan, part, tracks)
        if plan is None or place is None:
            if plan is not None and plan.video.sizes:
                yield plan
            plan = _Plan(part.start_utc_ns, {track.id: TrackTable(track) for track in tracks.values()})
            place = 0
        _take_part(plan, part, fragments, place, end_utc_ns)
        plan.previous = part.segment
    if plan is not None and plan.video.sizes:
        yield plan


def _read_part(part: Part) -> tuple[dict[int, Track], list[Fragment]]:
    """Tracks and fragments of a part: all that is read before its media is copied."""
    with SegmentFile(part.segment) as file:
        return file.tracks, [fragment for gop in part.gops for fragment in file.fragments(gop)]


def _continues_at(plan: _Plan, part: Part, tracks: dict[int, Track]) -> int | None:
    """Where in the file (1/90000 s) a part goes on; None when it needs a new file."""
    entries = {number: table.track.sample_entry for number, table in plan.tables.items()}
    if {number: track.sample_entry for number, track in tracks.items()} != entries:
        return None
    off_ns = part.start_utc_ns - plan.end_utc_ns
    if off_ns < -JITTER_NS or off_ns > LONGEST_HOLD_S * NS_PER_S:
        return None
    before, here = plan.previous, part.segment
    follows = before is not None and before.key._replace(segment=before.key.segment + 1) == here.key
    if off_ns <= 0 or (follows and off_ns <= JITTER_NS):
        return plan.video.end
    return media_time_of(part.start_utc_ns, plan.start_utc_ns)


def _take_part(plan: _Plan, part: Part, fragments: list[Fragment], place: int, end_utc_ns: int) -> None:
    shift_90k = place - part.gops[0].dts
    video = plan.video.track.id
    pictures = [sample for fragment in fragments for sample in fragment.samples.get(video, ())]
    if not plan.pieces and pictures:
        plan.delay = pictures[0].pts - pictures[0].dts
    limit = media_time_of(end_utc_ns, part.segment.start_utc_ns) + plan.delay
    last_kept = max((sample.dts for sample in pictures if sample.pts < limit), default=-1)
    plan.hidden_frames = sum(sample.dts <= last_kept and sample.pts >= limit for sample in pictures)
    plan.video.shown_until = limit - plan.delay + shift_90k if plan.hidden_frames else None
    for fragment in fragments:
        for number, samples in fragment.samples.items():
            scale = plan.tables[number].track.timescale
            if number == video:
                shift = shift_90k
                kept = [sample for sample in samples if sample.dts <= last_kept]
            else:
                shift, end = (shift_90k - plan.delay) * scale // VIDEO_TIMESCALE, limit * scale // VIDEO_TIMESCALE
                kept = [one for one in samples if one.dts + one.duration + shift > 0 and one.dts < end]
            plan.take(part.segment, fragment.offset, kept, number, shift)


def _write(plan: _Plan, path: Path, name: str, title: str, progress: Callable[[int], bool]) -> ExportedFile:
    tables = [table for table in plan.tables.values() if table.sizes]
    head = head_of(tables, plan.media_bytes, plan.start_utc_ns, title)
    digest = hashlib.sha256(head)
    with path.open("xb") as out:
        out.write(head)
        for data in _media(plan.pieces):
            out.write(data)
            digest.update(data)
            if not progress(len(data)):
                raise ExportCancelled
        out.flush()
        os.fsync(out.fileno())
    return ExportedFile(
        name,
        len(head) + plan.media_bytes,
        digest.hexdigest(),
        plan.start_utc_ns,
        plan.end_utc_ns,
        len(plan.video.sizes) - plan.hidden_frames,
    )


def _media(pieces: Iterable[_Piece]) -> Iterator[bytes]:
    """Bytes of the pieces, each segment's file opened once."""
    file: SegmentFile | None = None
    try:
        for piece in pieces:
            if file is None or file.stored is not piece.segment:
                if file is not None:
                    file.close()
                file = SegmentFile(piece.segment)
            for start in range(0, piece.size, _COPY_BYTES):
                size = min(_COPY_BYTES, piece.size - start)
                data = file.read(piece.offset + start, size)
                if len(data) != size:
                    raise BasiraError("footage_deleted", status=410)
                yield data
    finally:
        if file is not None:
            file.close()
