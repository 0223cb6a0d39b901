from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice, pairwise
from pathlib import Path

import pytest
from pydantic import SecretStr

from basira.base.clock import NS_PER_S, SystemClock
from basira.base.errors import BasiraError
from basira.cameras import rtsp_plain
from basira.cameras.packets import FormatChanged, Packet, Source, StreamFormat
from basira.cameras.rtsp import Patience, RtspAddress, RtspSource
from basira.cameras.rtsp_ffmpeg import FFmpegSource
from tests.cameras.decoding import numbers, sound
from tests.streams import Codec, Mount, RtspServer, make_numbered_clip, rtsp_server

Client = type[RtspSource] | type[FFmpegSource]


@pytest.fixture(params=[RtspSource, FFmpegSource], ids=["the one that fits", "FFmpeg's"])
def client(request: pytest.FixtureRequest) -> Client:
    """Both clients keep the same promises."""
    found: Client = request.param
    return found


@contextmanager
def opened(
    server: RtspServer,
    path: str = "/a",
    transport: str = "tcp",
    *,
    client: Client = RtspSource,
    with_audio: bool = True,
    silence_s: float = 10.0,
) -> Iterator[tuple[Source, StreamFormat]]:
    address = RtspAddress(server.url(path), transport="udp" if transport == "udp" else "tcp")
    source = client(address, SystemClock(), with_audio=with_audio, patience=Patience(silence_s=silence_s))
    try:
        yield source, source.open()
    finally:
        source.close()


def video(source: Source, count: int) -> list[Packet]:
    return list(islice((packet for packet in source.packets() if packet.kind == "video"), count))


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_every_frame_arrives_once_and_in_order_from_a_keyframe_on(
    numbered_h264: Path, numbered_h265: Path, codec: Codec, transport: str, client: Client
) -> None:
    clip = numbered_h264 if codec == "h264" else numbered_h265
    with (
        rtsp_server({"/a": Mount(clip, codec)}) as server,
        opened(server, transport=transport, client=client) as (source, stream),
    ):
        assert (stream.video.codec, stream.video.width, stream.video.height) == (
            "h264" if codec == "h264" else "hevc", 320, 240,
        )  # fmt: skip
        packets = video(source, 35)
    assert packets[0].keyframe
    seen = numbers(stream.video, packets)
    assert len(seen) == 35
    assert [(b - a) % 300 for a, b in pairwise(seen)] == [1] * 34
    assert all(b.dts > a.dts and b.pts >= b.dts for a, b in pairwise(packets))


def test_each_frame_is_stamped_when_it_arrives_and_with_the_cameras_clock(numbered_h264: Path, client: Client) -> None:
    # The server sends frame n when its own clock, which is this machine's, shows n/rate seconds: never before, and
    # on a busy machine later.
    with rtsp_server({"/a": Mount(numbered_h264)}) as server, opened(server, client=client) as (source, stream):
        packets = video(source, 60)
    seen = numbers(stream.video, packets)
    lateness = [(p.utc_ns / NS_PER_S * 15 - number) % 900 for number, p in zip(seen, packets, strict=True)]
    assert min(lateness) < 15, "in frames: some frame arrived within a second of being sent"
    assert max(lateness) < 450, "no frame arrived before it was sent"
    by_camera = [(p.camera_ns - number * NS_PER_S / 15) % (60 * NS_PER_S)
                 for number, p in zip(seen, packets, strict=True) if p.camera_ns]  # fmt: skip
    assert by_camera, "the server sends sender reports"
    assert max(by_camera) - min(by_camera) < NS_PER_S // 50, "the camera's clock, however late a frame arrives"


def test_what_comes_while_nobody_takes_it_is_kept_and_dated_when_it_came(numbered_h264: Path) -> None:
    with rtsp_server({"/a": Mount(numbered_h264)}) as server, opened(server) as (source, stream):
        packets = source.packets()
        seen = [next(packets)]
        time.sleep(4)  # a disk that stands still
        taken_ns = SystemClock().mono_ns()
        seen += islice(packets, 44)
    found = numbers(stream.video, seen)
    assert [(b - a) % 300 for a, b in pairwise(found)] == [1] * 44, "no frame is lost"
    assert seen[10].mono_ns < taken_ns, "dated when it came: eleven frames are less than a second"


def test_a_stream_that_is_not_taken_for_long_has_the_camera_wait(
    numbered_h264: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtsp_plain, "_MOST_HELD_BYTES", 4096)
    with rtsp_server({"/a": Mount(numbered_h264)}) as server, opened(server) as (source, stream):
        packets = source.packets()
        seen = [next(packets)]
        for _ in range(3):
            time.sleep(1)
            seen += islice(packets, 20)
    assert [(b - a) % 300 for a, b in pairwise(numbers(stream.video, seen))] == [1] * 60


def test_aac_is_passed_through(numbered_h264: Path) -> None:
    with rtsp_server({"/a": Mount(numbered_h264, audio="aac")}) as server, opened(server) as (source, stream):
        assert stream.audio is not None
        assert (stream.audio.codec, stream.audio.sample_rate, stream.audio.channels) == ("aac", 16000, 1)
        assert stream.notices == ()
        spoken = list(islice((packet for packet in source.packets() if packet.kind == "audio"), 10))
    assert all(b.pts - a.pts == 1024 for a, b in pairwise(spoken))
    assert sound(stream.audio, spoken)


def test_g711_is_converted_to_aac_and_said_so(numbered_h264: Path) -> None:
    with rtsp_server({"/a": Mount(numbered_h264, audio="pcma")}) as server, opened(server) as (source, stream):
        assert stream.audio is not None and stream.audio.codec == "aac"
        assert stream.notices == ("audio_converted",)
        packets = list(islice(source.packets(), 80))
    spoken = [packet for packet in packets if packet.kind == "audio"]
    assert all(b.pts - a.pts == 1024 for a, b in pairwise(spoken))
    heard = sound(stream.audio, spoken)
    assert heard and all(frame.sample_rate == 8000 for frame in heard)
    seen = numbers(stream.video, [packet for packet in packets if packet.kind == "video"])
    assert all((b - a) % 900 == 1 for a, b in pairwise(seen))


def test_audio_is_not_asked_for_when_it_is_not_to_be_recorded(numbered_h264: Path) -> None:
    mounts = {"/a": Mount(numbered_h264, audio="pcma")}
    with rtsp_server(mounts) as server, opened(server, with_audio=False) as (source, stream):
        assert (stream.audio, stream.notices) == (None, ())
        assert {packet.kind for packet in islice(source.packets(), 20)} == {"video"}


def test_a_change_of_picture_size_in_mid_stream_is_told_and_nothing_is_lost(
    numbered_h264: Path, tmp_path: Path, client: Client
) -> None:
    wide = make_numbered_clip(tmp_path / "wide.h264", frames=300, size=(480, 272))
    with rtsp_server({"/a": Mount(numbered_h264)}) as server, opened(server, client=client) as (source, _):
        before = video(source, 5)
        server.tell("switch", mount="/a", file=str(wide))
        with pytest.raises(FormatChanged) as changed:
            for packet in source.packets():
                before.append(packet)
        new = changed.value.new
        assert (new.video.width, new.video.height) == (480, 272)
        after = video(source, 10)
    assert after[0].keyframe and after[0].dts > before[-1].dts
    seen = numbers(new.video, after)
    assert len(seen) == 10 and all((b - a) % 300 == 1 for a, b in pairwise(seen))


def test_timestamps_that_jump_back_are_passed_on_as_they_are(numbered_h264: Path, client: Client) -> None:
    with rtsp_server({"/a": Mount(numbered_h264)}) as server, opened(server, client=client) as (source, _):
        video(source, 35)
        server.tell("jump", mount="/a", seconds=-1)
        packets = video(source, 40)
    assert all(isinstance(p.dts, int) and isinstance(p.pts, int) for p in packets)
    assert all(b.mono_ns >= a.mono_ns for a, b in pairwise(packets))


def test_a_wrong_password_is_named_and_a_right_one_is_let_in(numbered_h264: Path) -> None:
    mounts = {"/a": Mount(numbered_h264)}
    with rtsp_server(mounts, username="viewer", password="p@ss:w/rd") as server:
        for username, password in ((None, None), ("viewer", "wrong-secret")):
            address = RtspAddress(server.url("/a"), username, SecretStr(password) if password else None)
            with pytest.raises(BasiraError) as refused:
                RtspSource(address, SystemClock()).open()
            assert refused.value.code == "camera_refused_password"
            assert refused.value.__context__ is None and refused.value.__cause__ is None
        source = RtspSource(RtspAddress(server.url("/a"), "viewer", SecretStr("p@ss:w/rd")), SystemClock())
        source.open()
        assert video(source, 1)[0].keyframe
        source.close()


def test_a_path_the_camera_does_not_know_is_named(numbered_h264: Path) -> None:
    with rtsp_server({"/a": Mount(numbered_h264)}) as server, pytest.raises(BasiraError) as refused:
        RtspSource(RtspAddress(server.url("/b")), SystemClock()).open()
    assert refused.value.code == "camera_path_unknown"


def test_a_camera_that_loses_power_ends_the_stream_with_an_error(numbered_h264: Path, client: Client) -> None:
    with rtsp_server({"/a": Mount(numbered_h264)}) as server, opened(server, client=client) as (source, _):
        video(source, 5)
        server.stop()
        with pytest.raises(BasiraError) as lost:
            video(source, 100)
    assert lost.value.code == "camera_closed_connection"


def test_a_camera_that_is_starting_itself_is_asked_by_our_client_again() -> None:
    asked: list[str] = []

    def listen() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                held.append(connection)
                request = connection.recv(4096).decode()
                asked.append("FFmpeg" if "Lavf" in request else "ours")

    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, daemon=True).start()
        address = RtspAddress(f"rtsp://127.0.0.1:{listener.getsockname()[1]}/live")
        for _ in range(5):
            source = RtspSource(address, SystemClock(), patience=Patience(0.5, 0.5, 0.5))
            with closing(source), pytest.raises(BasiraError) as silent:
                source.open()
            assert silent.value.code == "camera_silent"
        listener.shutdown(socket.SHUT_RDWR)
    for connection in held:
        connection.close()
    assert asked[:3] == ["ours", "ours", "FFmpeg"]
    assert asked[-2:] == ["ours", "ours"], "where FFmpeg fares no better, it is not our client's fault"


def test_a_camera_that_freezes_is_told_from_one_that_is_gone(numbered_h264: Path, client: Client) -> None:
    with rtsp_server({"/a": Mount(numbered_h264)}) as server, opened(server, client=client, silence_s=2) as (source, _):
        video(source, 5)
        server.tell("freeze", mount="/a", on=True)
        late: list[float] = []
        with pytest.raises(BasiraError) as silent:
            for packet in source.packets():
                late.append((time.clock_gettime_ns(time.CLOCK_BOOTTIME) - packet.mono_ns) / NS_PER_S)
    assert silent.value.code == "camera_silent"
    assert max(late, default=0) < 2, "nothing is handed over long after it came"


def test_a_picture_that_freezes_is_noticed_although_the_sound_goes_on(numbered_h264: Path) -> None:
    mounts = {"/a": Mount(numbered_h264, audio="pcma")}
    with rtsp_server(mounts) as server, opened(server, silence_s=1.5) as (source, _):
        video(source, 5)
        server.tell("freeze", mount="/a", on=True)
        with pytest.raises(BasiraError) as silent:
            video(source, 100)
    assert silent.value.code == "camera_silent"


def test_a_frozen_source_can_be_interrupted_from_another_thread(numbered_h264: Path, client: Client) -> None:
    with (
        rtsp_server({"/a": Mount(numbered_h264)}) as server,
        opened(server, client=client, silence_s=60) as (source, _),
    ):
        video(source, 5)
        server.tell("freeze", mount="/a", on=True)
        ended = threading.Thread(target=lambda: list(source.packets()))
        ended.start()
        time.sleep(0.3)
        source.interrupt()
        ended.join(timeout=20)
        assert not ended.is_alive()
