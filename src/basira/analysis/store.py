"""``events.db`` opened: what the page, the feed and the webhooks read, and what the analysis alone writes."""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, Select, and_, delete, func, insert, select, tuple_, union_all, update

from basira.analysis.event import Event
from basira.analysis.path import PathPoint, pack_path, unpack_path
from basira.analysis.schema import (
    analysed,
    counters,
    cursors,
    event_paths,
    event_snapshots,
    event_zones,
    events,
    metadata,
)
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey
from basira.databases.migrate import upgrade
from basira.databases.sqlite import ChangeWatch, open_database
from basira.replay.tail import Cursor

_ROOM: Final = "basira.analysis"
_CHANGE: Final = "change"
# An event is looked for by its start; one that began this long before a span may still reach into it.
_LONGEST_LOOKBACK_NS: Final = 24 * 3600 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; an empty tuple or None asks nothing. Times are half open and meet the visit's span."""

    cameras: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    start_utc_ns: int | None = None
    end_utc_ns: int | None = None
    alert: bool | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """Newest first. ``next_cursor`` is given back for the page after; None when there is none."""

    events: tuple[Event, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class EventCount:
    """Events of a class that began in one slice of time."""

    camera: str
    start_utc_ns: int
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class StoredCursor:
    """How far a stream is analysed, and the analyser's memory there."""

    cursor: Cursor
    known_to_utc_ns: int
    memory: bytes
    memory_version: int


class EventReader:
    """Reads events. Safe to share between threads; any process may have one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._watch = ChangeWatch(engine)

    def change_mark(self) -> tuple[int, ...] | None:
        """Equal to an earlier one, and not None, only if nothing was written since; far cheaper than asking what."""
        return self._watch.mark()

    def query_events(self, wanted: EventFilter, limit: int = 50, cursor: str | None = None) -> EventPage:
        """One page. Raises BasiraError ``bad_cursor`` for a cursor this never gave."""
        before: tuple[int, str] | None = None
        if cursor is not None:
            start, _, name = cursor.partition(".")
            if not start.lstrip("-").isdecimal():
                raise BasiraError("bad_cursor")
            before = int(start), name
        ordered = _page_statement(wanted, before, limit + 1)
        with self._engine.connect() as connection:
            rows = connection.execute(ordered).all()
            found = _with_paths(connection, rows[:limit])
        last = found[-1] if len(rows) > limit else None
        return EventPage(tuple(found), f"{last.start_utc_ns}.{last.id}" if last else None)

    def event(self, event_id: str) -> Event | None:
        """One event with its path."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(events).where(events.c.id == event_id)).all()
            return next(iter(_with_paths(connection, rows)), None)

    def snapshot(self, event_id: str) -> bytes | None:
        """The best picture, JPEG."""
        statement = select(event_snapshots.c.jpeg).join(events).where(events.c.id == event_id)
        with self._engine.connect() as connection:
            return connection.execute(statement).scalar_one_or_none()

    def changes_since(self, change: int, limit: int = 100) -> list[Event]:
        """Events that are new or different since ``change``, in the order they changed: the feed."""
        statement = select(events).where(events.c.change > change).order_by(events.c.change).limit(limit)
        with self._engine.connect() as connection:
            return _with_paths(connection, connection.execute(statement).all())

    def alerts_since(self, change: int, limit: int = 100) -> list[Event]:
        """Events that became alerts since, each once, in that order: the webhooks. Follow with ``alert_change``."""
        statement = select(events).where(events.c.alert_change > change).order_by(events.c.alert_change).limit(limit)
        with self._engine.connect() as connection:
            return _with_paths(connection, connection.execute(statement).all())

    def latest_change(self) -> int:
        """The newest change there is: where one who wants only what comes begins."""
        with self._engine.connect() as connection:
            return _counter(connection, _CHANGE)

    def event_counts(
        self, cameras: Sequence[str], start_utc_ns: int, end_utc_ns: int, slice_ns: int
    ) -> list[EventCount]:
        """Events that began in each slice of ``[start, end)``, by camera, time and class. Answered from an index."""
        columns = events.c
        at = (columns.start_utc_ns - start_utc_ns) // slice_ns
        statement = (
            select(columns.camera, at.label("at"), columns["class"].label("label"), func.count().label("count"))
            .where(
                columns.camera.in_(cameras),
                columns.start_utc_ns >= start_utc_ns,
                columns.start_utc_ns < end_utc_ns,
            )
            .group_by(columns.camera, "at", columns["class"])
            .order_by(columns.camera, "at", columns["class"])
        )
        with self._engine.connect() as connection:
            return [
                EventCount(row.camera, start_utc_ns + int(row.at) * slice_ns, row.label, int(row[3]))
                for row in connection.execute(statement)
            ]

    def known_to(self) -> dict[StreamKey, int]:
        """The end of the footage analysed so far, UTC nanoseconds, of each stream; up to half a minute old."""
        columns = analysed.c
        statement = select(columns.site, columns.camera, columns.stream, columns.known_to_utc_ns)
        with self._engine.connect() as connection:
            return {StreamKey(*row[:3]): row[3] for row in connection.execute(statement)}

    def close(self) -> None:
        self._watch.close()
        self._engine.dispose()


class EventStore(EventReader):
    """Reads and writes. Only the analysis process has one, and only one."""

    def cursor(self, stream: StreamKey) -> StoredCursor | None:
        """Where the analysis of a stream goes on."""
        columns = cursors.c
        statement = select(
            columns.recording, columns.segment, columns.fragment, columns.known_to_utc_ns, columns.memory,
            columns.memory_version,
        ).where(_of(cursors, stream))  # fmt: skip
        with self._engine.connect() as connection:
            row = connection.execute(statement).one_or_none()
        return row and StoredCursor(Cursor(*row[:3]), *row[3:])

    def commit(self, changed: Iterable[Event], stream: StreamKey, stored: StoredCursor | None) -> None:
        """Events and, when given, the cursor: all of it or nothing.

        An event that the store already knows from footage at least as new is left alone, so that footage read twice
        after a crash changes no row and wakes no follower.
        """
        with self._engine.begin() as connection:
            for event in changed:
                self._put(connection, event)
            if stored is not None:
                key = {"site": stream.site, "camera": stream.camera, "stream": stream.stream}
                connection.execute(delete(cursors).where(_of(cursors, stream)))
                connection.execute(
                    insert(cursors).values(
                        **key, **stored.cursor._asdict(), known_to_utc_ns=stored.known_to_utc_ns, memory=stored.memory,
                        memory_version=stored.memory_version,
                    )
                )  # fmt: skip

    def report(self, known_to: dict[StreamKey, int]) -> None:
        """Say how far each stream is analysed, for :meth:`known_to`; streams not named are not analysed any more."""
        rows = [{**stream._asdict(), "known_to_utc_ns": utc_ns} for stream, utc_ns in known_to.items()]
        with self._engine.begin() as connection:
            connection.execute(delete(analysed))
            if rows:
                connection.execute(insert(analysed), rows)

    def end_ongoing(self, stream: StreamKey) -> None:
        """Say of events that will hear no more, because their stream is not analysed any longer, that they are over."""
        ongoing = and_(_of(events, stream), events.c.ongoing)
        with self._engine.begin() as connection:
            for number in connection.execute(select(events.c.number).where(ongoing)).scalars().all():
                change = _next_change(connection)
                connection.execute(update(events).where(events.c.number == number).values(ongoing=False, change=change))

    def forget(self, spans: Iterable[tuple[StreamKey, int, int]], mark: str, value: int) -> int:
        """Delete events, with their pictures, last seen in one of the spans ``[start, end)`` of their stream.

        Sets the counter ``mark`` to ``value`` in the same transaction; returns how many were deleted.
        """
        columns = events.c
        forgotten = 0
        with self._engine.begin() as connection:
            for stream, start_utc_ns, end_utc_ns in spans:
                in_span = and_(columns.end_utc_ns >= start_utc_ns, columns.end_utc_ns < end_utc_ns)
                statement = delete(events).where(_of(events, stream), in_span, ~columns.ongoing)
                forgotten += connection.execute(statement).rowcount
            _set_counter(connection, mark, value)
        return forgotten

    def counter(self, name: str) -> int:
        """A counter kept beside the events; 0 when it was never set."""
        with self._engine.connect() as connection:
            return _counter(connection, name)

    def forget_cursor(self, stream: StreamKey) -> None:
        """Let the analysis of a stream begin anew with the oldest footage there is."""
        with self._engine.begin() as connection:
            connection.execute(delete(cursors).where(_of(cursors, stream)))

    def _put(self, connection: Connection, event: Event) -> None:
        known = connection.execute(
            select(events.c.number, events.c.progress, events.c.alert_change, events.c.zones).where(
                events.c.id == event.id
            )
        ).one_or_none()
        if known is not None and known.progress >= event.progress:
            return
        change = _next_change(connection)
        values = _values(event) | {"change": change}
        if event.alert:
            values["alert_change"] = change if known is None or known.alert_change is None else known.alert_change
        if known is None:
            number = connection.execute(insert(events).values(values)).inserted_primary_key
            assert number is not None
            self._put_parts(connection, number[0], event, ())
        else:
            connection.execute(update(events).where(events.c.number == known.number).values(values))
            self._put_parts(connection, known.number, event, known.zones)

    def _put_parts(self, connection: Connection, number: int, event: Event, known_zones: Sequence[str]) -> None:
        connection.execute(delete(event_paths).where(event_paths.c.event == number))
        connection.execute(insert(event_paths).values(event=number, path=pack_path(event.path)))
        if event.jpeg:
            connection.execute(delete(event_snapshots).where(event_snapshots.c.event == number))
            connection.execute(insert(event_snapshots).values(event=number, jpeg=event.jpeg))
        for zone in event.zones:
            if zone not in known_zones:
                row = {"zone": zone, "start_utc_ns": event.start_utc_ns, "event": number}
                connection.execute(insert(event_zones).values(row))


def open_events(path: Path) -> EventStore:
    """Open ``events.db`` to write, create or migrate it if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = _migrated(path)
    return EventStore(engine)


def read_events(path: Path) -> EventReader:
    """Open ``events.db`` to read. Any process may be the first: it is then created, empty."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _migrated(path).dispose()
    return EventReader(open_database(path, read_only=True))


def _migrated(path: Path) -> Engine:
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        engine = open_database(path)
        upgrade(engine, _ROOM, metadata)
    return engine


def _of(table: Any, stream: StreamKey) -> Any:
    return and_(table.c.site == stream.site, table.c.camera == stream.camera, table.c.stream == stream.stream)


_NEWEST_FIRST = (events.c.start_utc_ns.desc(), events.c.id.desc())


def _page_statement(wanted: EventFilter, before: tuple[int, str] | None, limit: int) -> Select[Any]:
    """The newest rows that fit, each camera and each zone read along its own index and only as far as needed.

    Asked for several at once, SQLite would read and sort every row of all of them.
    """
    cameras: tuple[str | None, ...] = wanted.cameras or (None,)
    zones: tuple[str | None, ...] = wanted.zones or (None,)
    branches = [_branch(wanted, camera, zone, before, limit) for camera in cameras for zone in zones]
    # Of one branch a union too: it is only there to give each branch a limit of its own.
    numbers = union_all(*(select(branch.subquery().c.number) for branch in branches))
    return select(events).where(events.c.number.in_(numbers)).order_by(*_NEWEST_FIRST).limit(limit)


def _branch(
    wanted: EventFilter, camera: str | None, zone: str | None, before: tuple[int, str] | None, limit: int
) -> Select[Any]:
    statement = select(events.c.number)
    conditions = _conditions(wanted)
    if camera is not None:
        conditions.append(events.c.camera == camera)
    newest_first: tuple[Any, ...] = _NEWEST_FIRST
    start = events.c.start_utc_ns
    if zone is not None:
        statement = statement.join(event_zones, event_zones.c.event == events.c.number)
        conditions.append(event_zones.c.zone == zone)
        start = event_zones.c.start_utc_ns
        newest_first = (start.desc(), events.c.id.desc())
        if wanted.end_utc_ns is not None:
            conditions.append(start < wanted.end_utc_ns)
    if before is not None:
        conditions += [start <= before[0], tuple_(events.c.start_utc_ns, events.c.id) < tuple_(*before)]
    return statement.where(*conditions).order_by(*newest_first).limit(limit)


def _conditions(wanted: EventFilter) -> list[Any]:
    columns = events.c
    conditions: list[Any] = []
    if wanted.labels:
        conditions.append(columns["class"].in_(wanted.labels))
    if wanted.start_utc_ns is not None:
        conditions.append(columns.end_utc_ns >= wanted.start_utc_ns)
        conditions.append(columns.start_utc_ns > wanted.start_utc_ns - _LONGEST_LOOKBACK_NS)
    if wanted.end_utc_ns is not None:
        conditions.append(columns.start_utc_ns < wanted.end_utc_ns)
    if wanted.alert is not None:
        conditions.append(columns.alert if wanted.alert else ~columns.alert)
    return conditions


def _values(event: Event) -> dict[str, Any]:
    return {
        "id": event.id, "site": event.stream_key.site, "camera": event.camera, "stream": event.stream,
        "recording": event.recording, "class": event.label, "score": event.score, "start_utc_ns": event.start_utc_ns,
        "end_utc_ns": event.end_utc_ns, "ongoing": event.ongoing, "alert": event.alert, "zones": list(event.zones),
        "snapshot_utc_ns": event.snapshot_utc_ns, "progress": event.progress,
    }  # fmt: skip


def _with_paths(connection: Connection, rows: Sequence[Row[Any]]) -> list[Event]:
    numbers = [row.number for row in rows]
    statement: Select[Any] = select(event_paths.c.event, event_paths.c.path).where(event_paths.c.event.in_(numbers))
    paths = {number: unpack_path(packed) for number, packed in connection.execute(statement)}
    return [_event(row, paths.get(row.number, [])) for row in rows]


def _event(row: Row[Any], path: list[PathPoint]) -> Event:
    values = row._mapping
    return Event(
        id=row.id, stream_key=StreamKey(row.site, row.camera, row.stream), recording=row.recording,
        label=values["class"], score=row.score, start_utc_ns=row.start_utc_ns, end_utc_ns=row.end_utc_ns,
        ongoing=row.ongoing, alert=row.alert, zones=tuple(row.zones), path=tuple(path),
        snapshot_utc_ns=row.snapshot_utc_ns, progress=row.progress, change=row.change,
        alert_change=row.alert_change,
    )  # fmt: skip


def _counter(connection: Connection, name: str) -> int:
    return connection.execute(select(counters.c.value).where(counters.c.name == name)).scalar_one_or_none() or 0


def _set_counter(connection: Connection, name: str, value: int) -> None:
    if connection.execute(update(counters).where(counters.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(insert(counters).values(name=name, value=value))


def _next_change(connection: Connection) -> int:
    """Raise and return the counter. It is a row, not the largest ``change``: that may have been deleted.

    Raised first and read then: raising takes the write lock, under which no other thread is given the same.
    """
    raised = update(counters).where(counters.c.name == _CHANGE).values(value=counters.c.value + 1)
    if connection.execute(raised).rowcount == 0:
        connection.execute(insert(counters).values(name=_CHANGE, value=1))
    return _counter(connection, _CHANGE)
