"""The index, ``index.db``: opened, written by one thread, and what the recorder itself asks of it.

The files are the truth and the index follows. When it cannot be written, recording goes on: changes wait in order
and are tried again; if the process ends first, recovery adopts the files. Every change may be applied twice.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError, SQLAlchemyError

from basira.base.clock import NS_PER_S, Clock
from basira.base.errors import BasiraError
from basira.databases.migrate import upgrade
from basira.databases.sqlite import open_database
from basira.recording import schema
from basira.recording.rows import ClockStepRow, GapRow, SegmentRow

log = structlog.get_logger(__name__)

Change = Callable[[Connection], Any]
_NO_TEXT: Final = "Could not decode to UTF-8"  # Python's words for what SQLite has read without complaint
_RETRY_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)


def open_index(path: Path) -> Engine:
    """The index at ``path``, created or migrated if need be. Only the recorder (or a repair command while it is
    stopped) may call this. Raises BasiraError when it is damaged, of a later release or on a network file system."""
    engine = open_database(path)
    upgrade(engine, "basira.recording", schema.metadata)
    return engine


def open_or_set_aside(path: Path, clock: Clock) -> Engine:
    """As ``open_index``; a damaged index is renamed, kept for examination, and an empty one takes its place.

    Recovery then fills it from the files. Nothing is deleted.
    """
    try:
        return open_index(path)
    except BasiraError as error:
        if error.code != "database_damaged" or _is_passing(error.__cause__):
            raise  # locked or unreadable for now is not damaged
        log.error("index_set_aside", reason=str(error))
    except DatabaseError as error:
        if _is_passing(error):
            raise
        log.error("index_set_aside", reason=str(error))
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(path.with_name(f"{path.name}.damaged-{clock.utc_ns()}{suffix}"))
    return open_index(path)


def _is_passing(cause: BaseException | None) -> bool:
    """Whether the machine is to blame (a lock, a disk) and not what the file holds: no SQLite knows its format."""
    if not isinstance(cause, OperationalError) or str(cause.orig).startswith(_NO_TEXT):
        return False
    return getattr(cause.orig, "sqlite_errorcode", sqlite3.SQLITE_BUSY) != sqlite3.SQLITE_ERROR


@dataclass(frozen=True, slots=True)
class IndexState:
    """How far the index is behind. ``error`` is of the last attempt, empty when it succeeded."""

    waiting: int
    lag_s: float
    error: str
    refused: int


class IndexWriter:
    """The thread that owns all writing. Any thread may hand it changes; none waits for the disk but by ``call``."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._waiting: deque[tuple[int, Change, Future[Any]]] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._error = ""
        self._refused = 0
        self._thread = threading.Thread(target=self._run, name="index", daemon=True)
        self._thread.start()

    def submit(self, change: Change) -> Future[Any]:
        """Put a change in the queue. It is applied once all before it are, however long the database is away."""
        future: Future[Any] = Future()
        with self._wake:
            self._waiting.append((self._clock.mono_ns(), change, future))
            self._wake.notify()
        return future

    def call(self, change: Change, timeout_s: float = 60.0) -> Any:
        """As ``submit``, and wait for what ``change`` returns. Raises TimeoutError, or what ``change`` raised."""
        return self.submit(change).result(timeout_s)

    def put_segment(self, row: SegmentRow) -> Future[Any]:
        """Insert or replace a segment's row, and its recording's if it is the first."""
        return self.submit(lambda connection: put_segment(connection, row))

    def put_gap(self, gap: GapRow) -> Future[Any]:
        """Insert a gap, or change cause, detail and end of the one with that start."""
        return self.submit(lambda connection: put_gap(connection, gap))

    def put_clock_step(self, step: ClockStepRow) -> Future[Any]:
        return self.submit(lambda connection: put_clock_step(connection, step))

    @property
    def state(self) -> IndexState:
        with self._wake:
            since_ns = self._waiting[0][0] if self._waiting else None
            lag_s = (self._clock.mono_ns() - since_ns) / NS_PER_S if since_ns is not None else 0.0
            return IndexState(len(self._waiting), lag_s, self._error, self._refused)

    def close(self, timeout_s: float = 15.0) -> bool:
        """Write what waits, as long as ``timeout_s`` allows, and end the thread. False when something was left."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join(timeout_s)
        return not self._waiting

    def _run(self) -> None:
        attempt = 0
        while True:
            with self._wake:
                while not self._waiting and not self._stopping:
                    self._wake.wait()
                if not self._waiting:
                    return
                batch = list(self._waiting)[:200]
            try:
                self._apply(batch)
                attempt, self._error = 0, ""
            except SQLAlchemyError as error:
                self._error = str(getattr(error, "orig", None) or error)
                if attempt == 0:
                    log.error("index_not_writable", reason=self._error, waiting=len(self._waiting))
                pause_s = _RETRY_S[min(attempt, len(_RETRY_S) - 1)]
                attempt += 1
                with self._wake:
                    if self._stopping and attempt > len(_RETRY_S):
                        return
                    self._wake.wait(pause_s)

    def _apply(self, batch: list[tuple[int, Change, Future[Any]]]) -> None:
        """The batch in one transaction; a change that the database refuses for what it says is left out alone."""
        results: list[tuple[Future[Any], Any, Exception | None]] = []
        with self._engine.begin() as connection:
            # Python's sqlite3 begins no transaction before a SAVEPOINT, and its release would then sync each change.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            for _, change, future in batch:
                try:
                    with connection.begin_nested():
                        results.append((future, change(connection), None))
                except (IntegrityError, ValueError, LookupError, TypeError) as error:
                    log.error("index_change_refused", reason=str(error))
                    results.append((future, None, error))
        with self._wake:
            for _ in batch:
                self._waiting.popleft()
        for future, value, refusal in results:
            if refusal is None:
                future.set_result(value)
            else:
                self._refused += 1
                future.set_exception(refusal)


def put_segment(connection: Connection, row: SegmentRow) -> None:
    """Insert or replace a segment's row, and its recording's if it is the first. May be applied twice."""
    recording = {
        **row.key.stream_key._asdict(),
        "recording": row.key.recording,
        "start_utc_ns": row.start_utc_ns,
        "start_mono_ns": row.start_mono_ns,
        "boot_id": row.boot_id,
        "reason": row.reason,
    }
    connection.execute(insert(schema.recordings).values(recording).on_conflict_do_nothing())
    values = row.values()
    key = row.key._asdict()
    connection.execute(
        insert(schema.segments)
        .values(values)
        .on_conflict_do_update(
            index_elements=list(key), set_={name: value for name, value in values.items() if name not in key}
        )
    )


def put_gap(connection: Connection, gap: GapRow) -> None:
    """Insert a gap, or change cause, detail and end of the one with that start. May be applied twice."""
    table = schema.gaps
    changed = connection.execute(
        update(table)
        .where(
            table.c.site == gap.stream.site,
            table.c.camera == gap.stream.camera,
            table.c.stream == gap.stream.stream,
            table.c.start_utc_ns == gap.start_utc_ns,
        )
        .values(end_utc_ns=gap.end_utc_ns, cause=gap.cause, detail=gap.detail)
    )
    if changed.rowcount == 0:
        connection.execute(
            insert(table).values(
                **gap.stream._asdict(), start_utc_ns=gap.start_utc_ns, end_utc_ns=gap.end_utc_ns,
                cause=gap.cause, detail=gap.detail,
            )
        )  # fmt: skip


def put_clock_step(connection: Connection, step: ClockStepRow) -> None:
    """May be applied twice."""
    table = schema.clock_steps
    known = connection.execute(
        select(table.c.id).where(table.c.boot_id == step.boot_id, table.c.mono_ns == step.mono_ns)
    ).first()
    if known is None:
        connection.execute(
            insert(table).values(
                site=step.site, utc_ns=step.utc_ns, mono_ns=step.mono_ns, boot_id=step.boot_id, step_ns=step.step_ns
            )
        )


def get_identity(connection: Connection, name: str) -> str | None:
    """A value of ``index_identity``."""
    table = schema.index_identity
    value = connection.execute(select(table.c.value).where(table.c.name == name)).scalar_one_or_none()
    return None if value is None else str(value)


def put_identity(connection: Connection, name: str, value: str) -> None:
    table = schema.index_identity
    statement = insert(table).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
