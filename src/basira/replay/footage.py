"""Which segments a stream has, and what is committed in each: the index read together with the files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from sqlalchemy import Engine, Row, Select, and_, func, or_, select, tuple_

from basira.base.clock import NS_PER_S, boot_id
from basira.base.errors import BasiraError
from basira.base.identifiers import SegmentKey, StreamKey
from basira.recording.layout import Commit, Gop, gops_of, unpack_gops, verify_commits, walk_commits
from basira.recording.schema import gaps as gaps_table
from basira.recording.schema import segments as segments_table
from basira.recording.schema import tombstones as tombstones_table

# No segment is longer: settings allow 600 s and a segment ends at the keyframe after that.
LONGEST_SEGMENT_NS: Final = 3600 * NS_PER_S

_COLUMNS = [column for column in segments_table.c if column.name not in ("gops", "storage", "sha256")]


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A row of the index. ``bytes`` and ``end_utc_ns`` of an open segment are as of the row's last update."""

    key: SegmentKey
    state: Literal["open", "closed", "recovered"]
    path: Path
    start_utc_ns: int
    end_utc_ns: int
    boot_id: str
    bytes: int
    init_length: int
    video_codec: str
    audio_codec: str | None
    width: int
    height: int

    @property
    def codecs(self) -> str:
        """RFC 6381 ``codecs`` parameter of the file."""
        return self.video_codec if self.audio_codec is None else f"{self.video_codec},{self.audio_codec}"

    def utc_ns(self, dts: int) -> int:
        """Wall-clock time of a media time in 1/90000 s since the segment's start."""
        return self.start_utc_ns + dts * 100_000 // 9


@dataclass(frozen=True, slots=True)
class Gap:
    """An interval in which the stream should have been recorded and was not; ``end_utc_ns`` None while it lasts."""

    start_utc_ns: int
    end_utc_ns: int | None
    cause: str
    detail: str


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What the disk says as a person is to hear it: BasiraError ``footage_deleted`` or ``footage_unreadable``."""
    try:
        yield
    except FileNotFoundError as error:
        raise BasiraError("footage_deleted", status=410) from error
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> BasiraError:
    """That the disk does not give back what was recorded, which deletes nothing."""
    return BasiraError("footage_unreadable", status=503, path=path.name, reason=error.strerror or str(error))


class Footage:
    """Recorded footage of one node, read only. Safe to share between threads."""

    def __init__(self, index: Engine, storage: Path) -> None:
        self._index = index
        self._storage = storage

    def segment(self, key: SegmentKey) -> StoredSegment | None:
        """One segment, or None when there is no such row (never written, or deleted)."""
        found = self._fetch(
            _select_segments(key.stream_key).where(
                segments_table.c.recording == key.recording, segments_table.c.segment == key.segment
            )
        )
        return found[0] if found else None

    def segment_from(self, stream: StreamKey, recording: int, segment: int) -> StoredSegment | None:
        """The first segment, in the order of recording, that is not before ``(recording, segment)``."""
        order = tuple_(segments_table.c.recording, segments_table.c.segment)
        found = self._fetch(
            _select_segments(stream)
            .where(order >= tuple_(recording, segment))
            .order_by(segments_table.c.recording, segments_table.c.segment)
            .limit(1)
        )
        return found[0] if found else None

    def first_after(self, stream: StreamKey, utc_ns: int) -> StoredSegment | None:
        """The segment with the earliest start at or after an instant."""
        found = self._fetch(
            _select_segments(stream).where(segments_table.c.start_utc_ns >= utc_ns).order_by(*_BY_START).limit(1)
        )
        return found[0] if found else None

    def was_deleted(self, stream: StreamKey, first: tuple[int, int], before: tuple[int, int]) -> bool:
        """Whether a tombstone stands between two places in the order of recording, ``before`` not included."""
        columns = tombstones_table.c
        order = tuple_(columns.recording, columns.segment)
        statement = select(columns.segment).where(
            columns.site == stream.site,
            columns.camera == stream.camera,
            columns.stream == stream.stream,
            order >= tuple_(*first),
            order < tuple_(*before),
        )
        with self._index.connect() as connection:
            return connection.execute(statement.limit(1)).first() is not None

    def newest_segment(self, stream: StreamKey) -> StoredSegment | None:
        """The segment recorded last, open or not."""
        found = self._fetch(
            _select_segments(stream)
            .order_by(segments_table.c.recording.desc(), segments_table.c.segment.desc())
            .limit(1)
        )
        return found[0] if found else None

    def segments(self, stream: StreamKey, start_utc_ns: int, end_utc_ns: int) -> list[StoredSegment]:
        """Segments that may overlap ``[start, end)``, by start: every open one before ``end`` is among them."""
        return self._fetch(_select_segments(stream).where(overlapping(start_utc_ns, end_utc_ns)).order_by(*_BY_START))

    def segments_with_gops(
        self, stream: StreamKey, start_utc_ns: int, end_utc_ns: int
    ) -> list[tuple[StoredSegment, list[Gop]]]:
        """As :meth:`segments`, with the committed GOPs of each; an open segment's come from its file."""
        statement = (
            _select_segments(stream)
            .add_columns(segments_table.c.gops)
            .where(overlapping(start_utc_ns, end_utc_ns))
            .order_by(*_BY_START)
        )
        with self._index.connect() as connection:
            rows = connection.execute(statement).all()
        found = ((self._stored(row), row.gops) for row in rows)
        return [
            (segment, gops_of(self.commits(segment)) if segment.state == "open" else unpack_gops(gops))
            for segment, gops in found
        ]

    def commits(self, segment: StoredSegment) -> list[Commit]:
        """What is committed in a segment's file now; empty when the file is gone.

        Raises BasiraError ``footage_unreadable``.
        """
        try:
            with reading(segment.path), segment.path.open("rb") as file:
                limit = vouched_length(file, segment)
                return [
                    commit for commit in walk_commits(file, segment.init_length) if limit is None or commit.end <= limit
                ]
        except BasiraError as error:
            if error.code != "footage_deleted":
                raise
            return []

    def end_utc_ns(self, segment: StoredSegment) -> int:
        """When what is recorded of a segment ends; for an open one, now; while it cannot be read, as of its row."""
        if segment.state != "open":
            return segment.end_utc_ns
        try:
            commits = self.commits(segment)
        except BasiraError:
            return segment.end_utc_ns
        return segment.utc_ns(commits[-1].dts + commits[-1].duration) if commits else segment.start_utc_ns

    def gaps(self, stream: StreamKey, start_utc_ns: int, end_utc_ns: int) -> list[Gap]:
        """Gaps that overlap ``[start, end)``, by start; none that were filled by what came late."""
        columns = gaps_table.c
        statement = (
            select(columns.start_utc_ns, columns.end_utc_ns, columns.cause, columns.detail)
            .where(
                columns.site == stream.site,
                columns.camera == stream.camera,
                columns.stream == stream.stream,
                columns.start_utc_ns < end_utc_ns,
                or_(
                    columns.end_utc_ns.is_(None),
                    and_(columns.end_utc_ns > start_utc_ns, columns.end_utc_ns > columns.start_utc_ns),
                ),
            )
            .order_by(columns.start_utc_ns)
        )
        with self._index.connect() as connection:
            return [Gap(*row) for row in connection.execute(statement)]

    def covered(
        self, stream: StreamKey, start_utc_ns: int, end_utc_ns: int, resolution_ns: int
    ) -> list[tuple[int, int]]:
        """First start and last end of the segments that begin in each slice of ``resolution_ns``, by time.

        Answered from the index ``segments_by_time`` alone.
        """
        statement = covered_statement(stream, start_utc_ns, end_utc_ns, resolution_ns)
        with self._index.connect() as connection:
            return [(start, end) for start, end in connection.execute(statement)]

    def _fetch(self, statement: Select[Any]) -> list[StoredSegment]:
        with self._index.connect() as connection:
            return [self._stored(row) for row in connection.execute(statement)]

    def _stored(self, row: Row[Any]) -> StoredSegment:
        return StoredSegment(
            SegmentKey(row.site, row.camera, row.stream, row.recording, row.segment),
            row.state,
            self._storage / row.path,
            row.start_utc_ns,
            row.end_utc_ns,
            row.boot_id,
            row.bytes,
            row.init_length,
            row.video_codec,
            row.audio_codec,
            row.width,
            row.height,
        )


_BY_START = (segments_table.c.start_utc_ns, segments_table.c.recording, segments_table.c.segment)


def _of_stream(stream: StreamKey) -> Any:
    columns = segments_table.c
    return and_(columns.site == stream.site, columns.camera == stream.camera, columns.stream == stream.stream)


def _select_segments(stream: StreamKey) -> Select[Any]:
    return select(*_COLUMNS).where(_of_stream(stream))


def overlapping(start_utc_ns: int, end_utc_ns: int) -> Any:
    """Rows that may overlap ``[start, end)``. The lower bound on the start lets SQLite seek in ``segments_by_time``."""
    columns = segments_table.c
    return and_(
        columns.start_utc_ns > start_utc_ns - LONGEST_SEGMENT_NS,
        columns.start_utc_ns < end_utc_ns,
        or_(columns.end_utc_ns > start_utc_ns, columns.state == "open"),
    )


def covered_statement(stream: StreamKey, start_utc_ns: int, end_utc_ns: int, resolution_ns: int) -> Select[Any]:
    """What :meth:`Footage.covered` asks."""
    columns = segments_table.c
    return (
        select(func.min(columns.start_utc_ns), func.max(columns.end_utc_ns))
        .where(_of_stream(stream), overlapping(start_utc_ns, end_utc_ns))
        .group_by(columns.start_utc_ns.op("/")(max(1, resolution_ns)))
        .order_by(func.min(columns.start_utc_ns))
    )


def vouched_length(file: BinaryIO, segment: StoredSegment) -> int | None:
    """How far a segment's file may be read; None: as far as it has COMMIT boxes.

    The index vouches for a closed or recovered segment. An open one of this boot is vouched for by its COMMIT boxes
    alone: what one process wrote, in order, another reads in order. After a power cut that order is not given any
    more, so until the recorder has recovered the file its digests are checked.
    """
    if segment.state != "open":
        return segment.bytes
    if segment.boot_id != boot_id():
        return verify_commits(file).length
    return None
