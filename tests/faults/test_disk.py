"""A real small disk filled, failing, taken away and replaced under the recorder: refused, told, never "repaired"."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from basira.recording import reserve
from tests.conftest import clip_of
from tests.faults.site import Site, site_on
from tests.faults.small_disk import SmallDisk, small_disk, why_not
from tests.faults.table import Matrix, Row
from tests.recording.node import Node, wait_until

LONG = pytest.param(8, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if (lacking := why_not()) is not None:
        pytest.skip(f"failing disks are left out: {lacking}")
    with small_disk(tmp_path) as made:
        yield made


@pytest.fixture
def site(disk: SmallDisk, tmp_path: Path, clips: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with site_on(disk.mount_point, tmp_path, clip_of(clips), monkeypatch) as made:
        yield made


@contextmanager
def _recording(site: Site, row: Row, times: int) -> Iterator[range]:
    """A recorder for the length of the block, which injects the fault that many times; then the reckoning."""
    with site.node.recorder():
        site.wait_recorded()
        yield range(times)
    site.settle(row, times)


@pytest.mark.parametrize("times", [1, LONG])
def test_a_disk_filled_to_the_last_byte(disk: SmallDisk, site: Site, matrix: Matrix, times: int) -> None:
    with _recording(site, matrix.row("disk filled to the last byte"), times) as rounds:
        for _ in rounds:
            filler = disk.fill()
            site.wait_refused("storage_full")
            files = len(disk.listing())
            time.sleep(3)  # what is tried again meanwhile leaves nothing behind
            assert len(disk.listing()) == files
            filler.unlink()
            site.wait_well()


@pytest.mark.parametrize("times", [1, LONG])
def test_a_disk_that_turns_read_only(disk: SmallDisk, site: Site, matrix: Matrix, times: int) -> None:
    with _recording(site, matrix.row("file system turned read-only"), times) as rounds:
        for _ in rounds:
            disk.fail()
            site.wait_refused("storage_probe_failed")
            disk.repair()
            site.wait_well()


@pytest.mark.parametrize("times", [1, LONG])
def test_a_disk_unmounted_under_the_recorder(disk: SmallDisk, site: Site, matrix: Matrix, times: int) -> None:
    with _recording(site, matrix.row("disk unmounted"), times) as rounds:
        for _ in rounds:
            disk.take_away()
            site.wait_refused("storage_missing")
            assert list(disk.mount_point.iterdir()) == []
            disk.mount()
            site.wait_well()


@pytest.mark.parametrize("times", [LONG])
def test_a_disk_replaced_by_anothers(disk: SmallDisk, site: Site, tmp_path: Path, matrix: Matrix, times: int) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with small_disk(other) as foreign:
        stranger = Node(other / "data", storage_dir=str(foreign.mount_point))
        with stranger.recorder() as recorder:
            wait_until(lambda: recorder.status()["disk"] is not None)
        stranger.catalogue.close()
        foreign.take_away()
        with _recording(site, matrix.row("disk replaced by another's"), times) as rounds:
            for _ in rounds:
                disk.take_away()
                disk.mount(foreign.image)
                before = disk.listing()
                site.wait_refused("storage_crossed")
                assert disk.listing() == before
                disk.take_away()
                disk.mount()
                site.wait_well()


@pytest.mark.parametrize("times", [LONG])
def test_a_disk_replaced_by_an_older_copy_of_itself(
    disk: SmallDisk, site: Site, matrix: Matrix, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    monkeypatch.setattr(reserve, "_PROBE_NS", 10**9)
    with _recording(site, matrix.row("disk replaced by an older copy of itself"), times) as rounds:
        for _ in rounds:
            copy = disk.copy("copy.img")
            site.wait_recorded(6)
            disk.take_away()
            disk.mount(copy)
            before = disk.listing()
            site.wait_refused("storage_stale")
            assert disk.listing() == before
            disk.take_away()
            disk.mount()
            site.wait_well()


@pytest.mark.parametrize("times", [LONG])
def test_a_disk_missing_at_the_start(disk: SmallDisk, site: Site, matrix: Matrix, times: int) -> None:
    with site.node.recorder():
        site.wait_recorded()
    for _ in range(times):
        disk.take_away()
        with site.node.recorder() as recorder:
            wait_until(lambda: "storage_missing" in {alarm["code"] for alarm in recorder.status()["alarms"]})
            assert list(disk.mount_point.iterdir()) == []
            disk.mount()
            site.wait_well()
    site.settle(matrix.row("disk missing at the start"), times)
