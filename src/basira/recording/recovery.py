"""Bringing the index and the files together again after a crash, or when the index is lost.

Files are verified and adopted; none is ever deleted, cut or changed. What cannot be adopted is reported.
"""

from __future__ import annotations

import enum
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Engine, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.base.identifiers import SegmentKey, StreamKey
from basira.recording import schema
from basira.recording.gaps import CAUSES
from basira.recording.index import Change, get_identity, put_clock_step, put_gap, put_identity, put_segment
from basira.recording.layout import SegmentHeader, is_unbegun, verify_commits
from basira.recording.paths import highest_recording, segment_path
from basira.recording.rows import ClockStepRow, GapRow, SegmentRow, row_of_verified

log = structlog.get_logger(__name__)

_SEGMENT: Final = re.compile(r"([0-9]{6,18})\.mp4")
_RECORDING: Final = re.compile(r"[0-9]{1,18}")
# Live rows and headers give a step's time a little differently; the same step is not written down twice.
_SAME_STEP_NS: Final = 600 * NS_PER_S


@dataclass(frozen=True, slots=True)
class FoundSegment:
    """A file below the storage folder whose place names a segment; nothing of it has been read yet."""

    path: Path
    key: SegmentKey


class Taken(enum.Enum):
    """What became of a file that recovery looked at."""

    ADOPTED = "adopted"
    UNBEGUN = "unbegun"
    REFUSED = "refused"


@dataclass(slots=True)
class Recovered:
    """What recovery did."""

    closed: list[SegmentRow] = field(default_factory=list)
    adopted: list[SegmentRow] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unbegun: list[str] = field(default_factory=list)
    refused: dict[str, BasiraError] = field(default_factory=dict)


def recording_folders(root: Path, site: str) -> Iterator[tuple[StreamKey, int, Path]]:
    """Every folder in the place of a recording, with its stream and number, in order."""
    for camera in _folders(root):
        for stream in _folders(camera):
            for recording in _folders(stream):
                if _RECORDING.fullmatch(recording.name):
                    yield StreamKey(site, camera.name, stream.name), int(recording.name), recording


def segments_in(recording: Path, stream: StreamKey) -> Iterator[FoundSegment]:
    """Every file in the place of a segment of that recording, in order."""
    for entry in sorted(recording.iterdir()):
        named = _SEGMENT.fullmatch(entry.name)
        if named and _may_be_file(entry):
            yield FoundSegment(entry, SegmentKey(*stream, int(recording.name), int(named.group(1))))


def find_streams(root: Path, site: str) -> list[StreamKey]:
    """The streams that have a folder."""
    return [
        StreamKey(site, camera.name, stream.name)
        for camera in _folders(root)
        for stream in _folders(camera)
        if stream.name in ("main", "sub")
    ]


def next_recording(connection: Connection, root: Path, stream: StreamKey) -> int:
    """A recording number that index, tombstones and folders have never held."""
    numbers = [highest_recording(root / stream.camera / stream.stream)]
    for table in (schema.recordings, schema.segments, schema.tombstones):
        query = select(func.max(table.c.recording)).where(*_of(table, stream))
        numbers.append(connection.execute(query).scalar_one_or_none() or 0)
    return max(numbers) + 1


def verify_file(root: Path, storage: str, found: FoundSegment) -> SegmentRow | BasiraError:
    """The row of a file as its own digests vouch for it, or why it has none."""
    row = _read(root, storage, found)
    return row[0] if isinstance(row, tuple) else row


def close_open_rows(
    root: Path, storage: str, connection: Connection, call: Callable[[Change], Any], result: Recovered
) -> None:
    """Rows that a crash left open get what their files vouch for."""
    table = schema.segments
    rows = connection.execute(select(table).where(table.c.state == "open")).all()
    for row in rows:
        key = SegmentKey(row.site, row.camera, row.stream, row.recording, row.segment)
        path = root / row.path
        if _is_gone(path):
            result.missing.append(row.path)
            log.error("segment_file_missing", path=row.path)
            continue
        found = FoundSegment(path, key)
        if _take(root, storage, found, call, result.closed, result) is Taken.UNBEGUN:
            # The row was made with the first fragment; the disk lost that before it was ever synced.
            call(_emptied(key, row.start_utc_ns))


def adopt(
    root: Path,
    storage: str,
    found: Iterable[FoundSegment],
    call: Callable[[Change], Any],
    result: Recovered,
    *,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Give each of these files, which have no row, its row, its gaps and its clock step."""
    for segment in found:
        if stop():
            return
        _take(root, storage, segment, call, result.adopted, result)


def without_row(
    root: Path, site: str, connection: Connection, *, before: dict[StreamKey, int] | None = None
) -> Iterator[FoundSegment]:
    """Files that the index does not know, deleted ones left aside; one recording is looked at after another.

    ``before`` bounds the recordings looked at per stream, so that what this run writes is not mistaken for lost.
    """
    bounds = before or {}
    for stream, recording, folder in recording_folders(root, site):
        if recording < bounds.get(stream, recording + 1):
            known = known_segments(connection, stream, recording)
            yield from (found for found in segments_in(folder, stream) if found.key.segment not in known)


def known_segments(connection: Connection, stream: StreamKey, recording: int) -> set[int]:
    """The segments of a recording that have a row or a tombstone."""
    known: set[int] = set()
    for table in (schema.segments, schema.tombstones):
        query = select(table.c.segment).where(*_of(table, stream), table.c.recording == recording)
        known.update(connection.execute(query).scalars())
    return known


def bury_missing(
    root: Path, engine: Engine, is_present: Callable[[], bool], call: Callable[[Change], Any], utc_ns: int
) -> int:
    """For an index older than its files: rows of files that are gone become tombstones, ``why`` being ``unknown``.

    What was deleted after the index was copied cannot be told from what was lost. Returns how many.
    """
    table, buried = schema.segments, 0
    with engine.connect() as connection:
        paths = connection.execute(select(*table.primary_key.columns, table.c.path)).all()
    for *key, path in paths:
        if not _is_gone(root / path) or not is_present():
            continue
        log.warning("segment_gone_since_index", path=path)
        call(_buried(SegmentKey(*key), utc_ns))
        buried += 1
    return buried


def _is_gone(path: Path) -> bool:
    """Whether the disk says that there is no such file; one that it cannot tell about is not gone."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError as error:
        log.warning("segment_unreadable", path=str(path), reason=error.strerror)
    return False


def _may_be_file(path: Path) -> bool:
    """Whether a name stands for a file, as far as the disk tells."""
    try:
        return path.is_file()
    except OSError:
        return True


def _buried(key: SegmentKey, utc_ns: int) -> Change:
    names = ("path", "start_utc_ns", "end_utc_ns", "bytes", "sha256")

    def change(connection: Connection) -> None:
        table = schema.segments
        where = [table.c[name] == value for name, value in key._asdict().items()]
        row = connection.execute(select(*[table.c[name] for name in names]).where(*where)).first()
        if row is not None:
            values = {**key._asdict(), **row._mapping, "why": "unknown", "tombstoned_utc_ns": utc_ns}
            values["unlinked_utc_ns"] = utc_ns
            connection.execute(insert(schema.tombstones).values(values).on_conflict_do_nothing())
            connection.execute(delete(table).where(*where))

    return change


def rebuild_index(root: Path, index: Engine, site: str, storage: str) -> Recovered:
    """Fill an empty or incomplete index from the files alone: segments, recordings, gaps, clock steps.

    What files cannot tell: when deleted segments were deleted (tombstones), and a gap that no segment has ended.
    Nothing else may write the index meanwhile.
    """

    def call(change: Change) -> Any:
        with index.begin() as connection:
            return change(connection)

    result = Recovered()
    with index.connect() as connection:
        expected = get_identity(connection, "storage")
    if expected is None:
        call(lambda connection: put_identity(connection, "storage", storage))
    with index.connect() as connection:
        close_open_rows(root, storage, connection, call, result)
    with index.connect() as connection:
        adopt(root, storage, without_row(root, site, connection), call, result)
    return result


def _take(
    root: Path,
    storage: str,
    found: FoundSegment,
    call: Callable[[Change], Any],
    into: list[SegmentRow],
    result: Recovered,
) -> Taken:
    read = _read(root, storage, found)
    if isinstance(read, BasiraError):
        relative = str(found.path.relative_to(root))
        if read.code == "segment_header_damaged" and _is_unbegun(found.path):
            result.unbegun.append(relative)
            log.warning("segment_empty", path=relative)
            return Taken.UNBEGUN
        result.refused[relative] = read
        log.warning("segment_not_adopted", path=relative, reason=str(read))
        return Taken.REFUSED
    row, header = read

    def change(connection: Connection) -> None:
        put_segment(connection, row)
        _put_facts(connection, header)

    call(change)
    into.append(row)
    log.info("segment_recovered", path=row.path, state=row.state, fragments=row.fragments, bytes=row.length)
    return Taken.ADOPTED


def _is_unbegun(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_unbegun(file)
    except OSError:
        return False


def _emptied(key: SegmentKey, start_utc_ns: int) -> Change:
    """The row of a file in which nothing was recorded after all."""
    table = schema.segments
    where = [table.c[name] == value for name, value in key._asdict().items()]
    values = {"state": "recovered", "bytes": 0, "fragments": 0, "gops": b"", "sha256": b"", "end_utc_ns": start_utc_ns}
    return lambda connection: connection.execute(update(table).where(*where).values(values))


def _read(root: Path, storage: str, found: FoundSegment) -> tuple[SegmentRow, SegmentHeader] | BasiraError:
    relative = str(found.path.relative_to(root))
    try:
        with found.path.open("rb") as file:
            verified = verify_commits(file)
    except BasiraError as error:
        return error
    except OSError as error:
        return BasiraError("segment_unreadable", path=relative, reason=error.strerror or "?")
    if verified.header.key() != found.key:
        return BasiraError("segment_duplicate_place", path=relative, key=str(segment_path(verified.header.key())))
    try:
        return row_of_verified(verified, relative, storage), verified.header
    except (struct.error, OverflowError):  # its digests are right, and it says what no recorder writes
        return BasiraError("segment_header_damaged", path=relative, reason="times out of range")


def _put_facts(connection: Connection, header: SegmentHeader) -> None:
    stream = header.key().stream_key
    for gap in header.gaps:
        cause = [known for known in CAUSES if known == gap.cause]
        put_gap(
            connection,
            GapRow(stream, gap.start_utc_ns, gap.end_utc_ns, cause[0] if cause else "unknown", gap.detail),
        )
    if header.clock_step_ns:
        table = schema.clock_steps
        known = connection.execute(
            select(table.c.id).where(
                table.c.boot_id == header.boot_id,
                table.c.mono_ns.between(header.start_mono_ns - _SAME_STEP_NS, header.start_mono_ns + _SAME_STEP_NS),
            )
        ).first()
        if known is None:
            put_clock_step(
                connection,
                ClockStepRow(
                    header.site, header.start_utc_ns, header.start_mono_ns, header.boot_id, header.clock_step_ns
                ),
            )


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if entry.is_dir() and entry.name != "lost+found")


def _of(table: Any, stream: StreamKey) -> tuple[Any, Any, Any]:
    return table.c.site == stream.site, table.c.camera == stream.camera, table.c.stream == stream.stream


def last_recorded(connection: Connection, stream: StreamKey) -> tuple[int, str, bytes | None] | None:
    """End (UTC nanoseconds), boot and hash of the stream's newest segment."""
    table = schema.segments
    row = connection.execute(
        select(table.c.end_utc_ns, table.c.boot_id, table.c.sha256)
        .where(*_of(table, stream))
        .order_by(table.c.recording.desc(), table.c.segment.desc())
        .limit(1)
    ).first()
    return None if row is None else (int(row.end_utc_ns), str(row.boot_id), row.sha256)


def gaps_since(connection: Connection, stream: StreamKey, utc_ns: int) -> list[GapRow]:
    """Gaps that no segment file can know yet: the open one, and those that began at or after ``utc_ns``."""
    table = schema.gaps
    rows = connection.execute(
        select(table)
        .where(*_of(table, stream), (table.c.start_utc_ns >= utc_ns) | table.c.end_utc_ns.is_(None))
        .order_by(table.c.start_utc_ns)
    ).all()
    return [GapRow(stream, row.start_utc_ns, row.end_utc_ns, row.cause, row.detail) for row in rows]


def newest_files(root: Path, connection: Connection, stream: StreamKey) -> list[FoundSegment]:
    """The last few files of the stream's newest recording that have no row."""
    folder = root / stream.camera / stream.stream
    newest = folder / f"{highest_recording(folder):08d}"
    if not newest.is_dir():
        return []
    known = known_segments(connection, stream, int(newest.name))
    return [found for found in segments_in(newest, stream) if found.key.segment not in known][-3:]
