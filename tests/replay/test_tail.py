"""A tail gives every committed fragment once, in order, whatever happens to the files under it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.recording.layout import COMMIT_LENGTH
from basira.replay.tail import OLDEST, Cursor, Skipped, Tail, TailFragment, cursor_at, live_cursor
from tests.replay.store import GATE, START_NS, OpenSegment, Store


def fragments(tail: Tail) -> list[TailFragment]:
    """What is available now, which must hold no notice of a skip."""
    items = list(tail.available())
    assert not [item for item in items if isinstance(item, Skipped)]
    return [item for item in items if isinstance(item, TailFragment)]


def bytes_of(segments: list[OpenSegment]) -> list[bytes]:
    """Each committed fragment as it lies in its file."""
    return [
        segment.path.read_bytes()[commit.offset : commit.offset + commit.length]
        for segment in segments
        for commit in segment.writer.commits
    ]


def tail_of(store: Store, cursor: Cursor = OLDEST) -> tuple[Tail, SimulatedClock]:
    clock = SimulatedClock()
    return store.keep(Tail(store.footage, GATE, cursor, clock)), clock


def test_everything_recorded_comes_once_in_order(store: Store, six_seconds: Path) -> None:
    segments = store.record(six_seconds, leave_open=True)
    tail, _ = tail_of(store)
    found = fragments(tail)
    assert [fragment.data for fragment in found] == bytes_of(segments)
    assert found[0].segment.init == segments[0].path.read_bytes()[: segments[0].writer.init_length]
    assert len({id(fragment.segment) for fragment in found}) == len(segments) == 3
    assert [fragment.start_utc_ns for fragment in found] == sorted(fragment.start_utc_ns for fragment in found)
    assert found[0].start_utc_ns == START_NS
    assert list(tail.available()) == []


def test_a_growing_segment_is_followed_into_the_next(store: Store, six_seconds: Path) -> None:
    segments = store.begin(six_seconds, GATE, 1, START_NS, 2)
    tail, clock = tail_of(store)
    found: list[TailFragment] = []
    for segment in segments:
        for _ in range(len(segment.samples)):
            segment.append(1)
            clock.advance(NS_PER_S // 15)
            found += fragments(tail)
        segment.end()
    clock.advance(NS_PER_S)
    found += fragments(tail)
    assert [fragment.data for fragment in found] == bytes_of(segments)


def test_reading_goes_on_from_a_stored_cursor(store: Store, six_seconds: Path) -> None:
    segments = store.record(six_seconds, leave_open=True)
    whole = fragments(tail_of(store)[0])
    for position, fragment in enumerate(whole):
        again = fragments(tail_of(store, fragment.after)[0])
        assert [f.after for f in again] == [f.after for f in whole[position + 1 :]], fragment.after
    assert bytes_of(segments)


def test_abandoning_an_iteration_loses_nothing(store: Store, six_seconds: Path) -> None:
    segments = store.record(six_seconds, leave_open=True)
    tail, _ = tail_of(store)
    found: list[bytes] = []
    while True:
        item = next(iter(tail.available()), None)
        if item is None:
            break
        assert isinstance(item, TailFragment)
        found.append(item.data)
    assert found == bytes_of(segments)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_torn_fragment_is_never_given(
    six_seconds: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    store = Store(tmp_path_factory.mktemp("torn"))
    (segment,) = store.record(six_seconds, gops_per_segment=6, leave_open=True)
    whole = segment.path.read_bytes()
    length = data.draw(st.integers(0, len(whole)))
    segment.path.write_bytes(whole[:length])
    tail, clock = tail_of(store)
    found = fragments(tail)
    assert [f.commit for f in found] == [c for c in segment.writer.commits if c.end <= length]
    with segment.path.open("ab") as file:
        file.write(whole[length:])
    clock.advance(2 * NS_PER_S)
    found += fragments(tail)
    assert [f.data for f in found] == bytes_of([segment])
    store.close()


def test_what_a_power_cut_left_is_checked_before_it_is_given(store: Store, six_seconds: Path) -> None:
    (segment,) = store.record(six_seconds, gops_per_segment=6, leave_open=True)
    damaged = segment.writer.commits[4]
    content = bytearray(segment.path.read_bytes())
    content[damaged.offset + damaged.length - 1] ^= 1  # a page of media that never reached the disk
    segment.path.write_bytes(content)
    store.set_row(segment.key, boot_id="an earlier one")
    tail, clock = tail_of(store)
    assert len(fragments(tail)) == 4
    store.set_row(segment.key, state="recovered", bytes=damaged.offset)
    clock.advance(2 * NS_PER_S)
    assert fragments(tail) == []
    following = store.record(six_seconds, recording=2, start_utc_ns=START_NS + 60 * NS_PER_S)
    clock.advance(2 * NS_PER_S)
    assert [f.data for f in fragments(tail)] == bytes_of(following)


def test_a_recovered_segment_ends_where_the_index_vouches(store: Store, six_seconds: Path) -> None:
    first, *_ = store.begin(six_seconds, GATE, 1, START_NS, 6)
    first.append(40)
    tail, clock = tail_of(store)
    found = fragments(tail)
    with first.path.open("ab") as file:
        file.write(b"\0\0\0\x10moof torn")
    first.end("recovered")
    clock.advance(2 * NS_PER_S)
    assert fragments(tail) == []
    second = store.record(six_seconds, recording=2, start_utc_ns=START_NS + 60 * NS_PER_S)
    clock.advance(2 * NS_PER_S)
    found += fragments(tail)
    assert [f.data for f in found] == bytes_of([first, *second])


def test_a_cursor_past_a_recovered_end_goes_on_in_the_next_recording(store: Store, six_seconds: Path) -> None:
    first, *_ = store.begin(six_seconds, GATE, 1, START_NS, 6)
    first.append(40)
    first.end("recovered")
    second = store.record(six_seconds, recording=2, start_utc_ns=START_NS + 60 * NS_PER_S)
    tail, _ = tail_of(store, Cursor(1, 0, 99))
    assert [f.data for f in fragments(tail)] == bytes_of(second)


def test_deleted_footage_is_skipped_and_said(store: Store, six_seconds: Path) -> None:
    segments = store.record(six_seconds, gops_per_segment=1)
    store.delete(segments[2].key)
    store.delete(segments[3].key, row=False)  # between unlink and row
    tail, clock = tail_of(store, Cursor(1, 1, 0))
    found: list[TailFragment | Skipped] = list(tail.available())
    clock.advance(2 * NS_PER_S)
    found += tail.available()
    skips = [item for item in found if isinstance(item, Skipped)]
    assert [skip.why for skip in skips] == ["deleted"]
    assert skips[0].before[:2] == (1, 1) and skips[0].after == (1, 3, 0)
    given_bytes = [item.data for item in found if isinstance(item, TailFragment)]
    assert given_bytes == bytes_of([segments[1], *segments[4:]])


def test_a_segment_deleted_while_it_is_read_is_read_to_its_end(store: Store, six_seconds: Path) -> None:
    segments = store.record(six_seconds, gops_per_segment=3)
    expected = bytes_of(segments)
    tail, _ = tail_of(store)
    items = tail.available()
    first = next(items)
    store.delete(segments[0].key)
    rest = list(items)
    assert [item.data for item in [first, *rest] if isinstance(item, TailFragment)] == expected


def test_a_damaged_header_is_skipped_and_said(store: Store, six_seconds: Path) -> None:
    segments = store.record(six_seconds)
    segments[1].path.write_bytes(b"\xff" * 100)
    found = list(tail_of(store)[0].available())
    assert [item.why for item in found if isinstance(item, Skipped)] == ["damaged"]
    expected = bytes_of([segments[0]]) + bytes_of([segments[2]])
    assert [item.data for item in found if isinstance(item, TailFragment)] == expected


def test_a_row_whose_file_is_not_yet_there_is_waited_for(store: Store, six_seconds: Path) -> None:
    (segment,) = store.record(six_seconds, gops_per_segment=6, leave_open=True)
    hidden = segment.path.with_suffix(".hidden")
    segment.path.rename(hidden)
    tail, clock = tail_of(store)
    assert list(tail.available()) == []
    hidden.rename(segment.path)
    clock.advance(2 * NS_PER_S)
    assert [f.data for f in fragments(tail)] == bytes_of([segment])


def test_a_segment_left_open_by_a_failed_disk_does_not_stop_the_tail(store: Store, six_seconds: Path) -> None:
    first, *_ = store.begin(six_seconds, GATE, 1, START_NS, 6)
    first.append(40)
    tail, clock = tail_of(store)
    found = fragments(tail)
    second = store.record(six_seconds, recording=2, start_utc_ns=START_NS + 60 * NS_PER_S)
    clock.advance(2 * NS_PER_S)
    found += fragments(tail)
    assert [f.data for f in found] == bytes_of([first, *second])


def test_a_stream_without_a_recording_is_silent_until_it_has_one(store: Store, six_seconds: Path) -> None:
    assert live_cursor(store.footage, GATE) == OLDEST
    tail, clock = tail_of(store)
    assert list(tail.available()) == []
    segments = store.record(six_seconds)
    clock.advance(2 * NS_PER_S)
    assert [f.data for f in fragments(tail)] == bytes_of(segments)


def test_live_begins_at_the_newest_keyframe(store: Store, six_seconds: Path) -> None:
    segments = store.record(six_seconds, gops_per_segment=6, leave_open=True)
    cursor = live_cursor(store.footage, GATE)
    found = fragments(tail_of(store, cursor)[0])
    assert found[0].commit.starts_with_keyframe
    assert not any(fragment.commit.starts_with_keyframe for fragment in found[1:])
    assert found[-1].commit == segments[-1].writer.commits[-1]


def test_live_of_a_camera_that_is_down_waits_for_the_next_recording(store: Store, six_seconds: Path) -> None:
    store.record(six_seconds)
    tail, clock = tail_of(store, live_cursor(store.footage, GATE))
    assert list(tail.available()) == []
    second = store.record(six_seconds, recording=2, start_utc_ns=START_NS + 60 * NS_PER_S, leave_open=True)
    clock.advance(2 * NS_PER_S)
    assert [f.data for f in fragments(tail)] == bytes_of(second)


def test_a_time_becomes_the_cursor_of_its_keyframe(store: Store, six_seconds: Path) -> None:
    store.record(six_seconds)
    at = cursor_at(store.footage, GATE, START_NS + round(3.7 * NS_PER_S))
    found = fragments(tail_of(store, at)[0])
    assert found[0].commit.starts_with_keyframe
    assert found[0].start_utc_ns == pytest.approx(START_NS + 3 * NS_PER_S, abs=NS_PER_S // 1000)
    before = cursor_at(store.footage, GATE, START_NS - NS_PER_S)
    assert before == Cursor(1, 0, 0)
    after = cursor_at(store.footage, GATE, START_NS + 60 * NS_PER_S)
    assert fragments(tail_of(store, after)[0]) == []


def test_following_stops_when_told_and_says_when_nothing_comes(store: Store, six_seconds: Path) -> None:
    segments = store.record(six_seconds)
    stop = threading.Event()
    tail = Tail(store.footage, GATE, OLDEST)
    given_bytes: list[bytes] = []
    for item in tail.follow(stop, poll_s=0.01):
        if item is None:
            stop.set()
        else:
            assert isinstance(item, TailFragment)
            given_bytes.append(item.data)
    tail.close()
    assert given_bytes == bytes_of(segments)


def test_an_idle_tail_does_not_touch_the_index_more_than_once_a_second(store: Store, six_seconds: Path) -> None:
    store.record(six_seconds, leave_open=True)
    tail, clock = tail_of(store)
    assert fragments(tail)
    clock.advance(10 * NS_PER_S)
    asked: list[object] = []
    lookup = store.footage.segment
    store.footage.segment = lambda key: asked.append(key) or lookup(key)  # type: ignore[method-assign,func-returns-value]
    for _ in range(50):
        assert list(tail.available()) == []
        clock.advance(NS_PER_S // 25)
    assert len(asked) <= 3


def test_a_fragment_holds_no_commit_box(store: Store, six_seconds: Path) -> None:
    store.record(six_seconds)
    for fragment in fragments(tail_of(store)[0]):
        assert (
            len(fragment.data) == fragment.commit.length == fragment.commit.end - fragment.commit.offset - COMMIT_LENGTH
        )
