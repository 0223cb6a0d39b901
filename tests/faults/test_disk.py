"""A real small disk filled, failing, taken away and replaced under the recorder: refused, told, never "repaired"."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from basira.recording import reserve
from basira.recording.segment import LocalFilesystem
from tests.conftest import clip_of
from tests.faults.small_disk import SmallDisk, small_disk, why_not
from tests.faults.store import fragment_ends, fragments_lost, invariants_broken, promised_fragments
from tests.faults.subject import promises, witnessed
from tests.faults.table import Matrix, Row
from tests.recording.node import Node, wait_until

LONG = pytest.param(8, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])


@dataclass
class Site:
    """A recorder in this process with two cameras, its footage on a small disk and all else elsewhere."""

    disk: SmallDisk
    node: Node
    acknowledged: Path

    def alarms(self) -> set[str]:
        return {alarm["code"] for alarm in self.node.status()["alarms"]}

    def records(self) -> bool:
        return all(self.node.is_recording(camera) for camera in ("gate", "yard"))

    def wait_recorded(self, fragments: int = 3) -> None:
        """Until both cameras have that many more fragments."""
        wait_until(self.records, 90)
        before = {camera: self.node.fragments(camera) for camera in ("gate", "yard")}
        wait_until(lambda: all(self.node.fragments(camera) > n + fragments for camera, n in before.items()), 90)

    def wait_refused(self, alarm: str) -> None:
        """Until that alarm stands and each camera has a gap for which the disk is to blame."""
        wait_until(lambda: alarm in self.alarms())
        wait_until(lambda: all(self._cause(camera) == "disk" for camera in ("gate", "yard")))

    def _cause(self, camera: str) -> object:
        return (self.node.state(camera).get("gap") or {}).get("cause")

    def wait_well(self) -> None:
        """Until it records by itself again and no alarm of the disk is left."""
        self.wait_recorded()
        wait_until(lambda: not any(code.startswith(("storage", "recording_gap")) for code in self.alarms()))

    def settle(self, row: Row, times: int) -> None:
        """After the recorder's end: count what was promised, and hold the store to the full check."""
        footage = self.node.settings.footage_path
        kept = promised_fragments(promises(self.acknowledged), fragment_ends(footage))
        row.injected += times
        row.acknowledged += sum(len(ends) for ends in kept.values())
        row.lost += fragments_lost(footage, kept)
        row.broken += invariants_broken(self.node.settings)
        assert row.is_kept, row
        assert {gap.cause for gap in self.node.rows("gaps")} == {"disk"}
        assert all(gap.end_utc_ns for gap in self.node.rows("gaps"))


@pytest.fixture
def site(tmp_path: Path, clips: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    if (lacking := why_not()) is not None:
        pytest.skip(f"failing disks are left out: {lacking}")
    acknowledged = tmp_path / "acknowledged"
    monkeypatch.setattr(LocalFilesystem, "fdatasync", witnessed(acknowledged))
    with small_disk(tmp_path) as disk:
        node = Node(tmp_path / "data", storage_dir=str(disk.mount_point), segment_target_s=2.0, gap_after_s=1.0)
        for camera in ("gate", "yard"):
            node.add(camera, str(clip_of(clips)))
        yield Site(disk, node, acknowledged)
        node.catalogue.close()


@contextmanager
def _recording(site: Site, row: Row, times: int) -> Iterator[range]:
    """A recorder for the length of the block, which injects the fault that many times; then the reckoning."""
    with site.node.recorder():
        site.wait_recorded()
        yield range(times)
    site.settle(row, times)


@pytest.mark.parametrize("times", [1, LONG])
def test_a_disk_filled_to_the_last_byte(site: Site, matrix: Matrix, times: int) -> None:
    with _recording(site, matrix.row("disk filled to the last byte"), times) as rounds:
        for _ in rounds:
            filler = site.disk.fill()
            site.wait_refused("storage_full")
            files = len(site.disk.listing())
            time.sleep(3)  # what is tried again meanwhile leaves nothing behind
            assert len(site.disk.listing()) == files
            filler.unlink()
            site.wait_well()


@pytest.mark.parametrize("times", [1, LONG])
def test_a_disk_that_turns_read_only(site: Site, matrix: Matrix, times: int) -> None:
    with _recording(site, matrix.row("file system turned read-only"), times) as rounds:
        for _ in rounds:
            site.disk.fail()
            site.wait_refused("storage_probe_failed")
            site.disk.repair()
            site.wait_well()


@pytest.mark.parametrize("times", [1, LONG])
def test_a_disk_unmounted_under_the_recorder(site: Site, matrix: Matrix, times: int) -> None:
    with _recording(site, matrix.row("disk unmounted"), times) as rounds:
        for _ in rounds:
            site.disk.take_away()
            site.wait_refused("storage_missing")
            assert list(site.disk.mount_point.iterdir()) == []
            site.disk.mount()
            site.wait_well()


@pytest.mark.parametrize("times", [LONG])
def test_a_disk_replaced_by_anothers(site: Site, tmp_path: Path, matrix: Matrix, times: int) -> None:
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
                site.disk.take_away()
                site.disk.mount(foreign.image)
                before = site.disk.listing()
                site.wait_refused("storage_crossed")
                assert site.disk.listing() == before
                site.disk.take_away()
                site.disk.mount()
                site.wait_well()


@pytest.mark.parametrize("times", [LONG])
def test_a_disk_replaced_by_an_older_copy_of_itself(
    site: Site, matrix: Matrix, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    monkeypatch.setattr(reserve, "_PROBE_NS", 10**9)
    with _recording(site, matrix.row("disk replaced by an older copy of itself"), times) as rounds:
        for _ in rounds:
            copy = site.disk.copy("copy.img")
            site.wait_recorded(6)
            site.disk.take_away()
            site.disk.mount(copy)
            before = site.disk.listing()
            site.wait_refused("storage_stale")
            assert site.disk.listing() == before
            site.disk.take_away()
            site.disk.mount()
            site.wait_well()


@pytest.mark.parametrize("times", [LONG])
def test_a_disk_missing_at_the_start(site: Site, matrix: Matrix, times: int) -> None:
    with site.node.recorder():
        site.wait_recorded()
    for _ in range(times):
        site.disk.take_away()
        with site.node.recorder() as recorder:
            wait_until(lambda: "storage_missing" in {alarm["code"] for alarm in recorder.status()["alarms"]})
            assert list(site.disk.mount_point.iterdir()) == []
            site.disk.mount()
            site.wait_well()
    site.settle(matrix.row("disk missing at the start"), times)
