"""Databases are brought to the newest schema, and opening one that is new or current does not load Alembic."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine

import basira
from basira.base.clock import SystemClock
from basira.base.errors import BasiraError
from basira.catalogue.store import open_catalogue
from basira.databases.migrate import alembic_config, current_revision, newest_revision, upgrade
from basira.databases.sqlite import open_database
from basira.recording.index import open_index

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


@pytest.mark.parametrize("room", ROOMS)
def test_a_database_made_at_once_is_as_one_that_every_migration_went_over(room: str, tmp_path: Path) -> None:
    metadata = import_module(f"{room}.schema").metadata
    new = open_database(tmp_path / "new.db")
    upgrade(new, room, metadata)
    migrated = open_database(tmp_path / "migrated.db")
    command.upgrade(alembic_config(migrated, room, metadata), "head")
    assert tables_of(new) == tables_of(migrated)
    assert current_revision(new) == current_revision(migrated)


def test_an_older_database_is_migrated_and_keeps_what_it_holds(tmp_path: Path) -> None:
    room = "basira.catalogue"
    metadata = import_module(f"{room}.schema").metadata
    engine = open_database(tmp_path / "catalogue.db")
    command.upgrade(alembic_config(engine, room, metadata), "0001")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO exports (id, cameras, stream, start_utc_ns, end_utc_ns, requested_by, requested_utc_ns, "
            "state, done_bytes, total_bytes, files) VALUES ('one', '[]', 'main', 1, 2, 'judge', 3, 'done', 4, 4, '[]')"
        )
    upgrade(engine, room, metadata)
    assert current_revision(engine) == newest_revision(room)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT id, evidence FROM exports").fetchall() == [("one", 0)]


def test_a_database_whose_making_was_cut_short_is_made_whole(tmp_path: Path) -> None:
    room = "basira.recording"
    metadata = import_module(f"{room}.schema").metadata
    torn, whole = open_database(tmp_path / "torn.db"), open_database(tmp_path / "whole.db")
    upgrade(whole, room, metadata)
    upgrade(torn, room, metadata)
    with torn.begin() as connection:  # as releases left it that made tables one after another
        connection.exec_driver_sql("DELETE FROM alembic_version")
        connection.exec_driver_sql("DROP TABLE gaps")
    upgrade(torn, room, metadata)
    assert tables_of(torn) == tables_of(whole)
    assert current_revision(torn) == newest_revision(room)


@pytest.mark.parametrize(
    ("revision", "code"),
    [
        ("'9998'", "database_newer"),
        ("'0x3'", "database_damaged"),
        ("12", "database_damaged"),
        ("x'ff'", "database_damaged"),
    ],
)
def test_a_database_of_a_later_release_is_refused_by_name_and_one_of_none_as_damaged(
    tmp_path: Path, revision: str, code: str
) -> None:
    path = tmp_path / "index.db"
    open_index(path).dispose()
    with open_database(path).begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = {revision}")
    before = path.read_bytes()
    with pytest.raises(BasiraError) as refused:
        open_index(path)
    assert refused.value.code == code and refused.value.params["path"] == str(path)
    assert path.read_bytes() == before


def tables_of(engine: Engine) -> dict[str, list[str]]:
    """Definition of each table and index, in no order: a migration adds a column after the others."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version'")
        return {
            name: sorted(part.strip(" )\t") for part in re.split(r"[,\n]", sql or "") if part.strip(" )\t"))
            for name, sql in rows
        }


@pytest.mark.parametrize("known", [False, True])
def test_a_process_that_opens_a_new_or_a_current_database_does_not_load_alembic(tmp_path: Path, known: bool) -> None:
    path = tmp_path / "catalogue.db"
    if known:
        open_catalogue(path, SystemClock()).close()
    opened = subprocess.run([sys.executable, "-c", OPEN, path], capture_output=True, text=True, check=True)
    assert opened.stdout == "False\n"
