"""Every invariant of docs/durability.md that index and files can show, verified. Changes and deletes nothing.

Works on a live store, beside a running recorder, and on a cold one.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from sqlalchemy import Connection, Engine, Row, Table, select, tuple_

from basira.base.errors import BasiraError
from basira.base.identifiers import SegmentKey, StreamKey
from basira.base.sentences import sentence_of
from basira.recording import schema
from basira.recording.layout import gops_of, is_unbegun, pack_gops, read_header, walk_commits
from basira.recording.paths import segment_path
from basira.recording.recovery import known_segments, recording_folders, segments_in
from basira.recording.rows import end_of

Severity = Literal["info", "warning", "error"]
_CHUNK: Final = 1 << 20
_FRESH_S: Final = 60.0
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. ``invariant`` is its number in docs/durability.md."""

    code: str
    severity: Severity
    invariant: int
    params: dict[str, str | int | float] = field(default_factory=dict)

    def message(self, language: str) -> str:
        """What is wrong and what to do, in ``ar`` or ``en``."""
        return sentence_of(self.code, language, self.params)


@dataclass(slots=True)
class Checked:
    """How much was looked at."""

    rows: int = 0
    files: int = 0
    bytes_hashed: int = 0


class Check:
    """One pass over the store. ``full`` also reads and hashes every byte vouched for.

    ``recorder_running``: then files being written and rows not yet there are no findings. ``pace`` is called after
    each piece that was read, with its length, and may sleep; ``past_cache``: what is read comes from the disk itself,
    as far as the kernel allows, and does not stay in memory.
    """

    def __init__(
        self,
        index: Engine,
        root: Path,
        site: str,
        *,
        full: bool = False,
        recorder_running: bool = False,
        progress: Callable[[Checked], None] = lambda _: None,
        pace: Callable[[int], None] = lambda _: None,
        past_cache: bool = False,
    ) -> None:
        self.checked = Checked()
        self._index = index
        self._root = root
        self._site = site
        self._full = full
        self._running = recorder_running
        self._progress = progress
        self._pace = pace
        self._past_cache = past_cache

    def findings(self) -> Iterator[Finding]:
        """Found one after another; stop asking to stop checking. Nothing grows with the size of the store."""
        with self._index.connect() as connection:
            yield from self._gaps(connection)
        for row in self._pages(schema.segments):
            yield from self.segment(row)
            self.checked.rows += 1
            self._progress(self.checked)
        yield from self._files()
        if not self._running:
            for row in self._pages(schema.tombstones):
                if row.unlinked_utc_ns is None:
                    yield Finding("deletion_unfinished", "info", 5, {"path": row.path})

    def _pages(self, table: Table) -> Iterator[Row[Any]]:
        """The rows of a table by key, in short reads, so that a recorder beside us is not held up."""
        key = [table.c[name] for name in SegmentKey._fields]
        after: tuple[Any, ...] | None = None
        while True:
            query = select(table).order_by(*key).limit(_PAGE)
            if after is not None:
                query = query.where(tuple_(*key) > tuple_(*after))
            with self._index.connect() as connection:
                rows = connection.execute(query).all()
            yield from rows
            if len(rows) < _PAGE:
                return
            after = tuple(getattr(rows[-1], name) for name in SegmentKey._fields)

    def segment(self, row: Row[Any]) -> Iterator[Finding]:
        """What is wrong with one row of ``segments`` and its file."""
        path = self._root / row.path
        key = SegmentKey(row.site, row.camera, row.stream, row.recording, row.segment)
        if row.path != str(segment_path(key)):
            yield Finding("segment_duplicate_place", "error", 2, {"path": row.path, "key": str(segment_path(key))})
        try:
            file = path.open("rb")
        except FileNotFoundError:
            if not self._is_being_deleted(key):
                yield Finding("segment_file_missing", "error", 1, {"path": row.path})
            return
        except OSError as error:
            yield Finding("segment_unreadable", "error", 1, {"path": row.path, "reason": error.strerror or "?"})
            return
        with file:
            try:
                yield from self._open_row(row, file) if row.state == "open" else self._finished_row(row, file)
            except OSError as error:
                yield Finding("segment_unreadable", "error", 1, {"path": row.path, "reason": error.strerror or "?"})
            except BasiraError as error:
                yield Finding(error.code, "error", 1, dict(error.params))

    def _open_row(self, row: Row[Any], file: BinaryIO) -> Iterator[Finding]:
        read_header(file)
        if not self._running:
            yield Finding("segment_open_for_long", "warning", 4, {"path": row.path})

    def _finished_row(self, row: Row[Any], file: BinaryIO) -> Iterator[Finding]:
        found = Path(file.name).stat().st_size
        if found < row.bytes:
            params: dict[str, str | int | float] = {"path": row.path, "found": found, "expected": row.bytes}
            yield Finding("segment_file_short", "error", 1, params)
            return
        if row.bytes == 0:
            return
        header, init_length = read_header(file)
        if header.key() != SegmentKey(row.site, row.camera, row.stream, row.recording, row.segment):
            yield Finding(
                "segment_duplicate_place", "error", 2, {"path": row.path, "key": str(segment_path(header.key()))}
            )
            return
        commits = [commit for commit in walk_commits(file, init_length) if commit.end <= row.bytes]
        reason = ""
        if init_length != row.init_length or header.start_utc_ns != row.start_utc_ns:
            reason = "header"
        elif len(commits) != row.fragments or (commits[-1].end if commits else init_length) != row.bytes:
            reason = "fragments"
        elif pack_gops(gops_of(commits)) != bytes(row.gops):
            reason = "gops"
        elif end_of(header, commits) != row.end_utc_ns:
            reason = "end"
        if reason:
            yield Finding("segment_row_differs", "error", 1, {"path": row.path, "reason": reason})
        if self._full and self._sha256(file, row.bytes) != row.sha256:
            yield Finding("segment_hash_differs", "error", 1, {"path": row.path})

    def _sha256(self, file: BinaryIO, length: int) -> bytes:
        digest, left = hashlib.sha256(), length
        self._let_go(file)
        file.seek(0)
        while left > 0:
            chunk = file.read(min(_CHUNK, left))
            if not chunk:
                break
            digest.update(chunk)
            left -= len(chunk)
            self.checked.bytes_hashed += len(chunk)
            self._pace(len(chunk))
        self._let_go(file)
        return digest.digest()

    def _let_go(self, file: BinaryIO) -> None:
        if self._past_cache:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def _files(self) -> Iterator[Finding]:
        for stream, recording, folder in recording_folders(self._root, self._site):
            with self._index.connect() as connection:
                known = known_segments(connection, stream, recording)
                buried = _buried(connection, stream, recording)
            for found in segments_in(folder, stream):
                self.checked.files += 1
                params: dict[str, str | int | float] = {"path": str(found.path.relative_to(self._root))}
                if found.key.segment in buried and not _is_fresh(found.path):
                    yield Finding("segment_file_returned", "warning", 3, params)
                elif found.key.segment not in known and not (self._running and _is_fresh(found.path)):
                    yield self._unknown(found.path, params)

    def _unknown(self, path: Path, params: dict[str, str | int | float]) -> Finding:
        try:
            with path.open("rb") as file:
                try:
                    read_header(file)
                except BasiraError:
                    if is_unbegun(file):
                        return Finding("segment_empty", "info", 3, params)
        except OSError as error:
            return Finding("segment_unreadable", "error", 3, {**params, "reason": error.strerror or "?"})
        return Finding("segment_without_row", "warning", 3, params)

    def _gaps(self, connection: Connection) -> Iterator[Finding]:
        table = schema.gaps
        query = select(table.c.camera).where(table.c.end_utc_ns < table.c.start_utc_ns)
        for camera in connection.execute(query).scalars():
            yield Finding("gap_invalid", "error", 6, {"camera": camera})

    def _is_being_deleted(self, key: SegmentKey) -> bool:
        """Whether retention has begun to delete it, perhaps since the row was read."""
        table = schema.tombstones
        where = [table.c[name] == value for name, value in key._asdict().items()]
        with self._index.connect() as connection:
            return connection.execute(select(table.c.segment).where(*where)).first() is not None


def _buried(connection: Connection, stream: StreamKey, recording: int) -> set[int]:
    """Segments of a recording whose deletion is complete."""
    table = schema.tombstones
    where = [table.c[name] == value for name, value in stream._asdict().items()]
    query = select(table.c.segment).where(*where, table.c.recording == recording, table.c.unlinked_utc_ns.is_not(None))
    return set(connection.execute(query).scalars())


def _is_fresh(path: Path) -> bool:
    """Whether a running recorder may just have made the file, or just have deleted it."""
    try:
        return time.time() - path.stat().st_mtime < _FRESH_S
    except FileNotFoundError:
        return True
    except OSError:
        return False
