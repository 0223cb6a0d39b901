"""Old footage makes room for new: by age, by size of each camera, and by the floor of free space.

A deletion is tombstone → unlink → row. Holds are read before the tombstone and again before the unlink. If the
catalogue cannot be read, a camera is not in it, files are still being adopted, or the storage is not the right one,
nothing is deleted: never is anything deleted because something else failed.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import structlog
from sqlalchemy import Connection, Engine, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from basira.base.clock import NS_PER_S, Clock
from basira.base.identifiers import SegmentKey
from basira.catalogue.cameras import Camera
from basira.recording import schema
from basira.recording.forecast import EVERY_NS
from basira.recording.holds import HeldSpans, HoldSource
from basira.recording.index import IndexWriter
from basira.recording.segment import LocalFilesystem
from basira.recording.storage import Storage
from basira.recording.trusted_time import TrustedTime

log = structlog.get_logger(__name__)

Why = Literal["age", "size", "floor"]
_BATCH: Final = 64
_STORE_NS: Final = 60 * NS_PER_S
_DAY_NS: Final = 86_400 * NS_PER_S
# Deletion begins this much above the floor, so that it is done before it is needed.
_AHEAD: Final = 0.1
_AHEAD_BYTES: Final = 256 * 1024 * 1024


class CameraSource(Protocol):
    """Where cameras are read; :class:`basira.catalogue.cameras.Cameras`."""

    def all(self, *, removed: bool = False) -> list[Camera]: ...


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """Defaults of the node; a camera may have its own."""

    days: float
    floor_bytes: int


Steps = dict[str, list[tuple[int, int]]]
"""Steps of the wall clock by boot: when (monotonic), and by how much, nanoseconds."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finished segment, as retention sees it."""

    key: SegmentKey
    path: str
    start_utc_ns: int
    end_utc_ns: int
    bytes: int
    boot_id: str = ""
    start_mono_ns: int = 0

    def end_corrected_ns(self, steps: Steps) -> int:
        """Its end on the clock as it is now: what was recorded before the clock was set is dated by the old one."""
        middle_mono_ns = self.start_mono_ns + (self.end_utc_ns - self.start_utc_ns) // 2
        return self.end_utc_ns + sum(
            step_ns for mono_ns, step_ns in steps.get(self.boot_id, ()) if mono_ns > middle_mono_ns
        )


@dataclass(slots=True)
class RetentionCounters:
    """What retention has done since the recorder started."""

    deleted_segments: int = 0
    deleted_bytes: int = 0
    spared_by_hold: int = 0
    missing_files: int = 0
    failed_unlinks: int = 0
    oldest_utc_ns: int | None = None
    deletable_bytes: int | None = None


class Retention:
    """Runs in one thread of the recorder process."""

    def __init__(
        self,
        engine: Engine,
        index: IndexWriter,
        storage: Storage,
        cameras: CameraSource,
        holds: HoldSource,
        policy: RetentionPolicy,
        clock: Clock,
        *,
        synchronised: Callable[[], bool],
        ready: Callable[[], bool],
        free_bytes: Callable[[], int] | None = None,
        unlink: Callable[[Path], None] = Path.unlink,
    ) -> None:
        self.counters = RetentionCounters()
        self._engine = engine
        self._index = index
        self._storage = storage
        self._cameras = cameras
        self._holds = holds
        self._policy = policy
        self._clock = clock
        self._time = TrustedTime(clock, synchronised)
        self._ready = ready
        self._free_bytes = free_bytes or (lambda: storage.usage().free_bytes)
        self._unlink = unlink
        self._stored_mono_ns: int | None = None
        self._summed_mono_ns: int | None = None

    def run_once(self) -> None:
        """Finish what a crash interrupted, then delete what is due. Raises when something it relies on fails."""
        with self._engine.connect() as connection:
            self._time.restore(connection)
        if self._stored_mono_ns is None or self._clock.mono_ns() - self._stored_mono_ns > _STORE_NS:
            self._stored_mono_ns = self._clock.mono_ns()
            self._index.call(self._time.store)
        if not self._ready() or not self._storage.is_present():
            return
        cameras = {camera.id: camera for camera in self._cameras.all(removed=True)}
        self._finish_interrupted()
        for why, batch in self._due(cameras):
            self._delete(why, batch)
        with self._engine.connect() as connection:
            query = select(schema.segments.c.start_utc_ns).order_by(schema.segments.c.end_utc_ns).limit(1)
            self.counters.oldest_utc_ns = connection.execute(query).scalar_one_or_none()
        now_ns = self._clock.mono_ns()
        if self._summed_mono_ns is None or now_ns - self._summed_mono_ns >= EVERY_NS:
            self._summed_mono_ns, self.counters.deletable_bytes = now_ns, self._deletable_bytes(set(cameras))

    def _due(self, cameras: dict[str, Camera]) -> Iterable[tuple[Why, list[Candidate]]]:
        held = HeldSpans(self._holds)
        for camera in cameras.values():
            days = camera.retention_days or self._policy.days
            before_utc_ns = self._time.utc_ns() - round(days * _DAY_NS)
            yield "age", self._older_than(camera, before_utc_ns, held)
            if camera.retention_bytes is not None:
                yield "size", self._beyond(camera.id, camera.retention_bytes, held)
        floor = self._policy.floor_bytes
        if floor:
            short = floor + min(round(floor * _AHEAD), _AHEAD_BYTES) - self._free_bytes()
            if short > 0:
                yield "floor", self._oldest(set(cameras), short, held)

    def _select(self, *where: Any) -> Any:
        table = schema.segments
        columns = (
            table.c.site, table.c.camera, table.c.stream, table.c.recording, table.c.segment, table.c.path,
            table.c.start_utc_ns, table.c.end_utc_ns, table.c.bytes, table.c.boot_id, table.c.start_mono_ns,
        )  # fmt: skip
        return select(*columns).where(table.c.state != "open", *where).order_by(table.c.end_utc_ns)

    def _rows(self, query: Any) -> Iterable[Candidate]:
        with self._engine.connect() as connection:
            for row in connection.execute(query):
                yield Candidate(SegmentKey(*row[:5]), *row[5:])

    def _free_of_holds(self, candidates: Iterable[Candidate], held: HeldSpans, limit: int) -> list[Candidate]:
        """The first ``limit`` that no hold covers; the held ones are passed over, so newer footage may go instead."""
        chosen: list[Candidate] = []
        for candidate in candidates:
            if held.holds(candidate.key.camera, candidate.start_utc_ns, candidate.end_utc_ns):
                continue
            chosen.append(candidate)
            if len(chosen) >= limit:
                break
        return chosen

    def _older_than(self, camera: Camera, utc_ns: int, held: HeldSpans) -> list[Candidate]:
        """By their true age, so far as it is known. What is dated before its camera was added has an unknown one, and
        waits until room is needed."""
        table, steps = schema.segments, self._steps()
        query = self._select(table.c.camera == camera.id, table.c.end_utc_ns < utc_ns)
        old = (
            candidate
            for candidate in self._rows(query)
            if camera.created_utc_ns <= candidate.end_corrected_ns(steps) < utc_ns
        )
        return self._free_of_holds(old, held, _BATCH)

    def _steps(self) -> Steps:
        table, steps = schema.clock_steps, Steps()
        with self._engine.connect() as connection:
            for row in connection.execute(select(table.c.boot_id, table.c.mono_ns, table.c.step_ns)):
                steps.setdefault(row.boot_id, []).append((row.mono_ns, row.step_ns))
        return steps

    def _beyond(self, camera: str, limit_bytes: int, held: HeldSpans) -> list[Candidate]:
        """The oldest segments of a camera that go over its size; held ones count, for they take the room."""
        table = schema.segments
        with self._engine.connect() as connection:
            query = select(func.coalesce(func.sum(table.c.bytes), 0)).where(
                table.c.site == self._storage.identity.site, table.c.camera == camera
            )
            over = int(connection.execute(query).scalar_one()) - limit_bytes
        if over <= 0:
            return []
        return _worth(self._free_of_holds(self._oldest_first(table.c.camera == camera), held, _BATCH), over)

    def _oldest(self, cameras: set[str], short_bytes: int, held: HeldSpans) -> list[Candidate]:
        known = (candidate for candidate in self._oldest_first() if candidate.key.camera in cameras)
        return _worth(self._free_of_holds(known, held, _BATCH), short_bytes)

    def _oldest_first(self, *where: Any) -> Iterable[Candidate]:
        """By corrected time. The few from before a step are sorted here; the others come in order."""
        table, stepped, steps = schema.segments, schema.clock_steps, self._steps()
        before_step = (
            select(stepped.c.id)
            .where(stepped.c.boot_id == table.c.boot_id, stepped.c.mono_ns > table.c.start_mono_ns)
            .exists()
        )

        def end_ns(candidate: Candidate) -> int:
            return candidate.end_corrected_ns(steps)

        dated_wrong = sorted(self._rows(self._select(*where, before_step)), key=end_ns) if steps else []
        return heapq.merge(dated_wrong, self._rows(self._select(*where, ~before_step)), key=end_ns)

    def _deletable_bytes(self, cameras: set[str]) -> int:
        """Of all footage that no hold covers and whose camera is known; what is being written will be, once closed."""
        held = HeldSpans(self._holds)
        return sum(
            candidate.bytes
            for candidate in (*self._rows(self._select()), *self._being_written())
            if candidate.key.camera in cameras
            and not held.holds(candidate.key.camera, candidate.start_utc_ns, candidate.end_utc_ns)
        )

    def _being_written(self) -> Iterable[Candidate]:
        """Open segments as long as their files are now; the index learns that when they are closed."""
        table = schema.segments
        query = select(*(table.c[name] for name in SegmentKey._fields), table.c.path, table.c.start_utc_ns)
        with self._engine.connect() as connection:
            rows = connection.execute(query.where(table.c.state == "open")).all()
        for *key, path, start_utc_ns in rows:
            with suppress(FileNotFoundError):  # its row comes before its file
                length = (self._storage.root / path).stat().st_size
                yield Candidate(SegmentKey(*key), path, start_utc_ns, self._clock.utc_ns(), length)

    def _delete(self, why: Why, batch: list[Candidate]) -> None:
        if not batch:
            return
        now_utc_ns = self._clock.utc_ns()
        self._index.call(lambda connection: _entomb(connection, batch, why, now_utc_ns))
        self._unlink_all(batch)

    def _finish_interrupted(self) -> None:
        """Tombstones without an unlink: go on where a crash, or an unlink that failed, left them."""
        table = schema.tombstones
        query = (
            select(
                table.c.site, table.c.camera, table.c.stream, table.c.recording, table.c.segment, table.c.path,
                table.c.start_utc_ns, table.c.end_utc_ns, table.c.bytes,
            )
            .where(table.c.unlinked_utc_ns.is_(None))
            .limit(_BATCH)
        )  # fmt: skip
        left = list(self._rows(query))
        if left:
            self._unlink_all(left)

    def _unlink_all(self, batch: list[Candidate]) -> None:
        """Unlink what is still not held, sync the folders, then take the rows away."""
        gone: list[Candidate] = []
        spared: list[Candidate] = []
        for candidate in batch:
            held = HeldSpans(self._holds, candidate.key.camera)
            if held.holds(candidate.key.camera, candidate.start_utc_ns, candidate.end_utc_ns):
                spared.append(candidate)
            elif self._remove_file(candidate):
                gone.append(candidate)
        self.counters.spared_by_hold += len(spared)
        for folder in {(self._storage.root / candidate.path).parent for candidate in gone}:
            if folder.is_dir():
                LocalFilesystem().fsync_folder(folder)
        now_utc_ns = self._clock.utc_ns()
        self._index.call(lambda connection: _bury(connection, gone, spared, now_utc_ns))
        for folder in {(self._storage.root / candidate.path).parent for candidate in gone}:
            _remove_if_empty(folder)
        self.counters.deleted_segments += len(gone)
        self.counters.deleted_bytes += sum(candidate.bytes for candidate in gone)
        if gone:
            log.info("footage_deleted", segments=len(gone), bytes=sum(candidate.bytes for candidate in gone))

    def _remove_file(self, candidate: Candidate) -> bool:
        """Whether the file is gone now. A file that is missing because its disk is must not count as deleted."""
        path = self._storage.root / candidate.path
        try:
            self._unlink(path)
        except FileNotFoundError:
            self.counters.missing_files += 1
            return self._storage.is_present()
        except OSError as error:
            self.counters.failed_unlinks += 1
            log.error("unlink_failed", path=candidate.path, reason=error.strerror)
            return False
        return True


def _worth(candidates: list[Candidate], needed_bytes: int) -> list[Candidate]:
    """The first of them that together are worth that many bytes."""
    chosen: list[Candidate] = []
    for candidate in candidates:
        if needed_bytes <= 0:
            break
        chosen.append(candidate)
        needed_bytes -= candidate.bytes
    return chosen


def _entomb(connection: Connection, batch: list[Candidate], why: Why, utc_ns: int) -> None:
    """Tombstones first; the rows stay until the files are gone."""
    for candidate in batch:
        sha256 = connection.execute(
            select(schema.segments.c.sha256).where(*_is(schema.segments, candidate.key))
        ).scalar_one_or_none()
        values = {
            **candidate.key._asdict(), "path": candidate.path, "start_utc_ns": candidate.start_utc_ns,
            "end_utc_ns": candidate.end_utc_ns, "bytes": candidate.bytes, "sha256": sha256, "why": why,
            "tombstoned_utc_ns": utc_ns,
        }  # fmt: skip
        connection.execute(insert(schema.tombstones).values(values).on_conflict_do_nothing())


def _bury(connection: Connection, gone: list[Candidate], spared: list[Candidate], utc_ns: int) -> None:
    """Rows of deleted files go, tombstones say when; a segment spared by a hold loses its tombstone."""
    for candidate in gone:
        connection.execute(delete(schema.segments).where(*_is(schema.segments, candidate.key)))
        where = _is(schema.tombstones, candidate.key)
        connection.execute(update(schema.tombstones).where(*where).values(unlinked_utc_ns=utc_ns))
    for candidate in spared:
        connection.execute(delete(schema.tombstones).where(*_is(schema.tombstones, candidate.key)))


def _is(table: Any, key: SegmentKey) -> list[Any]:
    return [table.c[name] == value for name, value in key._asdict().items()]


def _remove_if_empty(folder: Path) -> None:
    """A recording's empty folder, but never the newest of its stream: its number must stay known to the files."""
    numbers = [int(entry.name) for entry in folder.parent.iterdir() if entry.name.isdigit()]
    if numbers and int(folder.name) < max(numbers):
        with suppress(OSError):  # not empty, or in use: it stays
            folder.rmdir()
