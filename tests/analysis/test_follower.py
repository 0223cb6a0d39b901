"""A stream followed over real segments: as they are written, after a crash, and after a restart."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from basira.analysis.cascade import Cascade
from basira.analysis.detector import Detector
from basira.analysis.event import Event
from basira.analysis.follower import Follower
from basira.analysis.gops import Interval
from basira.analysis.store import EventFilter, EventStore, open_events
from basira.analysis.zones import ZoneRules
from basira.base.clock import NS_PER_S, SimulatedClock
from tests.replay.store import GATE, START_NS, Store


@pytest.fixture
def footage(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.close()


@pytest.fixture
def events(tmp_path: Path) -> Iterator[EventStore]:
    opened = open_events(tmp_path / "events.db")
    yield opened
    opened.close()


class Analysis:
    """Followers of one stream, one after the other, as a process that is started again and again."""

    def __init__(self, footage: Store, events: EventStore, detector: Detector, rules: ZoneRules) -> None:
        self.clock = SimulatedClock(utc_ns=START_NS + 3600 * NS_PER_S)
        self.events = events
        self._footage = footage.footage
        self._cascade = lambda: Cascade(GATE, detector, 0.4, rules)

    def started(self, late_s: float = 0.0) -> Follower:
        return Follower(GATE, self._footage, self.events, self._cascade, self.clock, late_s=late_s)

    def found(self) -> list[Event]:
        page = self.events.query_events(EventFilter())
        return [dataclasses.replace(event, change=0) for event in reversed(page.events)]


@pytest.fixture
def analysis(footage: Store, events: EventStore, detector: Detector, no_zones: ZoneRules) -> Analysis:
    return Analysis(footage, events, detector, no_zones)


def drain(follower: Follower) -> None:
    while follower.advance(4):
        pass


def test_recorded_footage_becomes_events(footage: Store, analysis: Analysis, two_visits: Path) -> None:
    footage.record(two_visits, gops_per_segment=5)
    follower = analysis.started()
    drain(follower)
    follower.close()
    assert [event.label for event in analysis.found()] == ["person", "person"]
    assert not any(event.ongoing for event in analysis.found())
    first = analysis.found()[0]
    assert 8 <= (first.start_utc_ns - START_NS) / NS_PER_S < 9
    assert analysis.events.snapshot(first.id) is not None


def test_it_keeps_up_with_a_segment_that_is_being_written(footage: Store, analysis: Analysis, two_visits: Path) -> None:
    follower = analysis.started()
    told_after_s = None
    for segment in footage.begin(two_visits, GATE, 1, START_NS, 5):
        written = 0
        while written < len(segment.samples):
            segment.append(10)  # a second
            written += 10
            analysis.clock.advance(NS_PER_S)
            drain(follower)
            if analysis.found() and told_after_s is None:
                told_after_s = (segment.start_utc_ns - START_NS) / NS_PER_S + written / 10
        segment.end()
    drain(follower)
    assert told_after_s is not None
    assert told_after_s <= 8 + 2 + 2  # appears at 8; a keyframe interval; a fragment or two
    assert segment.end_utc_ns - follower.cascade.known_to_utc_ns <= 2.5 * NS_PER_S
    assert follower.haste.since_utc_ns is None
    follower.close()


def test_footage_that_lay_for_too_long_is_looked_at_in_haste_and_the_next_in_full_again(
    footage: Store, analysis: Analysis, two_visits: Path
) -> None:
    analysis.clock = SimulatedClock(utc_ns=START_NS)
    follower = analysis.started(late_s=4.0)
    follower.haste.visited(9 * NS_PER_S, 2 * NS_PER_S)  # somebody stayed for long
    work = follower.cascade.work
    recorded = footage.begin(two_visits, GATE, 1, START_NS, 6)  # segments of 12 s; somebody comes at 8 and at 26
    for segment in recorded[:2]:
        segment.append_all()
        segment.end()
    analysis.clock.advance(24 * NS_PER_S)
    drain(follower)
    assert work.groups_decoded == 0 < work.passed_over
    assert follower.haste.since_utc_ns == analysis.clock.utc_ns()
    passed_over = work.passed_over
    for segment in recorded[2:]:
        for _ in range(len(segment.samples) // 10):
            segment.append(10)  # a second
            analysis.clock.advance(NS_PER_S)
            drain(follower)
        segment.end()
    assert work.groups_decoded > 0
    assert work.passed_over == passed_over
    second = analysis.found()[-1]
    assert 26 <= (second.start_utc_ns - START_NS) / NS_PER_S < 27
    follower.close()


def test_stopped_and_started_again_at_every_interval_it_finds_the_same(
    footage: Store, analysis: Analysis, two_visits: Path, tmp_path: Path, detector: Detector, no_zones: ZoneRules
) -> None:
    footage.record(two_visits, gops_per_segment=5)
    other = open_events(tmp_path / "whole.db")
    whole = Analysis(footage, other, detector, no_zones)
    drain(whole.started())
    busy = True
    while busy:
        follower = analysis.started()
        busy = follower.advance(1)
        follower.close()
    assert analysis.found() == whole.found()
    other.close()


def test_after_a_crash_nothing_is_told_twice(footage: Store, analysis: Analysis, two_visits: Path) -> None:
    footage.record(two_visits, gops_per_segment=5)
    killed = analysis.started()
    for _ in range(8):
        killed.advance(1)
    killed.let_go()
    told = analysis.found()
    change = analysis.events.latest_change()
    assert told  # in the middle of a visit; its last checkpoint is before it
    follower = analysis.started()
    for _ in range(6):
        follower.advance(1)
    assert analysis.found() == told
    assert analysis.events.latest_change() == change
    drain(follower)
    assert len(analysis.found()) == 2


def test_a_camera_that_falls_silent_ends_what_was_going_on(
    footage: Store, analysis: Analysis, two_visits: Path
) -> None:
    segment = footage.begin(two_visits, GATE, 1, START_NS, 7)[0]
    segment.append(125)  # somebody is there
    segment.end("recovered")
    follower = analysis.started()
    drain(follower)
    assert [event.ongoing for event in analysis.found()] == [True]
    analysis.clock.advance(60 * NS_PER_S)
    drain(follower)
    assert [event.ongoing for event in analysis.found()] == [False]


def test_a_group_that_makes_the_analysis_fail_is_left_behind(
    footage: Store, analysis: Analysis, two_visits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    footage.record(two_visits, gops_per_segment=5)
    poisoned_ns = START_NS + 4 * NS_PER_S
    advance = Cascade.advance

    def fail_at_four(cascade: Cascade, interval: Interval, *, in_haste: bool) -> list[Event]:
        if interval.gop.start_utc_ns == poisoned_ns:
            raise RuntimeError("a fault")
        return advance(cascade, interval, in_haste=in_haste)

    monkeypatch.setattr(Cascade, "advance", fail_at_four)
    follower = analysis.started()
    with pytest.raises(RuntimeError, match="a fault"):
        drain(follower)
    follower.skip()
    drain(analysis.started())
    assert len(analysis.found()) == 2


def test_memory_of_another_version_is_not_taken_up_but_the_place_is(
    footage: Store, analysis: Analysis, two_visits: Path
) -> None:
    footage.record(two_visits, gops_per_segment=5)
    follower = analysis.started()
    follower.advance(3)
    follower.close()
    stored = analysis.events.cursor(GATE)
    assert stored is not None
    analysis.events.commit([], GATE, dataclasses.replace(stored, memory=b"from the future", memory_version=99))
    again = analysis.started()
    assert again.cursor == stored.cursor
    drain(again)
    assert len(analysis.found()) == 2


def test_footage_deleted_before_it_was_looked_at_is_passed_over(
    footage: Store, analysis: Analysis, two_visits: Path
) -> None:
    recorded = footage.record(two_visits, gops_per_segment=5)
    footage.delete(recorded[1].key)  # 10 to 20 s, with most of the first visit
    drain(analysis.started())
    assert [event.label for event in analysis.found()][-1] == "person"
    assert 26 <= (analysis.found()[-1].start_utc_ns - START_NS) / NS_PER_S < 27


def test_after_the_clock_was_set_back_events_are_found_and_followed_as_before(
    footage: Store, analysis: Analysis, two_visits: Path
) -> None:
    footage.record(two_visits, gops_per_segment=5)
    footage.record(two_visits, recording=2, start_utc_ns=START_NS - 1800 * NS_PER_S, gops_per_segment=5)
    follower = analysis.started()
    drain(follower)
    follower.close()
    spans = [((event.start_utc_ns - START_NS) // NS_PER_S, event.ongoing) for event in analysis.found()]
    assert spans == [(-1792, False), (-1774, False), (8, False), (26, False)]
    assert all(event.end_utc_ns - event.start_utc_ns > 6 * NS_PER_S for event in analysis.found())
