"""A segment file holds every packet as it came, plays in any player, and loses at most its last fragment."""

from __future__ import annotations

import errno
import json
import subprocess
from pathlib import Path

import av
import pytest

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.recording.layout import AUDIO_TRACK, CommitFlag, verify_commits
from basira.recording.nal import split_annex_b, split_length_prefixed
from basira.recording.segment import SegmentFailed
from tests.recording.clips import decoded, demuxed, read_clip
from tests.recording.failing import FailingFilesystem
from tests.recording.writing import place, write_segment, writer_for
from tests.streams import make_numbered_clip


def probe(path: Path) -> tuple[list[dict[str, str]], str]:
    done = subprocess.run(
        ["ffprobe", "-v", "warning", "-of", "json", "-show_packets", "-show_streams", path],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    packets: list[dict[str, str]] = json.loads(done.stdout)["packets"]
    return packets, done.stderr


@pytest.mark.parametrize("clip", ["b_frames", "hevc", "with_sound"])
def test_every_packet_comes_back_byte_for_byte(clip: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    source: Path = request.getfixturevalue(clip)
    stream, packets = read_clip(source)
    path = tmp_path / "000000.mp4"
    write_segment(path, stream, packets)
    for kind in ("video", "audio"):
        assert demuxed(path, kind) == [packet.data for packet in packets if packet.kind == kind]
    assert decoded(path) == decoded(source)


@pytest.mark.parametrize("clip", ["b_frames", "hevc", "with_sound"])
def test_ffprobe_reads_a_segment_without_a_warning(clip: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    stream, packets = read_clip(request.getfixturevalue(clip))
    path = tmp_path / "000000.mp4"
    write_segment(path, stream, packets)
    found, warnings = probe(path)
    assert warnings == ""
    assert len(found) == len(packets)
    video = [packet for packet in found if packet["codec_type"] == "video"]
    times = [float(packet["dts_time"]) for packet in video]
    assert times[0] == 0 and times == sorted(set(times))
    assert all(float(packet["pts_time"]) >= float(packet["dts_time"]) for packet in video)


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_start_codes_become_lengths_and_nothing_else_changes(codec: str, clips: Path, tmp_path: Path) -> None:
    suffix: str = codec
    source = make_numbered_clip(clips / f"short.{suffix}", frames=45, codec="h264" if codec == "h264" else "h265")
    stream, packets = read_clip(source)
    path = tmp_path / "000000.mp4"
    write_segment(path, stream, packets)
    assert [split_length_prefixed(data) for data in demuxed(path)] == [split_annex_b(p.data) for p in packets]
    assert decoded(path) == decoded(source)
    assert probe(path)[1] == ""


def test_a_segment_begins_with_a_keyframe_and_each_keyframe_begins_a_fragment(b_frames: Path, tmp_path: Path) -> None:
    stream, packets = read_clip(b_frames)
    path = tmp_path / "000000.mp4"
    writer = write_segment(path, stream, packets)
    with path.open("rb") as file:
        verified = verify_commits(file)
    assert verified.commits == tuple(writer.commits)
    assert sum(commit.starts_with_keyframe for commit in verified.commits) == 4
    assert verified.commits[0].starts_with_keyframe and verified.closed and verified.torn_bytes == 0
    assert all(commit.duration <= 45_000 for commit in verified.commits)
    assert writer.kept.length == path.stat().st_size and writer.kept.sha256 == verified.sha256
    for before, after in zip(verified.commits, verified.commits[1:], strict=False):
        assert after.dts == before.dts + before.duration


def test_sound_is_flagged_and_has_its_own_track(with_sound: Path, tmp_path: Path) -> None:
    stream, packets = read_clip(with_sound)
    writer = write_segment(tmp_path / "000000.mp4", stream, packets)
    assert [track.id for track in writer.header.tracks][1] == AUDIO_TRACK
    assert writer.header.tracks[1].codec == "mp4a.40.2"
    assert any(CommitFlag.HAS_AUDIO in commit.flags for commit in writer.commits)


def test_a_file_being_written_plays_up_to_its_last_fragment(b_frames: Path, tmp_path: Path) -> None:
    stream, packets = read_clip(b_frames)
    samples = place(stream, packets)
    path = tmp_path / "000000.mp4"
    writer = writer_for(path, stream, samples[0])
    for sample in samples[:40]:
        writer.append(sample)
    with path.open("rb") as file:
        assert len(verify_commits(file).commits) == len(writer.commits) > 2
    with av.open(str(path)) as container:
        assert len(list(container.decode(video=0))) >= 30
    writer.close()


def test_a_silent_camera_does_not_keep_its_last_frames_from_the_disk(b_frames: Path, tmp_path: Path) -> None:
    stream, packets = read_clip(b_frames)
    samples = place(stream, packets)
    clock = SimulatedClock(mono_ns=samples[4].mono_ns)
    writer = writer_for(tmp_path / "000000.mp4", stream, samples[0], clock=clock)
    for sample in samples[:5]:
        writer.append(sample)
    writer.tick()
    assert not writer.started
    clock.advance(3 * NS_PER_S)
    writer.tick()
    assert [commit.duration for commit in writer.commits] == [4 * 6000]
    clock.advance(2 * NS_PER_S)
    writer.tick()
    assert writer.kept == writer.written
    for sample in samples[5:]:
        writer.append(sample)
    writer.close()
    assert demuxed(tmp_path / "000000.mp4") == [packet.data for packet in packets]


def test_a_file_that_exists_is_never_written_over(b_frames: Path, tmp_path: Path) -> None:
    path = tmp_path / "000000.mp4"
    path.write_bytes(b"evidence")
    stream, packets = read_clip(b_frames)
    with pytest.raises(SegmentFailed) as failure:
        write_segment(path, stream, packets)
    assert failure.value.cause.errno == errno.EEXIST
    assert path.read_bytes() == b"evidence"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_failed_write_leaves_the_committed_fragments_and_ends_the_file(
    number: int, b_frames: Path, tmp_path: Path
) -> None:
    stream, packets = read_clip(b_frames)
    samples = place(stream, packets)
    path = tmp_path / "000000.mp4"
    writer = writer_for(path, stream, samples[0], filesystem=FailingFilesystem("write", 4, number))
    with pytest.raises(SegmentFailed) as failure:
        for sample in samples:
            writer.append(sample)
    assert failure.value.cause.errno == number
    writer.abandon()
    with pytest.raises(SegmentFailed):
        writer.append(samples[-1])
    with path.open("rb") as file:
        verified = verify_commits(file)
    assert len(verified.commits) == len(writer.commits) == 3
    assert verified.torn_bytes > 0 and not verified.closed


def test_a_failed_sync_is_never_tried_again(b_frames: Path, tmp_path: Path) -> None:
    stream, packets = read_clip(b_frames)
    samples = place(stream, packets)
    filesystem = FailingFilesystem("fdatasync", 0, errno.EIO)
    writer = writer_for(tmp_path / "000000.mp4", stream, samples[0], filesystem=filesystem)
    for sample in samples[:30]:
        writer.append(sample)
    for _ in range(3):
        with pytest.raises(SegmentFailed):
            writer.sync()
    with pytest.raises(SegmentFailed):
        writer.close()
    assert filesystem.syncs == 1
    assert writer.kept.length == 0
    writer.abandon()
