from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from basira.base.clock import SimulatedClock, SystemClock
from basira.catalogue.schema import metadata
from basira.catalogue.store import Catalogue, open_catalogue


def test_a_node_keeps_its_site_identity(tmp_path: Path, clock: SimulatedClock) -> None:
    first = open_catalogue(tmp_path / "catalogue.db", clock)
    again = open_catalogue(tmp_path / "catalogue.db", clock)
    assert first.site == again.site
    first.close()
    again.close()


def test_a_change_raises_the_version_and_a_write_does_not(catalogue: Catalogue) -> None:
    before = catalogue.version()
    with catalogue.change():
        pass
    assert catalogue.version() == before + 1
    with catalogue.write():
        pass
    assert catalogue.version() == before + 1


def test_a_failed_change_leaves_version_and_content_alone(catalogue: Catalogue) -> None:
    before = catalogue.version(), catalogue.site_name()
    with pytest.raises(RuntimeError), catalogue.change():
        raise RuntimeError
    assert (catalogue.version(), catalogue.site_name()) == before


def test_the_site_can_be_renamed(catalogue: Catalogue) -> None:
    catalogue.rename_site("محطة الكرمة")
    assert catalogue.site_name() == "محطة الكرمة"


def test_migrations_give_exactly_the_tables_of_the_schema(catalogue: Catalogue) -> None:
    with catalogue.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def _site_of(path: str) -> str:
    catalogue = open_catalogue(Path(path), SystemClock())
    try:
        return catalogue.site
    finally:
        catalogue.close()


def test_processes_that_start_together_agree_on_the_site(tmp_path: Path) -> None:
    with get_context("spawn").Pool(3) as pool:
        sites = pool.map(_site_of, [str(tmp_path / "catalogue.db")] * 3, chunksize=1)
    assert len(set(sites)) == 1
