"""A stream becomes segments and recordings; whatever the camera or the disk does, nothing at hand is lost."""

from __future__ import annotations

import errno
import itertools
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from basira.base.clock import NS_PER_S
from basira.base.identifiers import StreamKey
from basira.recording.layout import read_header, verify_commits
from basira.recording.segment import LocalFilesystem
from basira.recording.stream import Continuation, first_share
from basira.replay.footage import Footage
from tests.recording.clips import demuxed
from tests.recording.failing import FailingFilesystem
from tests.recording.rig import GATE, Rig, shifted, video
from tests.streams import make_numbered_clip


def test_segments_are_cut_at_the_first_keyframe_after_their_length(rig: Rig, clip: Path) -> None:
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    assert rig.segments() == [(1, 0, "closed"), (1, 1, "closed"), (1, 2, "closed")]
    assert rig.recorded() == video(packets)
    assert rig.gaps() == []


def test_only_the_first_segment_of_a_recording_may_be_shorter(tmp_path: Path, clip: Path) -> None:
    rig = Rig(tmp_path, segment_s=2.0, first_segment_s=1.0)
    for reason in ("start", "reconnect"):
        stream, packets = rig.load(clip)
        rig.recorder.begin(stream, reason)
        rig.play(packets)
        rig.recorder.end()
    lengths_s = [round((row.end_utc_ns - row.start_utc_ns) / NS_PER_S, 1) for row in rig.vouched_rows()]
    assert lengths_s == [1.0, 2.0, 2.0, 1.0] * 2
    rig.close()


def test_recordings_begun_together_do_not_end_their_segments_together() -> None:
    shares = [first_share(StreamKey("basra", f"camera-{number}", "main")) for number in range(64)]
    assert min(shares) >= 0.25 and max(shares) <= 1.0
    in_each_second = Counter(int(share * 60) for share in shares)
    assert len(in_each_second) > 20 and max(in_each_second.values()) < 8


def test_each_segment_continues_where_the_one_before_ended_and_names_its_hash(rig: Rig, clip: Path) -> None:
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    verified = []
    for path in rig.files():
        with path.open("rb") as file:
            verified.append(verify_commits(file))
    for before, after in itertools.pairwise(verified):
        assert after.header.previous_sha256 == before.sha256.hex()
        end_ns = before.header.start_utc_ns + before.commits[-1].dts * 100_000 // 9
        end_ns += before.commits[-1].duration * 100_000 // 9
        assert abs(after.header.start_utc_ns - end_ns) <= 1_000_000
    assert verified[0].header.reason == "start" and verified[1].header.reason == "length"


def test_packets_before_the_first_keyframe_are_dropped(rig: Rig, clip: Path) -> None:
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets[5:])
    rig.recorder.end()
    assert rig.recorded() == video(packets[15:])
    assert rig.recorder.counters.dropped_packets == 10


def test_frames_that_a_camera_had_kept_back_get_the_time_at_which_they_were_made(rig: Rig, clip: Path) -> None:
    stream, packets = rig.load(clip)
    live_ns = packets[30].mono_ns
    rig.recorder.begin(stream, "start")
    rig.play([
        packet if number >= 30
        else replace(packet, mono_ns=live_ns - 30 + number)
        for number, packet in enumerate(packets)
    ])  # fmt: skip
    rig.recorder.end()
    assert rig.recorded() == video(packets)
    with rig.files()[0].open("rb") as file:
        header, _ = read_header(file)
    assert abs(header.start_utc_ns - packets[0].utc_ns) < NS_PER_S // 20
    assert rig.segments()[0] == (1, 0, "closed") and all(recording == 1 for recording, _, _ in rig.segments())


def test_a_reconnection_is_a_new_recording_after_a_gap(rig: Rig, clip: Path) -> None:
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets[:45])
    rig.recorder.end()
    rig.ledger.blame("link", "camera_unreachable")
    rig.recorder.begin(stream, "reconnect")
    rig.play(shifted(packets[45:], mono_s=2.0))
    rig.recorder.end()
    assert [recording for recording, _, _ in rig.segments()] == [1, 1, 2, 2]
    (gap,) = rig.gaps()
    assert (gap.cause, gap.detail) == ("link", "camera_unreachable")
    assert gap.end_utc_ns is not None and abs(gap.end_utc_ns - gap.start_utc_ns - 2 * NS_PER_S) < NS_PER_S // 5
    assert rig.recorded() == video(packets)
    with rig.files()[2].open("rb") as file:
        header, _ = read_header(file)
    assert [(found.start_utc_ns, found.cause) for found in header.gaps] == [(gap.start_utc_ns, "link")]


@pytest.mark.parametrize("ticks", [-900_000, 90_000_000, -(2**33), 2**32])
def test_timestamps_that_leap_cost_no_frame(rig: Rig, clip: Path, ticks: int) -> None:
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets[:40])
    rig.play(shifted(packets[40:], ticks=ticks))
    rig.recorder.end()
    assert rig.recorded() == video(packets)
    assert rig.reasons() == ["start", "timestamps"]
    assert rig.gaps() == []


def test_timestamps_that_stand_still_or_jitter_cost_no_frame(rig: Rig, clip: Path) -> None:
    stream, packets = rig.load(clip)
    jittered = [
        replace(packet, dts=packet.dts - 1500 * (number % 3 == 1), pts=packet.pts - 1500 * (number % 3 == 1))
        for number, packet in enumerate(packets)
    ]
    jittered[20] = replace(jittered[20], dts=jittered[19].dts, pts=jittered[19].pts)
    rig.recorder.begin(stream, "start")
    rig.play(jittered)
    rig.recorder.end()
    assert rig.recorded() == video(packets)
    assert rig.reasons() == ["start"]


def test_a_line_that_stalls_and_then_brings_everything_costs_no_frame_and_leaves_no_gap(rig: Rig, clip: Path) -> None:
    """The camera keeps what it could not send: its clock goes on as if nothing had been."""
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets[:20])
    rig.watch(8)
    assert [gap.end_utc_ns for gap in rig.gaps()] == [None]
    rig.play(packets[20:])
    rig.recorder.end()
    assert rig.recorded() == video(packets)
    (gap,) = rig.gaps()
    assert gap.end_utc_ns == gap.start_utc_ns
    assert Footage(rig.engine, rig.root).gaps(GATE, 0, 2 * rig.clock.utc_ns()) == []


def test_silence_within_a_connection_is_a_gap(rig: Rig, clip: Path) -> None:
    stream, packets = rig.load(clip)
    ticks_per_s = int(1 / stream.video.time_base)
    rig.recorder.begin(stream, "start")
    rig.play(packets[:40])
    rig.watch(8)
    rig.play(shifted(packets[40:], mono_s=8.0, ticks=8 * ticks_per_s))
    rig.recorder.end()
    assert rig.recorded() == video(packets)
    (gap,) = rig.gaps()
    assert gap.end_utc_ns is not None and 7 * NS_PER_S < gap.end_utc_ns - gap.start_utc_ns < 9 * NS_PER_S


@pytest.mark.parametrize("step_s", [3600, -3600, 7 * 86_400, -1_699_000_000])
def test_a_step_of_the_wall_clock_begins_a_new_recording_and_loses_nothing(rig: Rig, clip: Path, step_s: int) -> None:
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets[:40])
    rig.clock.step(step_s * NS_PER_S)
    rig.play(packets[40:])
    rig.recorder.end()
    assert rig.recorded() == video(packets)
    assert rig.reasons() == ["start", "clock"]
    with rig.files()[-1].open("rb") as file:
        header, _ = read_header(file)
    first = next(path for path in rig.files() if path.parent.name == "00000002")
    with first.open("rb") as file:
        assert abs(read_header(file)[0].clock_step_ns - step_s * NS_PER_S) < NS_PER_S
    assert abs(header.start_utc_ns - rig.clock.utc_ns()) < 10 * NS_PER_S
    assert [gap.cause for gap in rig.gaps()] == (["clock"] if step_s > 0 else [])


def test_a_change_of_resolution_begins_a_new_segment(rig: Rig, clip: Path, clips: Path) -> None:
    stream, packets = rig.load(clip)
    small = make_numbered_clip(clips / "small.mp4", frames=30, size=(160, 120))
    rig.recorder.begin(stream, "start")
    rig.play(packets[:20])
    other, others = rig.load(small)
    rig.recorder.reformat(other)
    rig.play(shifted(others, ticks=packets[20].dts))
    rig.recorder.end()
    headers = []
    for path in rig.files():
        with path.open("rb") as file:
            headers.append(read_header(file)[0])
    assert [(h.recording, h.segment, h.tracks[0].width, h.reason) for h in headers] == [
        (1, 0, 320, "start"),
        (1, 1, 160, "codec"),
    ]
    assert rig.recorded() == video(packets[:20]) + video(others)


def test_without_a_keyframe_for_long_the_segment_is_cut_where_it_is(tmp_path: Path, clips: Path) -> None:
    rig = Rig(tmp_path, segment_s=0.2)
    stream, packets = rig.load(make_numbered_clip(clips / "one-keyframe.mp4", frames=90, gop=900))
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    assert len(rig.segments()) > 1 and rig.recorder.counters.forced_cuts >= 1
    assert rig.recorded() == video(packets)
    rig.close()


def test_audio_stays_with_its_video_across_segments(rig: Rig, with_sound: Path) -> None:
    stream, packets = rig.load(with_sound)
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    found = [data for path in rig.files() for data in demuxed(path, "audio")]
    assert len(rig.files()) == 2
    assert found == [packet.data for packet in packets if packet.kind == "audio"]


@pytest.mark.parametrize("call", ["write", "fdatasync", "fsync_folder"])
@pytest.mark.parametrize("after", [2, 3, 5])
def test_one_failure_of_the_disk_costs_no_frame(tmp_path: Path, clip: Path, call: str, after: int) -> None:
    filesystem = FailingFilesystem(call, after, errno.EIO, times=1)
    rig = Rig(tmp_path, filesystem=filesystem)
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    assert filesystem.failures == 1 and rig.recorder.counters.disk_failures == 1
    # What was written but not synced when the disk failed is written again: nothing is missing.
    assert set(rig.vouched_for()) == set(video(packets))
    rig.close()


def test_a_full_disk_is_a_gap_with_cause_disk_and_recording_resumes_by_itself(tmp_path: Path, clip: Path) -> None:
    filesystem = FailingFilesystem("write", 4, errno.ENOSPC, times=6)
    rig = Rig(tmp_path, filesystem=filesystem)
    stream, packets = rig.load(clip)
    ticks = int(6 / stream.video.time_base)
    rig.recorder.begin(stream, "start")
    for turn in range(8):
        rig.play(shifted(packets, mono_s=6.0 * turn, ticks=ticks * turn))
    rig.recorder.end()
    assert filesystem.failures == 6
    assert "disk" in rig.reasons()
    gaps = rig.gaps()
    assert gaps and all(gap.cause == "disk" and gap.end_utc_ns is not None for gap in gaps)
    assert rig.vouched_for()[-90:] == video(packets)
    rig.close()


def test_what_a_disk_takes_but_does_not_keep_is_a_gap_and_is_not_written_again_and_again(
    tmp_path: Path, clip: Path
) -> None:
    filesystem = FailingFilesystem("fdatasync", 3, errno.EIO, times=8)
    rig = Rig(tmp_path, filesystem=filesystem)
    stream, packets = rig.load(clip)
    ticks = int(6 / stream.video.time_base)
    rig.recorder.begin(stream, "start")
    for turn in range(12):
        rig.play(shifted(packets, mono_s=6.0 * turn, ticks=ticks * turn))
    rig.recorder.end()
    assert filesystem.failures == 8
    kept = rig.vouched_rows()
    lost_ns = sum(after.start_utc_ns - before.end_utc_ns for before, after in itertools.pairwise(kept))
    assert lost_ns > NS_PER_S
    gaps = rig.gaps()
    assert {gap.cause for gap in gaps} == {"disk"}
    # Whatever no row vouches for lies in a gap, to a frame.
    assert abs(sum((gap.end_utc_ns or 0) - gap.start_utc_ns for gap in gaps) - lost_ns) < NS_PER_S // 5
    assert len([row for row in rig.segments() if row[2] == "recovered"]) <= 8 + 1
    rig.close()


class SlowDisk(LocalFilesystem):
    """Each fdatasync takes eight seconds of the rig's time; ``waited_s`` is what the recorder says of it meanwhile."""

    def __init__(self) -> None:
        self.rig: Rig | None = None
        self.waited_s: list[float] = []

    def fdatasync(self, descriptor: int) -> None:
        assert self.rig is not None
        self.rig.clock.advance(8 * NS_PER_S)
        self.waited_s.append(self.rig.recorder.disk_lag_s())
        super().fdatasync(descriptor)


def test_what_waits_for_a_slow_disk_is_known_while_it_waits(tmp_path: Path, clip: Path) -> None:
    disk = SlowDisk()
    rig = disk.rig = Rig(tmp_path, filesystem=disk)
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets[:40])
    assert disk.waited_s and min(disk.waited_s) >= 8
    rig.recorder.end()
    assert rig.recorder.disk_lag_s() == 0
    rig.close()


def test_a_number_already_taken_on_disk_is_stepped_over(rig: Rig, clip: Path) -> None:
    taken = rig.root / "gate" / "main" / "00000001" / "000000.mp4"
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"evidence")
    stream, packets = rig.load(clip)
    rig.recorder = rig.new_recorder(Continuation(next_recording=1))
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    assert taken.read_bytes() == b"evidence"
    assert [data for path in rig.files() if path != taken for data in demuxed(path)] == video(packets)
