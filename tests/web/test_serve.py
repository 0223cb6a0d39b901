"""What a web process says that cannot begin."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from basira.base.clock import SystemClock
from basira.base.settings import Settings
from basira.catalogue.store import open_catalogue
from basira.databases.sqlite import open_database


def test_refused_by_the_catalogue_of_a_later_release_it_says_so_in_one_sentence(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    open_catalogue(settings.catalogue_path, SystemClock()).close()
    database = open_database(settings.catalogue_path)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9998'")
    database.dispose()
    told = subprocess.run(
        [sys.executable, "-m", "basira.cli.roles", "web"],
        env=os.environ | {"BASIRA_DATA_DIR": str(tmp_path), "BASIRA_LANGUAGE": "en", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 1
    assert settings.catalogue_path.name in told.stderr and "9998" in told.stderr
    assert "Traceback" not in told.stdout + told.stderr
