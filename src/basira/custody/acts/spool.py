"""The spool: log before use. Whoever shows footage writes here first, and shows it after the write is synced."""

from __future__ import annotations

import fcntl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine, insert, select

from basira.base.clock import Clock
from basira.custody.acts.schema import acts, metadata
from basira.databases.migrate import upgrade
from basira.databases.sqlite import open_database

ActName = Literal["login", "login_refused", "live", "playback", "search", "snapshot", "export", "evidence"]
AlarmName = Literal["alarm_began", "alarm_ended"]


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what to which cameras' footage; or an alarm, with its ``code``, which nobody did.

    ``id`` and ``at_utc_ns`` are given by the spool.
    """

    act: ActName | AlarmName
    user: str
    cameras: tuple[str, ...] = ()
    stream: str | None = None
    start_utc_ns: int | None = None
    end_utc_ns: int | None = None
    manifest: bytes | None = None
    code: str | None = None
    id: int = 0
    at_utc_ns: int = 0


class ActSpool:
    """Several processes may write: each act is one short, synced transaction. Only the log's process reads on."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @classmethod
    def open(cls, path: Path, clock: Clock) -> ActSpool:
        """Any process may be the first: a lock file beside the database lets only one make it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            engine = open_database(path)
            upgrade(engine, "basira.custody.acts", metadata)
        return cls(engine, clock)

    def close(self) -> None:
        self._engine.dispose()

    def record(self, act: Act) -> int:
        """Write the act down; on return it is on the disk. Gives its number."""
        values = {
            "at_utc_ns": self._clock.utc_ns(), "act": act.act, "user": act.user, "cameras": list(act.cameras),
            "stream": act.stream, "start_utc_ns": act.start_utc_ns, "end_utc_ns": act.end_utc_ns,
            "manifest": act.manifest, "code": act.code,
        }  # fmt: skip
        with self._engine.begin() as connection:
            key = connection.execute(insert(acts).values(**values)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def after(self, number: int, limit: int = 1000) -> Sequence[Act]:
        """Acts with a larger number, oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(acts).where(acts.c.id > number).order_by(acts.c.id).limit(limit))
            return [Act(**{**row, "cameras": tuple(row["cameras"])}) for row in rows.mappings()]
