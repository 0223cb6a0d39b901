from __future__ import annotations

import subprocess
import threading
from itertools import islice, pairwise
from pathlib import Path

import pytest

from basira.base.clock import NS_PER_S, SimulatedClock, SystemClock
from basira.base.errors import BasiraError
from basira.cameras.files import FileSource
from basira.cameras.packets import FormatChanged, Packet
from tests.cameras.decoding import numbers
from tests.conftest import clip_of
from tests.streams import make_numbered_clip


def source(path: Path, cache: Path, clock: SimulatedClock | None = None, *, loop: bool = True) -> FileSource:
    return FileSource(path, clock or SimulatedClock(), cache_dir=cache, loop=loop)


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_clip_goes_round_and_its_time_stamps_go_on(clips: Path, tmp_path: Path, codec: str) -> None:
    clock = SimulatedClock()
    camera = source(clip_of(clips, "h264" if codec == "h264" else "h265"), tmp_path, clock)
    stream = camera.open()
    packets = list(islice(camera.packets(), 200))
    camera.close()
    assert numbers(stream.video, packets) == [n % 90 for n in range(200)]
    steps = {b.dts - a.dts for a, b in pairwise(packets)}
    assert steps == {round(1 / 15 / stream.video.time_base)}


def test_packets_come_when_they_are_due(clips: Path, tmp_path: Path) -> None:
    clock = SimulatedClock()
    start_ns = clock.mono_ns()
    camera = source(clip_of(clips), tmp_path, clock)
    camera.open()
    packets = list(islice(camera.packets(), 46))
    camera.close()
    assert packets[45].mono_ns - start_ns == pytest.approx(3 * NS_PER_S, abs=NS_PER_S // 100)


def test_frames_that_are_reordered_keep_their_order(clips: Path, tmp_path: Path) -> None:
    camera = source(clip_of(clips, b_frames=2), tmp_path, loop=False)
    stream = camera.open()
    packets = list(camera.packets())
    camera.close()
    assert numbers(stream.video, packets) == list(range(90))
    assert any(packet.pts > packet.dts for packet in packets)


def test_without_loop_the_clip_ends(clips: Path, tmp_path: Path) -> None:
    camera = source(clip_of(clips), tmp_path, loop=False)
    camera.open()
    assert len(list(camera.packets())) == 90
    camera.close()


def test_another_codec_is_encoded_once_with_a_keyframe_every_two_seconds(tmp_path: Path) -> None:
    clip = tmp_path / "old.avi"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=10", "-t", "5", "-c:v", "msmpeg4",
         str(clip)],
        check=True,
    )  # fmt: skip
    cache = tmp_path / "cache"
    for _ in range(2):
        camera = source(clip, cache, loop=False)
        stream = camera.open()
        packets = list(camera.packets())
        camera.close()
        assert (stream.video.codec, stream.video.width, stream.video.height) == ("h264", 160, 120)
        assert len(packets) == 50
        assert [n for n, packet in enumerate(packets) if packet.keyframe] == [0, 20, 40]
        assert all(packet.pts == packet.dts for packet in packets)
    assert len(list(cache.glob("*.mp4"))) == 1


def test_a_folder_plays_its_clips_by_name_and_tells_when_the_format_changes(tmp_path: Path) -> None:
    make_numbered_clip(tmp_path / "a.mp4", frames=15)
    make_numbered_clip(tmp_path / "b.mp4", frames=15, size=(480, 272))
    (tmp_path / "notes.txt").write_text("not a clip")
    camera = source(tmp_path, tmp_path / "cache")
    first = camera.open()
    played: list[Packet] = []
    with pytest.raises(FormatChanged) as changed:
        for packet in camera.packets():
            played.append(packet)
    assert len(played) == 15
    assert (first.video.width, changed.value.new.video.width) == (320, 480)
    following = next(camera.packets())
    camera.close()
    assert following.dts == 15 * round(1 / 15 / changed.value.new.video.time_base)


def test_sound_is_played_with_the_picture(tmp_path: Path) -> None:
    clip = tmp_path / "talk.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=10", "-f", "lavfi", "-i", "sine=r=16000",
         "-t", "2", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", str(clip)],
        check=True,
    )  # fmt: skip
    camera = source(clip, tmp_path / "cache")
    stream = camera.open()
    assert stream.audio is not None and stream.audio.codec == "aac"
    packets = list(islice(camera.packets(), 150))
    camera.close()
    sound = [packet for packet in packets if packet.kind == "audio"]
    assert all(b.pts > a.pts for a, b in pairwise(sound))
    silent = FileSource(clip, SimulatedClock(), cache_dir=tmp_path, with_audio=False)
    assert silent.open().audio is None
    silent.close()


def test_a_waiting_file_camera_can_be_interrupted(clips: Path, tmp_path: Path) -> None:
    camera = FileSource(clip_of(clips), SystemClock(), cache_dir=tmp_path)
    camera.open()
    timer = threading.Timer(0.3, camera.interrupt)
    timer.start()
    assert len(list(camera.packets())) < 90
    timer.join()
    camera.close()


def test_a_missing_clip_and_one_that_is_no_video_are_named(tmp_path: Path) -> None:
    with pytest.raises(BasiraError) as missing:
        source(tmp_path / "none.mp4", tmp_path).open()
    assert missing.value.code == "clip_missing"
    text = tmp_path / "text.mp4"
    text.write_text("this is not video")
    with pytest.raises(BasiraError) as unreadable:
        source(text, tmp_path).open()
    assert unreadable.value.code == "clip_unreadable"


def test_real_footage_plays(shared_footage: Path, tmp_path: Path) -> None:
    camera = source(shared_footage / "one-by-one-person.mp4", tmp_path)
    camera.open()
    packets = list(islice(camera.packets(), 300))
    camera.close()
    assert all(b.dts > a.dts for a, b in pairwise(packets))
