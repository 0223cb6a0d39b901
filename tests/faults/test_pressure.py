"""A disk full of what may not be deleted: told hours ahead, the least important cameras stop first, holds stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.catalogue.cameras import Camera, CameraChange, CameraStream
from basira.catalogue.holds import Holds
from basira.recording import pressure
from basira.recording.alarms import AlarmBoard
from basira.recording.forecast import EVERY_NS
from basira.recording.index import open_index
from basira.recording.reserve import Reserve
from basira.recording.storage import Usage, open_storage
from tests.conftest import clip_of
from tests.faults.site import Site, site_on
from tests.faults.small_disk import SmallDisk, small_disk, why_not
from tests.faults.store import invariants_broken
from tests.faults.table import Matrix
from tests.recording.node import wait_until

_FLOOR = 16 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if (lacking := why_not()) is not None:
        pytest.skip(f"disk pressure is left out: {lacking}")
    with small_disk(tmp_path) as made:
        yield made


@pytest.fixture
def site(disk: SmallDisk, tmp_path: Path, clips: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(pressure, "_PATIENCE_NS", 2 * NS_PER_S)
    with site_on(disk.mount_point, tmp_path, clip_of(clips), monkeypatch, disk_floor_bytes=_FLOOR) as made:
        made.node.cameras.update("gate", CameraChange(priority=9))
        made.node.cameras.update("yard", CameraChange(priority=1))
        yield made


def _leave(disk: SmallDisk, free_bytes: int) -> Path:
    """Let something else take the disk up to that much."""
    filler = disk.fill()
    with filler.open("r+b") as file:
        file.truncate(filler.stat().st_size - free_bytes)
    return filler


def _stopped(site: Site) -> list[str]:
    return [camera for camera in ("gate", "yard") if site.node.state(camera).get("state") == "stopped"]


@pytest.mark.slow
def test_the_least_important_stops_first_and_what_is_held_survives(disk: SmallDisk, site: Site, matrix: Matrix) -> None:
    row, node = matrix.row("disk filled by what may not be deleted"), site.node
    with node.recorder() as recorder:
        site.wait_recorded(8)
        held = [found for found in node.rows("segments", camera="gate") if found.state == "closed"]
        Holds(node.catalogue).set("gate", held[0].start_utc_ns, held[-1].end_utc_ns, reason="court", by="judge")
        filler = _leave(disk, _FLOOR + (1 << 20))  # above the floor, yet retention begins
        wait_until(lambda: recorder.status()["retention"]["deleted_segments"] > 0)
        assert _stopped(site) == [] and {found.why for found in node.rows("tombstones")} == {"floor"}
        filler.unlink()
        filler = _leave(disk, _FLOOR // 2)
        wait_until(lambda: _stopped(site) == ["yard"])
        assert {"storage_full", "camera_stopped_for_space"} <= site.alarms()
        wait_until(lambda: len(_stopped(site)) == 2)
        row.injected += 2
        filler.unlink()
        wait_until(lambda: _stopped(site) == ["yard"])
        wait_until(lambda: _stopped(site) == [])
        site.wait_well()
    found = {row.path for row in node.rows("segments", camera="gate")}
    row.acknowledged += sum(segment.fragments for segment in held)
    row.lost += sum(segment.fragments for segment in held if segment.path not in found)
    row.broken += invariants_broken(node.settings)
    assert row.is_kept, row
    assert {gap.cause for gap in node.rows("gaps", detail="camera_stopped_for_space")} == {"disk"}


def test_that_recording_will_stop_is_told_hours_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimulatedClock()
    engine = open_index(tmp_path / "index.db")
    storage = open_storage(tmp_path / "footage", engine, "basra", clock)
    free, alarms = [200 * 10**9], AlarmBoard(clock)
    monkeypatch.setattr(storage, "usage", lambda: Usage(10**12, free[0]))
    reserve = Reserve(storage, alarms, clock, 2 * 1024**3, deletable_bytes=lambda: 0)
    reserve.set_cameras(
        [Camera(id="gate", name="Gate", kind="file", streams=(CameraStream(name="main", url="/clip"),))]
    )
    for _ in range(6 * 10):  # ten hours in which held footage takes 10 GB each
        reserve.look()
        assert not reserve.stopped
        clock.advance(EVERY_NS)
        free[0] -= 10**10 // 6
    (told,) = [alarm for alarm in alarms.all() if alarm.code == "recording_stops_soon"]
    assert 9 < float(told.params["hours"]) < 11
    engine.dispose()


def test_a_disk_that_is_gone_is_missing_and_not_slow(tmp_path: Path) -> None:
    clock = SimulatedClock()
    engine = open_index(tmp_path / "index.db")
    storage, alarms = open_storage(tmp_path / "footage", engine, "basra", clock), AlarmBoard(clock)
    reserve = Reserve(storage, alarms, clock, 0)
    storage.root.rename(tmp_path / "away")
    clock.advance(60 * NS_PER_S)
    reserve.look()
    assert reserve.looked_mono_ns == clock.mono_ns()
    assert [alarm.code for alarm in alarms.all()] == ["storage_missing"]
    (tmp_path / "away").rename(storage.root)
    reserve.look()
    assert alarms.all() == []
    engine.dispose()
