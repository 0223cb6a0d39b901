"""Opening a SQLite database the one way Basira opens them."""

from __future__ import annotations

import itertools
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError, DisconnectionError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from basira.base.errors import BasiraError

# SQLite's locks and shared memory are not to be trusted on these (https://www.sqlite.org/useovernet.html).
NETWORK_FILESYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs"}
)  # fmt: skip


def filesystem_type(path: Path) -> str:
    """Type of the file system that holds ``path`` (or its nearest existing parent), from /proc/self/mountinfo."""
    place = path.resolve()
    while not place.exists():
        place = place.parent
    device = place.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split()
        if fields[2] == wanted:
            return fields[fields.index("-") + 1]
    return "unknown"


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def open_database(path: Path, *, durable: bool = True, read_only: bool = False, check: bool = True) -> Engine:
    """An engine over ``path`` in WAL mode with foreign keys on and a 10 s wait for locks.

    ``durable`` syncs every commit (``synchronous=FULL``). Refuses network file systems
    (``database_on_network_filesystem``) and files that fail ``quick_check`` (``database_damaged``).
    """
    fstype = filesystem_type(path)
    if fstype in NETWORK_FILESYSTEMS:
        raise BasiraError("database_on_network_filesystem", path=str(path), fstype=fstype)
    if not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
    mode = "ro" if read_only else "rwc"
    engine = create_engine(
        f"sqlite+pysqlite:///file:{path.resolve()}?mode={mode}&uri=true",
        connect_args={"timeout": 10.0, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        record.info["path"], record.info["file"] = path, _identity(path)
        cursor = connection.cursor()
        if not read_only:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    if read_only:
        # The writer may set a damaged database aside and begin anew: readers must not stay with the old file.
        @event.listens_for(engine, "checkout")
        def _still_there(_connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
            if record.info["file"] != _identity(path):
                raise DisconnectionError

    if check and path.exists():
        try:
            with engine.connect() as connection:
                verdict = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
        except DatabaseError as error:
            engine.dispose()
            raise BasiraError("database_damaged", path=str(path), reason=str(error.orig)) from error
        except UnicodeDecodeError as error:
            # Python cannot read what SQLite says, for it quotes a schema that is no text any more.
            engine.dispose()
            raise BasiraError("database_damaged", path=str(path), reason=str(error)) from error
        if verdict != "ok":
            engine.dispose()
            raise BasiraError("database_damaged", path=str(path), reason=str(verdict))
    return engine


_NUMBERS = itertools.count()


def change_mark(connection: Connection) -> tuple[int, ...]:
    """Equal to an earlier mark only if nobody, in any process, has committed to the database in between.

    Far cheaper than a query. Take it before what is read: a change made meanwhile then shows in the next one.
    """
    raw: Any = connection.connection.dbapi_connection
    # Of others' commits the first number tells, of this very connection's the second; the third says whose they are.
    (version,) = raw.execute("PRAGMA data_version").fetchone()
    return version, raw.total_changes, connection.info.setdefault("number", next(_NUMBERS))


class ChangeWatch:
    """Whether a database of :func:`open_database` was written to, for who would otherwise query it several times a
    second. Keeps a connection of its own, because SQLite tells each connection of others' changes. Thread-safe.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    def mark(self) -> tuple[int, ...] | None:
        """A :func:`change_mark`; None when the database does not tell: query it, and it will say what is wrong."""
        with self._lock:
            try:
                if self._connection is not None and self._is_replaced(self._connection):
                    self._let_go()
                if self._connection is None:
                    self._connection = self._engine.connect()
                return change_mark(self._connection)
            except (SQLAlchemyError, sqlite3.Error):
                self._let_go()
                return None

    def close(self) -> None:
        """Give the connection back. Asked again, it takes another."""
        with self._lock:
            self._let_go()

    def _is_replaced(self, connection: Connection) -> bool:
        return bool(connection.info["file"] != _identity(connection.info["path"]))

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # it may be of a file that is no more
            connection.close()
