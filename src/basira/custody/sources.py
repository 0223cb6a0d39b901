"""Where entries come from: the recorder's index and files, the catalogue, the spool of acts.

Everything is read; nothing is written and nobody waits for it. A source's cursor moves only together with the
entries made from it (:meth:`basira.custody.journal.Journal.add`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import structlog
from sqlalchemy import Connection, Engine, Row, Table, bindparam, literal_column, select, text, tuple_

from basira.base.clock import NS_PER_S, Clock
from basira.base.errors import BasiraError
from basira.catalogue import schema as catalogue
from basira.catalogue.store import Catalogue
from basira.custody.acts.spool import ActSpool
from basira.custody.entries import (
    Access,
    Account,
    Alarm,
    Camera,
    ClockStep,
    Cover,
    Deletion,
    Entry,
    Gap,
    Hold,
    HoldLifted,
    Retention,
    Seen,
    Segment,
    Stream,
    microseconds,
)
from basira.custody.keys import CustodyKeys
from basira.databases.sqlite import change_mark
from basira.recording import schema as index
from basira.recording.layout import Commit, read_header, walk_commits

log = structlog.get_logger(__name__)

DAY_US: Final = 86_400 * 1_000_000
_DIGEST_LENGTH: Final = 32
_ROWID: Final[Any] = literal_column("rowid")
# One question instead of four, most of which nothing has happened to.
_NEWEST: Final = text(
    "SELECT coalesce((SELECT max(id) FROM clock_steps), 0) AS clock_steps,"
    " coalesce((SELECT max(id) FROM gaps), 0) AS gaps,"
    " coalesce((SELECT max(rowid) FROM tombstones), 0) AS tombstones,"
    " coalesce((SELECT max(rowid) FROM segments), 0) AS segments"
)
_SEGMENTS: Final = select(*(c for c in index.segments.c if c.name != "gops"))
_OPEN: Final = _SEGMENTS.where(index.segments.c.state == "open")
_OF_STREAM: Final = (
    _SEGMENTS.where(
        index.segments.c.site == bindparam("of_site"), index.segments.c.camera == bindparam("of_camera"),
        index.segments.c.stream == bindparam("of_stream"),
        tuple_(index.segments.c.recording, index.segments.c.segment)
        > tuple_(bindparam("after_recording"), bindparam("after_segment")),
    ).order_by(index.segments.c.recording, index.segments.c.segment)
)  # fmt: skip
_STREAMS: Final = (
    select(index.segments.c.site, index.segments.c.camera, index.segments.c.stream)
    .where(bindparam("row") < _ROWID)
    .distinct()
)

Cursors = dict[str, Any]
Decisions = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Sources:
    """What the log's process reads. ``retention_days`` is the node's default."""

    site: str
    index: Engine
    catalogue: Catalogue
    acts: ActSpool
    storage: Path
    keys: CustodyKeys
    clock: Clock
    retention_days: float


class Collector:
    """Turns what changed in the sources since its cursors into entries. Used by one thread.

    Keeps in memory only how far each open file was followed; all else is in the cursors.
    """

    def __init__(self, sources: Sources, cursors: Cursors) -> None:
        self._sources = sources
        self.cursors = cursors
        self._followed: dict[str, tuple[int, int]] = {}
        # Streams that had nothing but this open file left to log; nothing new has closed while it is still open.
        self._settled: dict[str, str] = {}
        self._streams: set[tuple[str, str, str]] = set()
        self._streams_until: tuple[int, int] = (-1, 0)
        self._decided: tuple[tuple[int, ...], Decisions] | None = None

    def collect(self, seen: Seen | None) -> tuple[list[Entry], Cursors]:
        """New entries in the order they are to be logged, and the cursors to store with them."""
        cursors = dict(self.cursors)
        decisions = list(self._decisions(cursors))
        # What is decided counts for the footage and the deletions logged after it; but a hold set in the same moment
        # as a deletion came too late for it.
        entries: list[Entry] = [decision for decision in decisions if not isinstance(decision, Hold)]
        with self._sources.index.connect() as connection:
            newest = connection.execute(_NEWEST).one()
            entries += self._clock_steps(connection, cursors, newest.clock_steps)
            entries += self._gaps(connection, cursors, newest.gaps)
            open_rows = connection.execute(_OPEN).all()
            entries += self._segments(connection, cursors, seen, open_rows, newest.segments)
            entries += self._covers(open_rows, seen)
            entries += self._deletions(connection, cursors, newest.tombstones)
        entries += [decision for decision in decisions if isinstance(decision, Hold)]
        entries += self._acts(cursors)
        return entries, cursors

    def _now_us(self) -> int:
        return microseconds(self._sources.clock.utc_ns())

    def _rows_after(
        self, connection: Connection, table: Table, column: Any, cursors: Cursors, newest: int
    ) -> Sequence[Row[Any]]:
        """Rows with a larger number than the cursor, which moves. Starts over when the index was made anew."""
        name = table.name
        after = int(cursors.get(name, 0))
        if newest < after:
            log.warning("custody_source_renumbered", source=name)
            after = 0
        if newest == after:
            cursors[name] = after
            return ()
        rows: Sequence[Row[Any]] = connection.execute(
            select(table, column.label("number")).where(column > after).order_by(column)
        ).all()
        cursors[name] = max((row.number for row in rows), default=after)
        return rows

    def _clock_steps(self, connection: Connection, cursors: Cursors, newest: int) -> Iterator[Entry]:
        for row in self._rows_after(connection, index.clock_steps, index.clock_steps.c.id, cursors, newest):
            yield ClockStep(
                at_us=self._now_us(), site=row.site, utc_us=microseconds(row.utc_ns),
                mono_us=microseconds(row.mono_ns), boot=row.boot_id, step_us=microseconds(row.step_ns),
            )  # fmt: skip

    def _gaps(self, connection: Connection, cursors: Cursors, newest: int) -> Iterator[Entry]:
        still_open = [int(number) for number in cursors.get("open_gaps", [])]
        ended: Sequence[Row[Any]] = ()
        if still_open:
            ended = connection.execute(
                select(index.gaps).where(index.gaps.c.id.in_(still_open), index.gaps.c.end_utc_ns.is_not(None))
            ).all()
        fresh = self._rows_after(connection, index.gaps, index.gaps.c.id, cursors, newest)
        done = {row.id for row in ended}
        cursors["open_gaps"] = [number for number in still_open if number not in done] + [
            row.id for row in fresh if row.end_utc_ns is None
        ]
        for row in [*ended, *fresh]:
            yield Gap(
                at_us=self._now_us(), site=row.site, camera=row.camera, stream=row.stream, number=row.id,
                start_us=microseconds(row.start_utc_ns),
                end_us=None if row.end_utc_ns is None else microseconds(row.end_utc_ns),
                cause=row.cause, detail=row.detail,
            )  # fmt: skip

    def _segments(
        self, connection: Connection, cursors: Cursors, seen: Seen | None, open_rows: Sequence[Row[Any]], newest: int
    ) -> Iterator[Entry]:
        """Closed segments of each stream, in order, up to its first open one."""
        reached: dict[str, list[int]] = dict(cursors.get("segments", {}))
        being_written = {f"{row.camera}/{row.stream}": row.path for row in open_rows}
        for site, camera, stream in self._known_streams(connection, open_rows, newest):
            name = f"{camera}/{stream}"
            if name in being_written and self._settled.get(name) == being_written[name]:
                continue
            recording, segment = reached.get(name, [0, -1])
            after = {"after_recording": recording, "after_segment": segment}
            rows = connection.execute(_OF_STREAM, {"of_site": site, "of_camera": camera, "of_stream": stream, **after})
            for row in rows:
                if row.state == "open" or row.sha256 is None:
                    self._settled[name] = row.path
                    break
                reached[name] = [row.recording, row.segment]
                yield self._segment(row, seen)
        cursors["segments"] = reached

    def _known_streams(
        self, connection: Connection, open_rows: Sequence[Row[Any]], newest: int
    ) -> list[tuple[str, str, str]]:
        """Every stream with a segment. Of the index, which holds months, only what is new in it is read."""
        *_, number = change_mark(connection)
        known_number, until = self._streams_until
        if number != known_number or newest < until:
            self._streams, until = set(), 0
        if newest != until:
            self._streams.update(
                (row.site, row.camera, row.stream) for row in connection.execute(_STREAMS, {"row": until})
            )
        self._streams_until = (number, newest)
        self._streams.update((row.site, row.camera, row.stream) for row in open_rows)
        return sorted(self._streams)

    def _segment(self, row: Row[Any], seen: Seen | None) -> Segment:
        return Segment(
            at_us=self._now_us(), site=row.site, camera=row.camera, stream=row.stream, recording=row.recording,
            segment=row.segment, state=row.state, bytes=row.bytes, sha256=row.sha256.hex(),
            previous=self._previous(row), start_us=microseconds(row.start_utc_ns),
            end_us=microseconds(row.end_utc_ns), start_mono_us=microseconds(row.start_mono_ns), boot=row.boot_id,
            seen=seen,
        )  # fmt: skip

    def _previous(self, row: Row[Any]) -> str | None:
        """The hash of the stream's segment before, as the recorder wrote it into this one's first box."""
        try:
            with (self._sources.storage / row.path).open("rb") as file:
                return read_header(file)[0].previous_sha256
        except (OSError, BasiraError) as error:
            log.warning("custody_segment_unreadable", path=row.path, error=str(error))
            return None

    def _covers(self, rows: Sequence[Row[Any]], seen: Seen | None) -> Iterator[Entry]:
        """How far each open segment is written, when it has grown since the last time."""
        self._followed = {row.path: self._followed[row.path] for row in rows if row.path in self._followed}
        for row in rows:
            offset, fragment = self._followed.get(row.path, (row.init_length, 0))
            try:
                with (self._sources.storage / row.path).open("rb") as file:
                    last = _last_commit(file, offset, fragment)
                    if last is None:
                        continue
                    file.seek(last.end - _DIGEST_LENGTH)
                    digest = file.read(_DIGEST_LENGTH)
            except OSError as error:
                log.warning("custody_segment_unreadable", path=row.path, error=str(error))
                continue
            self._followed[row.path] = (last.end, last.fragment + 1)
            yield Cover(
                at_us=self._now_us(), site=row.site, camera=row.camera, stream=row.stream, recording=row.recording,
                segment=row.segment, bytes=last.end, digest=digest.hex(), fragments=last.fragment + 1,
                last_us=microseconds(last.utc_ns), seen=seen,
            )  # fmt: skip

    def _deletions(self, connection: Connection, cursors: Cursors, newest: int) -> Iterator[Entry]:
        for row in self._rows_after(connection, index.tombstones, _ROWID, cursors, newest):
            yield Deletion(
                at_us=self._now_us(), site=row.site, camera=row.camera, stream=row.stream, recording=row.recording,
                segment=row.segment, bytes=row.bytes, sha256=None if row.sha256 is None else row.sha256.hex(),
                start_us=microseconds(row.start_utc_ns), end_us=microseconds(row.end_utc_ns), why=row.why,
                deleted_us=microseconds(row.tombstoned_utc_ns),
            )  # fmt: skip

    def _acts(self, cursors: Cursors) -> Iterator[Entry]:
        keys = self._sources.keys
        for act in self._sources.acts.after(int(cursors.get("acts", 0))):
            cursors["acts"] = act.id
            if act.code is not None:
                yield Alarm(
                    at_us=microseconds(act.at_utc_ns), code=act.code, camera=next(iter(act.cameras), None),
                    raised=act.act == "alarm_began",
                )  # fmt: skip
                continue
            yield Access.model_validate(
                {
                    "at_us": microseconds(act.at_utc_ns), "act": act.act, "user": keys.pseudonym(act.user),
                    "cameras": act.cameras, "stream": act.stream,
                    "start_us": None if act.start_utc_ns is None else microseconds(act.start_utc_ns),
                    "end_us": None if act.end_utc_ns is None else microseconds(act.end_utc_ns),
                    "manifest": None if act.manifest is None else act.manifest.hex(),
                }
            )  # fmt: skip

    def _decisions(self, cursors: Cursors) -> Iterator[Entry]:
        """What people decided since last time: found by comparing, so a change made behind the page's back counts."""
        before: Decisions = cursors.get("decisions", {})
        with self._sources.catalogue.read() as connection:
            mark = change_mark(connection)
            if self._decided is not None and self._decided[0] == mark and self._decided[1] is before:
                return
            now = self._read_decisions(connection)
        # What is compared with next time is this very object once, and only once, its entries are in the log.
        self._decided = mark, now
        cursors["decisions"] = now
        if before.get("retention") != now["retention"]:
            yield Retention(at_us=self._now_us(), retention_us=now["retention"])
        yield from self._camera_changes(before.get("cameras", {}), now["cameras"])
        # A log of before streams were told has none: those that there are were not added just now.
        yield from self._stream_changes(before.get("streams", now["streams"]) if before else {}, now["streams"])
        yield from self._hold_changes(before.get("holds", {}), now["holds"])
        yield from self._account_changes(before.get("users", {}), now["users"])

    def _read_decisions(self, connection: Connection) -> dict[str, Any]:
        keys = self._sources.keys
        cameras = connection.execute(select(catalogue.cameras)).all()
        streams = connection.execute(select(catalogue.camera_streams)).all()
        in_use = {row.id for row in cameras if row.removed_utc_ns is None}
        holds = connection.execute(select(catalogue.holds)).all()
        users = connection.execute(select(catalogue.users)).all()
        return {
            "retention": round(self._sources.retention_days * DAY_US),
            "cameras": {
                row.id: {
                    "removed": row.removed_utc_ns is not None, "source": row.kind, "enabled": row.enabled,
                    "record_audio": row.record_audio, "retention_bytes": row.retention_bytes,
                    "retention_us": None if row.retention_days is None else round(row.retention_days * DAY_US),
                }
                for row in cameras
            },
            "streams": {
                f"{row.camera}/{row.stream}": {"camera": row.camera, "stream": row.stream}
                for row in streams
                if row.camera in in_use
            },
            "holds": {
                row.id: {
                    "camera": row.camera, "start_us": microseconds(row.start_utc_ns),
                    "end_us": microseconds(row.end_utc_ns), "by": keys.pseudonym(row.set_by),
                    "reason": keys.commitment(row.id, row.reason),
                    "lifted_by": None if row.lifted_utc_ns is None else keys.pseudonym(row.lifted_by or ""),
                }
                for row in holds
            },
            "users": {
                keys.pseudonym(row.name): {
                    "disabled": row.disabled, "password": keys.commitment("password", row.password_hash),
                }
                for row in users
            },
        }  # fmt: skip

    def _camera_changes(self, before: Decisions, now: Decisions) -> Iterator[Entry]:
        for camera in sorted({*before, *now}):
            old, new = before.get(camera), now.get(camera)
            if old == new:
                continue
            state = dict(new or before[camera])
            gone = new is None or state["removed"]
            state.pop("removed")
            yield Camera(
                at_us=self._now_us(), site=self._sources.site, camera=camera,
                change="removed" if gone else "added" if old is None else "changed", **state,
            )  # fmt: skip

    def _stream_changes(self, before: Decisions, now: Decisions) -> Iterator[Entry]:
        for name in sorted(before.keys() ^ now.keys()):
            yield Stream(
                at_us=self._now_us(), site=self._sources.site, change="added" if name in now else "removed",
                **(now.get(name) or before[name]),
            )  # fmt: skip

    def _hold_changes(self, before: Decisions, now: Decisions) -> Iterator[Entry]:
        for hold in sorted({*before, *now}):
            old, new = before.get(hold), now.get(hold)
            state = new or before[hold]
            span = {
                "at_us": self._now_us(), "hold": hold, "site": self._sources.site, "camera": state["camera"],
                "start_us": state["start_us"], "end_us": state["end_us"],
            }  # fmt: skip
            if old is None or (new is not None and _span_of(old) != _span_of(new)):
                yield Hold(**span, by=state["by"], reason=state["reason"])
            # A row that vanished is a hold lifted by nobody who says so.
            was_lifted = old is not None and old["lifted_by"] is not None
            if not was_lifted and (new is None or new["lifted_by"] is not None):
                by = self._sources.keys.pseudonym("") if new is None else new["lifted_by"]
                yield HoldLifted(**span, by=by)

    def _account_changes(self, before: Decisions, now: Decisions) -> Iterator[Entry]:
        for user in sorted({*before, *now}):
            old, new = before.get(user), now.get(user)
            changes: list[str] = []
            if old is None:
                changes.append("created")
            elif new is None:
                changes.append("removed")
            else:
                if old["disabled"] != new["disabled"]:
                    changes.append("disabled" if new["disabled"] else "enabled")
                if old["password"] != new["password"]:
                    changes.append("password")
            for change in changes:
                yield Account.model_validate({"at_us": self._now_us(), "user": user, "change": change})


def _span_of(hold: dict[str, Any]) -> tuple[Any, ...]:
    return hold["camera"], hold["start_us"], hold["end_us"]


def _last_commit(file: BinaryIO, offset: int, fragment: int) -> Commit | None:
    last = None
    for commit in walk_commits(file, offset, fragment):
        last = commit
    return last


def heartbeat_due(last_ns: int, now_ns: int) -> bool:
    """Whether a minute of monotonic time has passed."""
    return now_ns - last_ns >= 60 * NS_PER_S
