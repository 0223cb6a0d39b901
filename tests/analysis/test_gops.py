"""Fragments put together to groups, over real segments."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from basira.analysis.gops import GopAssembler, Interval
from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.replay.tail import OLDEST, Cursor, Skipped, Tail
from tests.conftest import clip_of
from tests.replay.store import GATE, START_NS, Store
from tests.streams import frame_number


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.close()


def intervals(store: Store, cursor: Cursor = OLDEST) -> list[Interval]:
    assembler = GopAssembler()
    tail = Tail(store.footage, GATE, cursor)
    found = [interval for item in tail.available() for interval in assembler.feed(item)]
    found += assembler.flush(tail.cursor)
    tail.close()
    return found


@pytest.fixture
def clip(clips: Path) -> Path:
    return clip_of(clips, frames=90)


def test_every_frame_is_in_exactly_one_group(store: Store, clip: Path) -> None:
    store.record(clip, gops_per_segment=2)
    numbers = [frame_number(frame) for interval in intervals(store) for frame in interval.gop.frames()]
    assert numbers == list(range(90))


def test_each_group_comes_with_the_next_ones_keyframe_over_the_joint_of_two_segments(store: Store, clip: Path) -> None:
    store.record(clip, gops_per_segment=2)
    found = intervals(store)
    assert [interval.following is None for interval in found] == [False] * (len(found) - 1) + [True]
    for one, other in itertools.pairwise(found):
        assert one.following is not None
        assert frame_number(one.following.keyframe()) == frame_number(other.gop.keyframe())
        assert one.following.start_utc_ns == other.gop.start_utc_ns


def test_another_recording_does_not_join_on(store: Store, clip: Path) -> None:
    store.record(clip, gops_per_segment=9)
    store.record(clip, recording=2, start_utc_ns=START_NS + 60 * NS_PER_S, gops_per_segment=9)
    found = intervals(store)
    assert [interval.following is None for interval in found].count(True) == 2


def test_read_again_from_any_interval_the_rest_is_the_same(store: Store, clip: Path) -> None:
    store.record(clip, gops_per_segment=2)
    found = intervals(store)
    for number, interval in enumerate(found[:-1]):
        rest = intervals(store, interval.resume)
        assert [one.gop.start_utc_ns for one in rest] == [one.gop.start_utc_ns for one in found[number + 1 :]]


def test_footage_that_is_not_there_any_more_ends_the_group_before_it(store: Store, clip: Path) -> None:
    recorded = store.record(clip, gops_per_segment=1)
    assembler = GopAssembler()
    tail = Tail(store.footage, GATE, OLDEST)
    item = next(iter(tail.available()))
    tail.close()
    assert list(assembler.feed(item)) == []
    after = Cursor(1, 3, 0)
    (interval,) = assembler.feed(Skipped(Cursor(1, 1, 0), after, "deleted"))
    assert (interval.following, interval.resume) == (None, after)
    assert len(recorded) > 3


def test_what_was_taken_away_before_it_was_looked_at_is_told_and_holds_nothing_up(store: Store, clip: Path) -> None:
    """Pictures are read when they are wanted; retention may have been there before."""
    store.record(clip, gops_per_segment=2)
    found = intervals(store)
    found[0].gop.segment.stored.path.unlink()
    with pytest.raises(BasiraError) as told:
        next(found[0].gop.frames())
    assert told.value.code == "segment_unreadable"
    with found[2].gop.segment.stored.path.open("r+b") as file:
        file.truncate(3000)
    with pytest.raises(BasiraError) as told:
        list(found[2].gop.frames())
    assert told.value.code == "segment_unreadable"
