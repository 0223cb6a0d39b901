"""When the disk is full the least important cameras stop first, and come back in the opposite order."""

from __future__ import annotations

from basira.base.clock import NS_PER_S
from basira.recording.pressure import PressureValve

ORDER = ["shed", "yard", "gate"]


def test_cameras_stop_one_after_another_least_important_first() -> None:
    valve = PressureValve(stop_below=100, resume_above=200)
    assert not valve.update(150, ORDER, 0)
    assert valve.update(50, ORDER, 30 * NS_PER_S)
    assert valve.stopped == ["shed"]
    assert not valve.update(50, ORDER, 31 * NS_PER_S)
    assert valve.update(50, ORDER, 60 * NS_PER_S)
    assert valve.stopped == ["shed", "yard"]


def test_they_return_in_the_opposite_order_when_there_is_room() -> None:
    valve = PressureValve(100, 200)
    for turn in range(2):
        valve.update(50, ORDER, turn * 30 * NS_PER_S)
    assert not valve.update(150, ORDER, 90 * NS_PER_S)
    assert valve.update(250, ORDER, 120 * NS_PER_S)
    assert valve.stopped == ["shed"]
    assert valve.update(250, ORDER, 150 * NS_PER_S)
    assert valve.stopped == []


def test_a_camera_that_was_taken_away_is_forgotten() -> None:
    valve = PressureValve(100, 200)
    valve.update(50, ORDER, 0)
    assert valve.update(150, ["yard", "gate"], NS_PER_S)
    assert valve.stopped == []
