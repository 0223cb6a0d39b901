"""Bringing a database to the newest schema with Alembic, from the room's own ``migrations`` folder.

Alembic is loaded only for a database that is of an older schema: each of a node's processes opens databases when it
starts, and would keep twenty megabytes for it as long as it runs. A new database is made from the tables as they are
now and marked with the newest revision (Alembic's cookbook, "Building an Up to Date Database from Scratch").
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, MetaData, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_ENV = Path(__file__).parent / "alembic_env"
_APPLIED = "alembic_version"  # Alembic's own table: one row, the newest revision applied


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
    """Give ``engine``'s database the newest schema of ``room``; does nothing when it has it."""
    newest = newest_revision(room)
    if current_revision(engine) is None:
        _create(engine, metadata, newest)
    if current_revision(engine) != newest:
        from alembic import command

        command.upgrade(alembic_config(engine, room, metadata), "head")


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
    return max(path.name for path in _migrations(room).glob("[0-9]*.py")).partition("_")[0]


def _migrations(room: str) -> Path:
    package = import_module(room)
    assert package.__file__ is not None
    return Path(package.__file__).parent / "migrations"
