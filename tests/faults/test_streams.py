"""What networks and cameras do to a stream: each is a gap with its cause and a sentence, and harms no other camera.

All of it is done at once to one recorder, and then looked at camera by camera.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from basira.base.messages import MESSAGES
from tests.cameras.scripted_camera import H264, Interleaver, Unit, scripted_camera, units_of
from tests.conftest import clip_of
from tests.faults.link import Link, link
from tests.faults.station import Station, station
from tests.faults.table import Matrix, Row
from tests.recording.node import wait_until
from tests.streams import Mount, RtspServer, make_numbered_clip, rtsp_server

_TOGETHER = [f"together-{number}" for number in range(8)]
_SILENT = ("half-open", "freeze")
_SERVED = ("reset", *_SILENT, "lossy", "sps", "jump", *_TOGETHER)
_SCRIPTED = ("b-frames", "wraps", "no-keyframe")
_REAL_TIME_S = 1 / 15


@dataclass(frozen=True)
class Aftermath:
    """``told``: the code of what a person was told of a camera while it was in trouble."""

    lineup: Station
    told: dict[str, str]
    lost_datagrams: int

    def gaps(self, camera: str) -> list[tuple[str, str]]:
        return _known_gaps(self.lineup, camera)


def _kept(aftermath: Aftermath, row: Row, camera: str, injected: int = 1) -> None:
    """The promise held, for this camera and the bystander."""
    aftermath.lineup.judge(row, camera, injected)
    assert row.is_kept, row
    assert row.acknowledged > 0


def _ended_gaps(lineup: Station, camera: str) -> list[tuple[str, str]]:
    """Cause and detail of those between two recordings; the time until a camera's first picture may be one, too."""
    first_ns = lineup.rows("segments", camera=camera)[0].start_utc_ns
    gaps = lineup.rows("gaps", camera=camera)
    return [(gap.cause, gap.detail) for gap in gaps if gap.end_utc_ns is not None and gap.start_utc_ns > first_ns]


def _known_gaps(lineup: Station, camera: str) -> list[tuple[str, str]]:
    """But for moments in which a busy machine let everything stand still: their cause is not known to Basira."""
    return [gap for gap in _ended_gaps(lineup, camera) if gap[0] != "unknown"]


def _outage(lineup: Station, camera: str) -> str:
    """Wait until the recording is said to stand still, and why; the code of what a person is told."""
    wait_until(lambda: (lineup.state(camera).get("gap") or {}).get("cause") not in (None, "unknown"), 60)
    wait_until(lambda: "recording_gap" in lineup.alarms(camera))
    return wait_until(lambda: lineup.error(camera))


def _minute_without_keyframe(units: list[Unit]) -> list[Unit]:
    """The clip twelve times over, of which the very first keyframe alone is sent."""
    lap_ticks = len(units) * 6000
    return [
        unit._replace(pts=unit.pts + lap * lap_ticks)
        for lap in range(12)
        for number, unit in enumerate(units)
        if number % 15 or (lap, number) == (0, 0)
    ]


def _scripts(clips: Path) -> dict[str, tuple[list[bytes], float]]:
    """What the scripted cameras send, and how long they pause between units."""
    plain, reordered = units_of(clip_of(clips)), units_of(clip_of(clips, b_frames=2))
    wraps, orderly, bare = Interleaver(first_timestamp=2**32 - 6000 * 40), Interleaver(), Interleaver()
    return {
        "b-frames": ([orderly.video(unit) for unit in reordered], _REAL_TIME_S),
        "wraps": ([wraps.video(unit) for unit in plain], _REAL_TIME_S),
        "no-keyframe": ([bare.video(unit) for unit in _minute_without_keyframe(plain)], 0.004),
    }


def _inject(lineup: Station, server: RtspServer, wires: dict[str, Link], larger: Path) -> dict[str, str]:
    """Everything at once, until each is noticed; then lift it, until all is well again."""
    for camera in _SERVED:
        lineup.wait_recording(camera, 1)
    wait_until(lambda: lineup.fragments("jump") > 7)  # no server sends negative time: it can go back as far as it came
    wires["reset"].reset()
    wires["half-open"].hold(True)
    wires["together"].unplug(True)
    server.tell("freeze", mount="/freeze", on=True)
    server.tell("switch", mount="/sps", file=str(larger))
    server.tell("jump", mount="/jump", seconds=-3)
    told = {camera: _outage(lineup, camera) for camera in (*_SILENT, *_TOGETHER)}
    wires["half-open"].hold(False)
    wires["together"].unplug(False)
    server.tell("freeze", mount="/freeze", on=False)
    for camera in _SERVED:
        lineup.wait_recording(camera, 1)
    for camera in _SCRIPTED:
        wait_until(partial(lineup.error, camera))
    return told


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory, clips: Path) -> Iterator[Aftermath]:
    # GStreamer answers one client after another, each at its next keyframe: many keyframes, quick answers.
    clip = make_numbered_clip(clips / "many-keyframes.h264", frames=300, gop=5)
    mounts = {f"/{name}": Mount(clip, gop=5) for name in ("reset", *_SILENT, "lossy", "sps", "jump", "together")}
    larger = make_numbered_clip(clips / "larger.h264", frames=300, gop=5, size=(640, 480))
    with ExitStack() as open_now:
        server = open_now.enter_context(rtsp_server(mounts))
        wires = {name: open_now.enter_context(link(server.port)) for name in ("reset", "half-open", "together")}
        lossy = open_now.enter_context(link(server.port, loss=0.3))
        lineup = open_now.enter_context(station(tmp_path_factory.mktemp("lineup"), clip_of(clips)))
        for name, (sends, pause_s) in _scripts(clips).items():
            lineup.add(name, open_now.enter_context(scripted_camera(H264, sends, pause_s=pause_s)))
        for name in ("reset", "half-open"):
            lineup.add(name, wires[name].url(f"/{name}"))
        for name in ("freeze", "sps", "jump"):
            lineup.add(name, server.url(f"/{name}"))
        for name in _TOGETHER:
            lineup.add(name, wires["together"].url("/together"))
        lineup.add("lossy", lossy.url("/lossy"), transport="udp")
        told = _inject(lineup, server, wires, larger)
        yield Aftermath(lineup, told, lossy.dropped)


def test_a_connection_reset_is_a_gap_of_the_link_and_comes_back(aftermath: Aftermath, matrix: Matrix) -> None:
    _kept(aftermath, matrix.row("connection reset"), "reset")
    assert aftermath.gaps("reset") == [("link", "camera_closed_connection")]


def test_a_half_open_connection_is_noticed_given_up_and_made_anew(aftermath: Aftermath, matrix: Matrix) -> None:
    _kept(aftermath, matrix.row("half-open connection"), "half-open")
    assert aftermath.told["half-open"] == "camera_silent"
    assert aftermath.gaps("half-open") == [("link", "camera_silent")]


def test_a_picture_that_stands_still_is_a_gap(aftermath: Aftermath, matrix: Matrix) -> None:
    _kept(aftermath, matrix.row("stream freezes"), "freeze")
    assert aftermath.told["freeze"] == "camera_silent"
    assert aftermath.gaps("freeze") == [("link", "camera_silent")]


def test_a_third_of_the_datagrams_lost_leaves_what_came_and_a_store_that_is_sound(
    aftermath: Aftermath, matrix: Matrix
) -> None:
    assert aftermath.lost_datagrams > 30
    _kept(aftermath, matrix.row("UDP datagram lost, 30 % of all"), "lossy", aftermath.lost_datagrams)


def test_other_parameter_sets_in_mid_stream_are_another_segment_and_no_gap(
    aftermath: Aftermath, matrix: Matrix
) -> None:
    _kept(aftermath, matrix.row("parameter sets change"), "sps")
    assert [row.width for row in aftermath.lineup.rows("segments", camera="sps")][-1] == 640
    assert "codec" in _reasons(aftermath, "sps")
    assert aftermath.gaps("sps") == []


def test_timestamps_that_jump_back_are_bridged_and_no_gap(aftermath: Aftermath, matrix: Matrix) -> None:
    _kept(aftermath, matrix.row("timestamps jump back"), "jump")
    assert "timestamps" in {row.reason for row in aftermath.lineup.rows("recordings", camera="jump")}
    assert aftermath.gaps("jump") == []
    starts = [row.start_utc_ns for row in aftermath.lineup.rows("segments", camera="jump")]
    assert starts == sorted(starts)


def test_frames_in_another_order_than_shown_are_all_recorded(aftermath: Aftermath, matrix: Matrix) -> None:
    _kept(aftermath, matrix.row("B-frames"), "b-frames")
    (numbers,) = aftermath.lineup.frame_numbers("b-frames")
    # FFmpeg hands a unit over when the next begins: the last one sent is not known to be whole.
    assert sorted(numbers)[:87] == list(range(87))


def test_a_32_bit_clock_that_wraps_is_neither_a_gap_nor_a_cut(aftermath: Aftermath, matrix: Matrix) -> None:
    _kept(aftermath, matrix.row("RTP timestamps wrap"), "wraps")
    (numbers,) = aftermath.lineup.frame_numbers("wraps")
    assert numbers == list(range(len(numbers))) and len(numbers) >= 89


def test_a_minute_without_a_keyframe_is_recorded_and_cut(aftermath: Aftermath, matrix: Matrix) -> None:
    _kept(aftermath, matrix.row("no keyframe for a minute"), "no-keyframe")
    segments = aftermath.lineup.rows("segments", camera="no-keyframe")
    assert len(segments) >= 2 and "no_keyframe" in _reasons(aftermath, "no-keyframe")
    assert sum(row.end_utc_ns - row.start_utc_ns for row in segments) > 60e9


def test_eight_cameras_that_drop_together_all_return(aftermath: Aftermath, matrix: Matrix) -> None:
    for name in _TOGETHER:
        _kept(aftermath, matrix.row("8 cameras drop and return together"), name)
        assert {cause for cause, _ in aftermath.gaps(name)} == {"link"}
        assert aftermath.lineup.state(name)["attempts"] <= 8


def test_whatever_happens_is_told_in_a_sentence(aftermath: Aftermath) -> None:
    assert set(aftermath.told.values()) <= set(MESSAGES)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_sixty_four_cameras_that_drop_together_all_return(tmp_path: Path, clips: Path, matrix: Matrix) -> None:
    clip = make_numbered_clip(clips / "small.h264", frames=150, rate=5, gop=5, size=(160, 120))
    mount = {"/all": Mount(clip, rate=5, gop=5)}
    times, names = 2, [f"camera-{number:02}" for number in range(64)]
    with rtsp_server(mount) as server, link(server.port) as wire, station(tmp_path, clip_of(clips)) as lineup:
        for name in names:
            lineup.add(name, wire.url("/all"))
        for _ in range(times):
            for name in names:
                lineup.wait_recording(name, 1)
            wire.unplug(True)
            for name in names:
                wait_until(partial(lineup.open_gap, name))
            wire.unplug(False)
        for name in names:
            lineup.wait_recording(name, 1)
        row = matrix.row("64 cameras drop and return together")
        for name in names:
            lineup.judge(row, name, times)
            assert {cause for cause, _ in _known_gaps(lineup, name)} == {"link"}
    assert row.is_kept, row


def _reasons(aftermath: Aftermath, camera: str) -> set[str]:
    return {header.reason for header in aftermath.lineup.headers(camera)}
