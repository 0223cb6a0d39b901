"""A playlist is valid, plays the recorded bytes themselves, and says of each entry when it was recorded."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.base.clock import NS_PER_S
from basira.recording.layout import VIDEO_TIMESCALE
from basira.replay.hls import entries_of, playlist, rfc3339
from basira.replay.ranges import parts_of
from tests.replay.rows import gops_lasting
from tests.replay.serving import serve
from tests.replay.store import GATE, START_NS, OpenSegment, Store

PLAYLIST = "/api/playback/gate/main/index.m3u8"


def pages_of(segments: list[OpenSegment], text: str) -> dict[str, bytes]:
    pages = {
        f"/api/media/gate/main/{segment.key.recording}/{segment.key.segment}.mp4": segment.path.read_bytes()
        for segment in segments
    }
    return {**pages, PLAYLIST: text.encode()}


def whole(store: Store) -> str:
    return playlist(parts_of(store.footage, GATE, START_NS, START_NS + 600 * NS_PER_S))


@pytest.mark.parametrize("clip", ["six_seconds", "with_b_frames", "with_sound", "hevc"])
def test_ffmpeg_plays_every_frame_over_http(clip: str, store: Store, request: pytest.FixtureRequest) -> None:
    segments = store.record(request.getfixturevalue(clip))
    text = whole(store)
    with serve(pages_of(segments, text)) as base:
        done = subprocess.run(
            ["ffmpeg", "-v", "error", "-i", base + PLAYLIST, "-map", "0:v", "-c", "copy", "-f", "framehash", "-"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    frames = [line for line in done.stdout.splitlines() if not line.startswith("#")]
    assert len(frames) == sum(len(segment.video) for segment in segments)
    assert done.stderr == ""


def test_a_span_across_a_gap_and_a_format_change_plays(store: Store, six_seconds: Path, larger: Path) -> None:
    first = store.record(six_seconds)
    second = store.record(larger, recording=2, start_utc_ns=START_NS + 60 * NS_PER_S)
    text = whole(store)
    parsed = m3u8.loads(text)
    assert [segment.discontinuity for segment in parsed.segments].count(True) == len(first) + len(second) - 1
    assert len({segment.init_section.uri for segment in parsed.segments}) == len(first) + len(second)
    with serve(pages_of(first + second, text)) as base:
        done = subprocess.run(
            ["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0",
             base + PLAYLIST], check=True, capture_output=True, text=True,
        )  # fmt: skip
    assert int(done.stdout.split()[-1]) == sum(len(segment.video) for segment in first + second)


def test_every_entry_is_the_recorded_bytes_and_says_when(store: Store, six_seconds: Path) -> None:
    segments = store.record(six_seconds)
    parsed = m3u8.loads(whole(store))
    assert parsed.is_endlist and parsed.playlist_type == "vod" and parsed.is_independent_segments
    joined: dict[str, bytes] = {}
    for entry in parsed.segments:
        length, offset = (int(number) for number in entry.byterange.split("@"))
        init_length, init_offset = (int(number) for number in entry.init_section.byterange.split("@"))
        assert entry.init_section.uri == entry.uri and init_offset == 0
        number = int(Path(entry.uri).stem)
        content = segments[number].path.read_bytes()
        joined.setdefault(entry.uri, content[:init_length])
        joined[entry.uri] += content[offset : offset + length]
        assert entry.duration <= parsed.target_duration
        assert entry.program_date_time >= datetime.fromtimestamp(START_NS // NS_PER_S, UTC)
    assert list(joined.values()) == [segment.path.read_bytes() for segment in segments]
    starts = [entry.program_date_time for entry in parsed.segments]
    assert starts == sorted(starts)


def test_a_span_begins_with_the_keyframe_before_it(store: Store, six_seconds: Path) -> None:
    store.record(six_seconds)
    parts = parts_of(store.footage, GATE, START_NS + round(2.5 * NS_PER_S), START_NS + round(3.5 * NS_PER_S))
    parsed = m3u8.loads(playlist(parts))
    assert parsed.segments[0].program_date_time == datetime.fromtimestamp(START_NS // NS_PER_S + 2, UTC)
    assert sum(entry.duration for entry in parsed.segments) == pytest.approx(2.0)


def test_nothing_recorded_is_an_empty_playlist() -> None:
    parsed = m3u8.loads(playlist([]))
    assert parsed.segments == [] and parsed.is_endlist and parsed.target_duration == 1


@given(durations=st.lists(st.integers(1, 20 * VIDEO_TIMESCALE), max_size=40))
def test_entries_hold_every_gop_once_and_last_about_four_seconds(durations: list[int]) -> None:
    gops = gops_lasting(durations)
    entries = list(entries_of(gops))
    assert [gop for entry in entries for gop in entry] == gops
    for entry in entries:
        assert len(entry) == 1 or sum(gop.duration for gop in entry) <= 4 * VIDEO_TIMESCALE


def test_times_are_written_to_the_millisecond_below() -> None:
    assert rfc3339(1_750_000_000_123_999_999) == "2025-06-15T15:06:40.123Z"
