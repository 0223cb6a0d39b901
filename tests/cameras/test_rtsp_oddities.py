"""Cameras as odd as they come, from scripts: what is sent is exactly known, so is what must come out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import count, pairwise
from pathlib import Path

import pytest

from basira.base.clock import SystemClock
from basira.base.errors import BasiraError
from basira.cameras.packets import FormatChanged, Packet, StreamFormat
from basira.cameras.rtsp import Patience, RtspAddress, RtspSource
from tests.cameras.decoding import numbers
from tests.cameras.scripted_camera import H264, Interleaver, Unit, nals, scripted_camera, units_of
from tests.conftest import clip_of

PCMU = "m=audio 0 RTP/AVP 0\r\na=control:a\r\n"
OPUS = "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\na=control:a\r\n"
UNKNOWN_AUDIO = "m=audio 0 RTP/AVP 98\r\na=rtpmap:98 X-VENDOR/8000\r\na=control:a\r\n"


@pytest.fixture(scope="module")
def units(clips: Path) -> list[Unit]:
    return units_of(clip_of(clips))


def received(media: str, sends: Iterable[bytes], *, silence_s: float = 3) -> tuple[StreamFormat, list[Packet], str]:
    """The format, all packets until the connection ended, and the code of the error that ended it."""
    with scripted_camera(media, sends) as url:
        source = RtspSource(RtspAddress(url), SystemClock(), patience=Patience(silence_s=silence_s, keyframe_s=5))
        packets: list[Packet] = []
        try:
            stream = source.open()
            while True:
                try:
                    for packet in source.packets():
                        packets.append(packet)
                except FormatChanged as changed:
                    stream = changed.new
        except BasiraError as error:
            return stream, packets, error.code
        finally:
            source.close()


def test_reordered_frames_get_decode_times_that_rise_and_never_pass_their_showing(clips: Path) -> None:
    units = units_of(clip_of(clips, b_frames=2))
    wire = Interleaver()
    stream, packets, _ = received(H264, [wire.video(unit) for unit in units])
    assert numbers(stream.video, packets) == list(range(len(packets)))
    assert all(b.dts > a.dts for a, b in pairwise(packets))
    assert all(packet.pts >= packet.dts for packet in packets)
    shown = sorted(packet.pts for packet in packets)
    assert {b - a for a, b in pairwise(shown)} == {6000}


def test_a_camera_that_describes_no_parameter_sets_is_read_from_its_pictures(units: list[Unit]) -> None:
    wire = Interleaver()
    stream, packets, _ = received(H264, [wire.video(unit) for unit in units])
    assert (stream.video.width, stream.video.height) == (320, 240)
    assert len(packets) >= len(units) - 1
    assert numbers(stream.video, packets) == list(range(len(packets)))


def test_a_keyframe_without_parameter_sets_is_passed_over_for_one_that_has_them(units: list[Unit]) -> None:
    wire = Interleaver()
    bare = b"".join(b"\x00\x00\x01" + nal for nal in nals(units[0].data) if nal[0] & 0x1F not in (7, 8))
    stream, packets, _ = received(H264, [wire.video(units[0]._replace(data=bare)), *map(wire.video, units[1:])])
    assert numbers(stream.video, packets)[0] == 15


def test_joining_between_keyframes_begins_at_the_next_one(units: list[Unit]) -> None:
    wire = Interleaver()
    stream, packets, _ = received(H264, [wire.video(unit) for unit in units[7:]])
    assert packets[0].keyframe and numbers(stream.video, packets)[0] == 15


def test_time_goes_on_when_the_cameras_32_bit_clock_wraps(units: list[Unit]) -> None:
    wire = Interleaver(first_timestamp=2**32 - 6000 * 20)
    _, packets, _ = received(H264, [wire.video(unit) for unit in units])
    assert {b.dts - a.dts for a, b in pairwise(packets)} == {6000}


@pytest.mark.parametrize(
    ("media", "payload_type", "notice"),
    [(PCMU, 0, "audio_converted"), (UNKNOWN_AUDIO, 98, "audio_left_out")],
    ids=["G.711 µ-law", "unknown"],
)
def test_video_is_never_lost_because_of_audio(units: list[Unit], media: str, payload_type: int, notice: str) -> None:
    wire, sound = Interleaver(), Interleaver(channel=2, payload_type=payload_type)
    sends = [wire.video(unit) + sound.packet(b"\xff" * 533, n * 533) for n, unit in enumerate(units)]
    stream, packets, _ = received(H264 + media, sends)
    assert stream.notices == (notice,)
    assert (stream.audio is not None) == (notice == "audio_converted")
    video = [packet for packet in packets if packet.kind == "video"]
    assert len(video) >= len(units) - 1
    assert numbers(stream.video, video) == list(range(len(video)))


def test_audio_that_is_garbage_leaves_the_video_whole(units: list[Unit]) -> None:
    wire, sound, noise = Interleaver(), Interleaver(channel=2, payload_type=97), random.Random(3)
    sends = [wire.video(unit) + sound.packet(noise.randbytes(200), n * 3200) for n, unit in enumerate(units)]
    stream, packets, _ = received(H264 + OPUS, sends)
    video = [packet for packet in packets if packet.kind == "video"]
    assert numbers(stream.video, video) == list(range(len(video)))


def test_a_camera_that_never_sends_a_keyframe_is_named(units: list[Unit]) -> None:
    wire = Interleaver()
    rest = [unit for n, unit in enumerate(units) if n % 15]
    sends = [wire.video(unit._replace(pts=unit.pts + lap * 540_000)) for lap in range(20) for unit in rest]
    with scripted_camera(H264, sends) as url:
        source = RtspSource(RtspAddress(url), SystemClock(), patience=Patience(keyframe_s=0.5))
        with pytest.raises(BasiraError) as told:
            source.open()
        source.close()
    assert told.value.code == "camera_sends_no_keyframe"


def test_a_connection_that_loses_its_framing_is_given_up_not_waited_on_for_ever(units: list[Unit]) -> None:
    wire, noise = Interleaver(), random.Random(5)

    def sends() -> Iterator[bytes]:
        for lap in count():
            for n, unit in enumerate(units):
                yield (
                    noise.randbytes(3000)
                    if (lap, n) == (0, 40)
                    else wire.video(unit._replace(pts=unit.pts + lap * 540_000))
                )

    stream, packets, code = received(H264, sends(), silence_s=1.5)
    assert numbers(stream.video, packets)[:39] == list(range(39))
    assert code in ("camera_silent", "camera_closed_connection")


@pytest.mark.parametrize("seed", range(6))
def test_damaged_packets_never_do_worse_than_a_clear_error(units: list[Unit], seed: int) -> None:
    wire, noise = Interleaver(), random.Random(seed)
    sends = []
    for unit in units:
        damaged = bytearray(wire.video(unit))
        if noise.random() < 0.4:
            for _ in range(noise.randint(1, 30)):
                damaged[noise.randrange(len(damaged))] = noise.randrange(256)
        sends.append(bytes(damaged))
    with scripted_camera(H264, sends) as url:
        source = RtspSource(RtspAddress(url), SystemClock(), patience=Patience(silence_s=2, keyframe_s=2))
        with pytest.raises(BasiraError) as told:
            source.open()
            while True:
                try:
                    for packet in source.packets():
                        assert isinstance(packet.dts, int) and isinstance(packet.pts, int)
                except FormatChanged:
                    continue
        source.close()
    assert told.value.code.startswith("camera_")


def test_connections_leave_no_open_files_behind(units: list[Unit]) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    for _ in range(10):
        wire = Interleaver()
        received(H264, [wire.video(unit) for unit in units[:20]])
        with pytest.raises(BasiraError):
            RtspSource(RtspAddress("rtsp://127.0.0.1:1/a"), SystemClock(), patience=Patience(connect_s=1)).open()
    assert open_files() <= before
