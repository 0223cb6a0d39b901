"""``catalogue.db`` opened: reads, short writes, and the one number that tells others something changed."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select, update

from basira.base.clock import Clock
from basira.base.identifiers import new_identifier
from basira.catalogue.schema import catalogue_changes, metadata, site
from basira.databases.migrate import upgrade
from basira.databases.sqlite import ChangeWatch, open_database

_ROOM = "basira.catalogue"


class Catalogue:
    """What people have decided, at one node. Safe to share between threads; several processes may have it open.

    ``change`` and ``write`` hold SQLite's only write lock: do nothing slow inside them.
    """

    def __init__(self, engine: Engine, site_id: str, clock: Clock) -> None:
        self._engine = engine
        self.site = site_id
        self.clock = clock
        self._watch = ChangeWatch(engine)
        self._known: tuple[tuple[int, ...] | None, int] = None, 0

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with. Each statement sees its own moment."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def change(self) -> Iterator[Connection]:
        """A transaction that the recorder and the analysis must notice: it raises the version with it."""
        with self._engine.begin() as connection:
            # First, so that the write lock is held before anything is read.
            connection.execute(update(catalogue_changes).values(version=catalogue_changes.c.version + 1))
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that nobody else waits for: sessions, deliveries, progress."""
        with self._engine.begin() as connection:
            yield connection

    def version(self) -> int:
        """Rises with each change; cheap enough to poll every second."""
        mark = self._watch.mark()  # before the query, so that what changes meanwhile shows in the next
        known_mark, version = self._known
        if mark is None or mark != known_mark:
            with self.read() as connection:
                version = int(connection.execute(select(catalogue_changes.c.version)).scalar_one())
            self._known = mark, version
        return version

    def site_name(self) -> str:
        with self.read() as connection:
            return str(connection.execute(select(site.c.name)).scalar_one())

    def rename_site(self, name: str) -> None:
        with self.change() as connection:
            connection.execute(update(site).values(name=name))

    def close(self) -> None:
        self._watch.close()
        self._engine.dispose()


def open_catalogue(path: Path, clock: Clock) -> Catalogue:
    """Open the catalogue at ``path``, create or migrate it if need be, and give the node a site identity once.

    Any process may be the first: a lock file beside the database lets only one migrate it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        engine = open_database(path)
        upgrade(engine, _ROOM, metadata)
        site_id = _site_identity(engine, clock)
    return Catalogue(engine, site_id, clock)


def _site_identity(engine: Engine, clock: Clock) -> str:
    with engine.begin() as connection:
        known = connection.execute(select(site.c.id)).scalar_one_or_none()
        if known is not None:
            return str(known)
        fresh = new_identifier("site")
        connection.execute(insert(site).values(id=fresh, name=fresh, created_utc_ns=clock.utc_ns()))
        connection.execute(insert(catalogue_changes).values(id=1, version=1))
        return fresh
