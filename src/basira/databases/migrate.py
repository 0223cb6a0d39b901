"""Bringing a database to the newest schema with Alembic, from the room's own ``migrations`` folder.

Alembic is loaded only for a database that is of an older schema: each of a node's processes opens databases when it
starts, and would keep twenty megabytes for it as long as it runs. A new database is made from the tables as they are
now and marked with the newest revision (Alembic's cookbook, "Building an Up to Date Database from Scratch").
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from basira.base.errors import BasiraError

if TYPE_CHECKING:
    from alembic.config import Config

_ENV = Path(__file__).parent / "alembic_env"
_APPLIED = "alembic_version"  # Alembic's own table: one row, the newest revision applied
_REVISION = "[0-9]{4}"


def alembic_config(engine: Engine, room: str, metadata: MetaData) -> Config:
    """Alembic's configuration for the database of ``room`` (``basira.recording``, ...)."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_ENV))
    config.set_main_option("version_locations", str(_migrations(room)))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    config.attributes["metadata"] = metadata
    return config


def upgrade(engine: Engine, room: str, metadata: MetaData) -> None:
    """Give ``engine``'s database the newest schema of ``room``; does nothing when it has it.

    Raises BasiraError ``database_newer`` for one that a later release has migrated, and ``database_damaged`` where no
    release can have written what is there instead of a revision. Neither is changed.
    """
    newest = newest_revision(room)
    if current_revision(engine) is None:
        _create(engine, metadata, newest)
    current = current_revision(engine)
    if current not in _revisions(room):
        engine.dispose()  # somebody may set the file aside
        raise _refused((engine.url.database or "").removeprefix("file:"), current, newest)
    if current != newest:
        from alembic import command

        command.upgrade(alembic_config(engine, room, metadata), "head")


def _refused(path: str, current: str | None, newest: str) -> BasiraError:
    if isinstance(current, str) and re.fullmatch(_REVISION, current) and current > newest:  # SQLite keeps any type
        return BasiraError("database_newer", path=path, revision=current, newest=newest)
    return BasiraError("database_damaged", path=path, reason=f"schema revision {current!r}")


def _create(engine: Engine, metadata: MetaData, newest: str) -> None:
    with engine.connect() as connection:
        # Two processes may be first at once. Python's sqlite3 opens a transaction before a change, not before a CREATE.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        if _revision(connection) is None:
            metadata.create_all(connection)
            connection.execute(
                text(f"CREATE TABLE IF NOT EXISTS {_APPLIED} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
            )
            connection.execute(text(f"INSERT INTO {_APPLIED} VALUES (:newest)"), {"newest": newest})
        connection.commit()


def current_revision(engine: Engine) -> str | None:
    """The schema revision the database is at; None before the first."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_APPLIED):
        return None
    return connection.execute(text(f"SELECT version_num FROM {_APPLIED}")).scalar()


def newest_revision(room: str) -> str:
    """Of the room's migrations: their files are named by revision, ``0001_first_schema.py``."""
    return max(_revisions(room))


def _revisions(room: str) -> set[str]:
    return {path.name.partition("_")[0] for path in _migrations(room).glob("[0-9]*.py")}


def _migrations(room: str) -> Path:
    package = import_module(room)
    assert package.__file__ is not None
    return Path(package.__file__).parent / "migrations"
