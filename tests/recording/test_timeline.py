"""The camera says how far apart frames are, arrival says when; the least delayed frame wins."""

from __future__ import annotations

import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from basira.base.clock import NS_PER_MS, NS_PER_S
from basira.cameras.packets import Packet, StreamFormat, TrackFormat
from basira.recording.timeline import Break, Timeline

STREAM = StreamFormat(TrackFormat("video", "h264", Fraction(1, 90_000), b"", 320, 240, 15.0))
UTC = 1_700_000_000 * NS_PER_S
FRAME = 6000


def packet(dts: int, arrival_ns: int) -> Packet:
    return Packet("video", b"x", dts, dts, 0, dts % 90_000 == 0, UTC + arrival_ns, arrival_ns)


def at(number: int) -> int:
    return number * NS_PER_S // 15


@given(st.lists(st.integers(-(2**40), 2**40), min_size=2, max_size=60), st.lists(st.integers(1, 10**10), min_size=60))
def test_whatever_the_timestamps_decode_times_rise(stamps: list[int], waits: list[int]) -> None:
    timeline, arrival, times = Timeline(STREAM), 0, list[int]()
    for stamp, wait in zip(stamps, waits, strict=False):
        arrival += wait
        times.append(timeline.place_video(packet(stamp, arrival)).sample.dts)
    assert times[0] == 0
    assert all(after > before for before, after in itertools.pairwise(times))


def test_network_jitter_does_not_move_the_mapping() -> None:
    timeline = Timeline(STREAM)
    for number in range(900):
        late = (number * 7919) % 80 * NS_PER_MS if number % 10 else 0
        timeline.place_video(packet(number * FRAME, at(number) + late))
    assert abs(timeline.start_of(0)[0] - UTC) < NS_PER_MS
    timeline.correct(900 * FRAME)
    assert abs(timeline.start_of(900 * FRAME)[0] - (UTC + 60 * NS_PER_S)) < NS_PER_MS


def test_a_camera_whose_crystal_is_slow_is_followed_by_at_most_500_ppm() -> None:
    timeline = Timeline(STREAM)
    timeline.place_video(packet(0, 0))
    timeline.start_of(0)
    for number in range(1, 900):
        timeline.place_video(packet(number * FRAME, at(number) * 1002 // 1000))
        if number == 1:
            timeline.correct(FRAME)
    before, _ = timeline.start_of(900 * FRAME)
    timeline.correct(900 * FRAME)
    after, _ = timeline.start_of(900 * FRAME)
    assert 0 <= after - before <= 30 * NS_PER_MS


def test_frames_kept_back_and_sent_at_once_show_that_the_mapping_is_off() -> None:
    timeline = Timeline(STREAM)
    timeline.place_video(packet(0, 0))
    timeline.start_of(0)
    for number in range(1, 45):
        timeline.place_video(packet(number * FRAME, number * NS_PER_MS))
    assert timeline.is_off
    timeline.correct(45 * FRAME)
    assert abs(timeline.start_of(45 * FRAME)[0] - (UTC + 44 * NS_PER_MS)) < 100 * NS_PER_MS


def test_a_leap_is_bridged_with_the_time_of_arrival() -> None:
    timeline = Timeline(STREAM)
    timeline.place_video(packet(0, 0))
    timeline.place_video(packet(FRAME, at(1)))
    placed = timeline.place_video(packet(50_000_000, at(2)))
    assert placed.broken is Break.LEAP
    assert placed.sample.dts == 2 * FRAME
    following = timeline.place_video(packet(50_000_000 + FRAME, at(3)))
    assert following.broken is Break.NONE and following.sample.dts == 3 * FRAME


@given(st.integers(1, 44), st.integers(0, 60))
def test_what_was_kept_back_at_the_start_is_waited_out_before_a_line_is_tied_to_the_clock(
    kept_back: int, ms_between: int
) -> None:
    timeline, number = Timeline(STREAM), 0
    while not timeline.is_settled:
        # Sent faster than made until the live edge is reached; frame ``kept_back`` is the first that is not late.
        arrival_ns = max(at(number), at(kept_back) - (kept_back - number) * ms_between * NS_PER_MS)
        timeline.place_video(packet(number * FRAME, arrival_ns))
        number += 1
    assert abs(timeline.start_of(0)[0] - UTC) <= 20 * NS_PER_MS
    assert at(number) <= at(kept_back) + NS_PER_S


def test_a_line_that_never_settles_is_tied_after_three_seconds() -> None:
    timeline, number = Timeline(STREAM), 0
    while not timeline.is_settled:
        timeline.place_video(packet(number * FRAME, at(number) // 2))
        number += 1
    assert at(number) // 2 <= 4 * NS_PER_S
