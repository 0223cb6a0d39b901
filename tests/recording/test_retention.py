"""Old footage goes when it must, held footage never, and nothing because something else failed (A1-A5, A8)."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from basira.base.clock import NS_PER_S, boot_id
from basira.catalogue.cameras import Camera, CameraStream
from basira.catalogue.holds import Hold
from basira.recording import schema
from basira.recording.retention import Retention, RetentionPolicy
from basira.recording.rows import ClockStepRow
from tests.recording.clips import UTC_NS
from tests.recording.rig import Rig

DAY = 86_400 * NS_PER_S


class People:
    """What people decided: cameras and holds, changed by the test at any moment."""

    def __init__(self) -> None:
        self.cameras = [camera()]
        self.holds: list[Hold] = []
        self.fails = False
        self.before_read: Callable[[int], None] = lambda _: None
        self.reads = 0

    def hold(self, start_s: float, end_s: float, camera_id: str = "gate") -> None:
        self.holds.append(
            Hold(
                id=f"hold-{len(self.holds)}", camera=camera_id, start_utc_ns=UTC_NS + round(start_s * NS_PER_S),
                end_utc_ns=UTC_NS + round(end_s * NS_PER_S), reason="court", set_by="judge", set_utc_ns=UTC_NS,
            )
        )  # fmt: skip


class CameraList:
    def __init__(self, people: People) -> None:
        self._people = people

    def all(self, *, removed: bool = False) -> list[Camera]:
        if self._people.fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return self._people.cameras


class HoldList:
    def __init__(self, people: People) -> None:
        self._people = people

    def all(self, *, camera: str | None = None, lifted: bool = True) -> list[Hold]:
        self._people.reads += 1
        self._people.before_read(self._people.reads)
        if self._people.fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return [hold for hold in self._people.holds if camera in (None, hold.camera)]


def camera(**settings: object) -> Camera:
    values: dict[str, object] = {
        "id": "gate", "name": "Gate", "kind": "file", "streams": (CameraStream(name="main", url="/clip"),),
    }  # fmt: skip
    return Camera.model_validate(values | settings)


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def recorded(rig: Rig, clip: Path) -> Rig:
    """Three closed segments of two seconds."""
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    rig.settle()
    return rig


def retention(rig: Rig, people: People, **options: object) -> Retention:
    settings: dict[str, object] = {
        "synchronised": lambda: True, "ready": lambda: True, "free_bytes": lambda: 10**12,
    }  # fmt: skip
    made = Retention(
        rig.engine, rig.index, rig.storage, CameraList(people), HoldList(people), RetentionPolicy(3.0, 10**9),
        rig.clock, **(settings | options),  # type: ignore[arg-type]
    )  # fmt: skip
    made.run_once()  # learns the time
    return made


def test_footage_older_than_its_age_is_deleted_by_tombstone_then_file_then_row(recorded: Rig, people: People) -> None:
    keeper = retention(recorded, people)
    assert len(recorded.files()) == 3
    recorded.clock.advance(3 * DAY - 3 * NS_PER_S)
    keeper.run_once()
    assert [path.name for path in recorded.files()] == ["000001.mp4", "000002.mp4"]
    assert len(recorded.segments()) == 2
    with recorded.engine.connect() as connection:
        (tombstone,) = connection.execute(select(schema.tombstones)).all()
    assert tombstone.why == "age" and tombstone.unlinked_utc_ns is not None and len(tombstone.sha256) == 32


def test_footage_dated_1970_by_a_clock_that_did_not_know_the_time_ages_from_when_it_was_recorded(
    rig: Rig, clip: Path, people: People
) -> None:
    step_ns = rig.clock.utc_ns() - 60 * NS_PER_S
    rig.clock.step(-step_ns)
    rig.recorder = rig.new_recorder()
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    keeper = retention(rig, people)
    rig.clock.advance(NS_PER_S)
    rig.clock.step(step_ns)
    rig.index.put_clock_step(ClockStepRow("basra", rig.clock.utc_ns(), rig.clock.mono_ns(), boot_id(), step_ns))
    rig.settle()
    rig.clock.advance(2 * DAY)
    keeper.run_once()
    assert len(rig.files()) == 3
    rig.clock.advance(DAY)
    keeper.run_once()
    assert rig.files() == []


def test_room_is_made_in_the_order_of_recording_whatever_the_clock_said(
    recorded: Rig, clip: Path, people: People
) -> None:
    first = recorded.files()
    step_ns = recorded.clock.utc_ns() - 60 * NS_PER_S
    for by_ns in (-step_ns, step_ns):
        recorded.clock.advance(NS_PER_S)
        recorded.clock.step(by_ns)
        now = recorded.clock.utc_ns(), recorded.clock.mono_ns()
        recorded.index.put_clock_step(ClockStepRow("basra", *now, boot_id(), by_ns))
        if by_ns < 0:
            stream, packets = recorded.load(clip)
            recorded.recorder.begin(stream, "clock")
            recorded.play(packets)
            recorded.recorder.end()
    recorded.settle()
    short = sum(path.stat().st_size for path in first) - 1
    retention(recorded, people, free_bytes=lambda: 10**9 + 10**8 - short)
    assert len(recorded.files()) == 3 and not set(first) & set(recorded.files())


def test_footage_dated_before_its_camera_was_added_waits_until_room_is_needed(recorded: Rig, people: People) -> None:
    people.cameras = [camera(created_utc_ns=UTC_NS + DAY)]
    keeper = retention(recorded, people)
    recorded.clock.advance(30 * DAY)
    keeper.run_once()
    assert len(recorded.files()) == 3
    retention(recorded, people, free_bytes=lambda: 0)
    assert recorded.files() == []


def test_a_cameras_own_age_wins_over_the_nodes(recorded: Rig, people: People) -> None:
    people.cameras = [camera(retention_days=10.0)]
    keeper = retention(recorded, people)
    recorded.clock.advance(9 * DAY)
    keeper.run_once()
    assert len(recorded.files()) == 3


def test_over_its_size_a_camera_loses_its_oldest_footage(recorded: Rig, people: People) -> None:
    total = sum(path.stat().st_size for path in recorded.files())
    people.cameras = [camera(retention_bytes=total - 1)]
    retention(recorded, people)
    assert [path.name for path in recorded.files()] == ["000001.mp4", "000002.mp4"]


def test_under_the_floor_the_oldest_footage_makes_room_until_there_is_enough(recorded: Rig, people: People) -> None:
    size = recorded.files()[0].stat().st_size
    wanted = 10**9 + 10**8
    retention(recorded, people, free_bytes=lambda: wanted - size)
    assert len(recorded.files()) == 2


@pytest.mark.parametrize("why", ["age", "size", "floor"])
def test_held_footage_is_never_deleted(recorded: Rig, people: People, why: str) -> None:
    people.hold(2.5, 3.0)
    people.cameras = [camera(retention_bytes=1 if why == "size" else None)]
    keeper = retention(recorded, people, free_bytes=lambda: 0 if why == "floor" else 10**12)
    if why == "age":
        recorded.clock.advance(100 * DAY)
    for _ in range(5):
        keeper.run_once()
    assert [path.name for path in recorded.files()] == ["000001.mp4"]


def test_what_is_being_written_counts_as_room_unless_it_is_held(rig: Rig, clip: Path, people: People) -> None:
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    assert [state for _, _, state in rig.segments()] == ["closed", "closed", "open"]
    on_disk = [path.stat().st_size for path in rig.files()]
    assert min(on_disk) > 0
    assert retention(rig, people).counters.deletable_bytes == sum(on_disk)
    people.hold(5, 100)
    assert retention(rig, people).counters.deletable_bytes == sum(on_disk[:2])
    rig.recorder.end()


def test_a_hold_set_between_tombstone_and_unlink_saves_the_file(recorded: Rig, people: People) -> None:
    keeper = retention(recorded, people)
    recorded.clock.advance(100 * DAY)
    people.before_read = lambda number: people.hold(0, 10) if number == people_reads + 2 else None
    people_reads = people.reads
    keeper.run_once()
    assert len(recorded.files()) == 3 and keeper.counters.spared_by_hold == 3
    with recorded.engine.connect() as connection:
        assert connection.execute(select(schema.tombstones)).all() == []


def test_a3_with_everything_held_and_the_disk_full_nothing_is_deleted(recorded: Rig, people: People) -> None:
    people.hold(0, 10)
    retention(recorded, people, free_bytes=lambda: 0)
    assert len(recorded.files()) == 3


def test_when_the_catalogue_cannot_be_read_nothing_is_deleted(recorded: Rig, people: People) -> None:
    keeper = retention(recorded, people, free_bytes=lambda: 0)
    before = len(recorded.files())
    recorded.clock.advance(100 * DAY)
    people.fails = True
    with pytest.raises(OSError, match="error"):
        keeper.run_once()
    assert len(recorded.files()) == before


def test_footage_of_a_camera_the_catalogue_does_not_know_is_kept(recorded: Rig, people: People) -> None:
    people.cameras = []
    keeper = retention(recorded, people, free_bytes=lambda: 0)
    recorded.clock.advance(100 * DAY)
    keeper.run_once()
    assert len(recorded.files()) == 3


def test_a8_when_the_storage_is_gone_no_row_is_taken_away(recorded: Rig, people: People) -> None:
    keeper = retention(recorded, people)
    recorded.clock.advance(100 * DAY)
    recorded.root.rename(recorded.root.with_name("unmounted"))
    keeper.run_once()
    assert len(recorded.segments()) == 3


def test_while_files_are_still_being_adopted_nothing_is_deleted(recorded: Rig, people: People) -> None:
    keeper = retention(recorded, people, ready=lambda: False, free_bytes=lambda: 0)
    recorded.clock.advance(100 * DAY)
    keeper.run_once()
    assert len(recorded.files()) == 3


@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, errno.EACCES])
def test_a4_a_file_that_cannot_be_unlinked_keeps_its_row(recorded: Rig, people: People, number: int) -> None:
    def refuse(path: Path) -> None:
        raise OSError(number, os.strerror(number))

    keeper = retention(recorded, people, unlink=refuse)
    recorded.clock.advance(100 * DAY)
    keeper.run_once()
    assert len(recorded.segments()) == 3 and len(recorded.files()) == 3
    assert keeper.counters.failed_unlinks > 0 and keeper.counters.deleted_segments == 0


def test_a5_a_deletion_that_a_crash_interrupted_is_finished(recorded: Rig, people: People) -> None:
    class Crash(BaseException):
        pass

    def die(path: Path) -> None:
        path.unlink()
        raise Crash

    keeper = retention(recorded, people, unlink=die)
    recorded.clock.advance(100 * DAY)
    with pytest.raises(Crash):
        keeper.run_once()
    assert len(recorded.files()) == 2 and len(recorded.segments()) == 3
    retention(recorded, people)
    assert recorded.files() == [] and recorded.segments() == []


def test_a_clock_set_a_week_forward_ages_nothing_until_it_is_believed(recorded: Rig, people: People) -> None:
    keeper = retention(recorded, people, synchronised=lambda: False)
    recorded.clock.step(7 * DAY)
    recorded.clock.advance(60 * NS_PER_S)
    keeper.run_once()
    assert len(recorded.files()) == 3
    again = retention(recorded, people, synchronised=lambda: False)
    again.run_once()
    assert len(recorded.files()) == 3
    recorded.clock.advance(DAY + 3600 * NS_PER_S)
    again.run_once()
    again.run_once()
    assert recorded.files() == []


def test_the_newest_recordings_folder_stays_so_that_its_number_is_known(recorded: Rig, people: People) -> None:
    keeper = retention(recorded, people)
    recorded.clock.advance(100 * DAY)
    keeper.run_once()
    assert recorded.files() == []
    assert (recorded.root / "gate" / "main" / "00000001").is_dir()
