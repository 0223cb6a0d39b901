"""Databases are brought to the newest schema, and opening one that is there already costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine

import basira
from basira.base.clock import SystemClock
from basira.catalogue.store import open_catalogue
from basira.databases.migrate import alembic_config, newest_revision

_SOURCES = Path(basira.__file__).parent
ROOMS = sorted(
    ".".join(("basira", *folder.parent.relative_to(_SOURCES).parts)) for folder in _SOURCES.rglob("migrations")
)

OPEN = """
import sys
from pathlib import Path
from basira.base.clock import SystemClock
from basira.catalogue.store import open_catalogue
open_catalogue(Path(sys.argv[1]), SystemClock()).close()
print("alembic" in sys.modules)
"""


@pytest.mark.parametrize("room", ROOMS)
def test_the_newest_migration_by_name_is_alembics_head(room: str) -> None:
    scripts = ScriptDirectory.from_config(alembic_config(create_engine("sqlite://"), room, MetaData()))
    assert scripts.get_heads() == [newest_revision(room)]


def test_every_room_with_a_database_is_looked_at() -> None:
    assert {"basira.catalogue", "basira.recording", "basira.custody.acts"} <= set(ROOMS)


def test_a_process_that_opens_a_current_database_does_not_load_alembic(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    open_catalogue(path, SystemClock()).close()
    again = subprocess.run([sys.executable, "-c", OPEN, path], capture_output=True, text=True, check=True)
    assert again.stdout == "False\n"
