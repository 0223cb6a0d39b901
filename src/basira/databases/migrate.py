"""Bringing a database to the newest schema with Alembic, from the room's own ``migrations`` folder."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData

_ENV = Path(__file__).parent / "alembic_env"


def alembic_config(engine: Engine, room: str, metadata: MetaData) -> Config:
    """Alembic's configuration for the database of ``room`` (``basira.recording``, ...)."""
    package = import_module(room)
    assert package.__file__ is not None
    config = Config()
    config.set_main_option("script_location", str(_ENV))
    config.set_main_option("version_locations", str(Path(package.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    config.attributes["metadata"] = metadata
    return config


def upgrade(engine: Engine, room: str, metadata: MetaData) -> None:
    """Apply every migration of ``room`` that ``engine``'s database lacks; does nothing when it is current."""
    command.upgrade(alembic_config(engine, room, metadata), "head")


def current_revision(engine: Engine) -> str | None:
    """The schema revision the database is at."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
