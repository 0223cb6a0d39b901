"""Bringing a database to the newest schema with Alembic, from the room's own ``migrations`` folder.

Alembic is loaded only when there is something to apply: each of a node's processes opens databases when it starts, and
would keep ten megabytes for it as long as it runs.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, MetaData, inspect, text

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
    """Apply every migration of ``room`` that ``engine``'s database lacks; does nothing when it is current."""
    if current_revision(engine) == newest_revision(room):
        return
    from alembic import command

    command.upgrade(alembic_config(engine, room, metadata), "head")


def current_revision(engine: Engine) -> str | None:
    """The schema revision the database is at; None before the first."""
    with engine.connect() as connection:
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
