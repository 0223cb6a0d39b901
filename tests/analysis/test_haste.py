"""When footage is looked at by its keyframes alone, and when it is not however late it is."""

from __future__ import annotations

import pytest

from basira.analysis.haste import Haste
from basira.base.clock import NS_PER_S, SimulatedClock


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


def is_called_for(haste: Haste, clock: SimulatedClock, delay_s: float, *, guarded: bool = False) -> bool:
    return haste.is_called_for(clock.utc_ns() - round(delay_s * NS_PER_S), guarded=guarded)


def long_visits(haste: Haste) -> Haste:
    for _ in range(16):
        haste.visited(9 * NS_PER_S, 2 * NS_PER_S)
    return haste


def test_cameras_whose_visits_are_shorter_than_four_keyframe_intervals_are_hurried_last(clock: SimulatedClock) -> None:
    haste = Haste(4.0, clock)
    clock.advance(60 * NS_PER_S)
    assert not is_called_for(haste, clock, 5)  # nothing is known of them
    haste.visited(9 * NS_PER_S, 2 * NS_PER_S)
    assert is_called_for(haste, clock, 5)
    for _ in range(8):
        haste.visited(3 * NS_PER_S, 2 * NS_PER_S)
    assert not is_called_for(haste, clock, 5)
    assert is_called_for(haste, clock, 8.1)
    long_visits(haste)
    assert is_called_for(haste, clock, 5)


def test_what_is_late_is_looked_at_in_haste_and_where_an_alert_zone_is_watched_when_twice_as_late(
    clock: SimulatedClock,
) -> None:
    haste = long_visits(Haste(4.0, clock))
    clock.advance(60 * NS_PER_S)
    assert not is_called_for(haste, clock, 3.9)
    assert is_called_for(haste, clock, 4.1)
    assert not is_called_for(haste, clock, 7.9, guarded=True)
    assert is_called_for(haste, clock, 8.1, guarded=True)


def test_what_was_late_when_it_was_written_is_no_reason_for_haste(clock: SimulatedClock) -> None:
    haste = long_visits(Haste(4.0, clock))
    clock.advance(60 * NS_PER_S)
    haste.nothing_left()
    clock.advance(3 * NS_PER_S)
    assert not is_called_for(haste, clock, 30)
    clock.advance(2 * NS_PER_S)
    assert is_called_for(haste, clock, 30)


def test_what_was_recorded_while_no_analysis_ran_is_looked_at_in_full(clock: SimulatedClock) -> None:
    haste = long_visits(Haste(4.0, clock))
    clock.advance(5 * NS_PER_S)
    assert not is_called_for(haste, clock, 6)
    assert is_called_for(haste, clock, 4.5)


def test_what_nobody_waits_for_any_more_is_looked_at_in_full(clock: SimulatedClock) -> None:
    haste = Haste(4.0, clock)
    clock.advance(3600 * NS_PER_S)
    assert is_called_for(haste, clock, 599)
    assert not is_called_for(haste, clock, 601)


def test_where_no_delay_is_set_there_is_never_haste(clock: SimulatedClock) -> None:
    haste = Haste(0, clock)
    clock.advance(3600 * NS_PER_S)
    assert not is_called_for(haste, clock, 30)


def test_haste_is_told_from_its_first_group_until_a_minute_after_its_last(clock: SimulatedClock) -> None:
    haste = Haste(4.0, clock)
    assert haste.since_utc_ns is None
    began_ns = clock.utc_ns()
    for _ in range(3):
        haste.passed_over()
        clock.advance(40 * NS_PER_S)
        assert haste.since_utc_ns == began_ns
    clock.advance(20 * NS_PER_S)
    assert haste.since_utc_ns is None
    haste.passed_over()
    assert haste.since_utc_ns == clock.utc_ns()
