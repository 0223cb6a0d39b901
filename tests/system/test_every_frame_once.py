"""What the camera sent is what the export holds: every frame once, in order; what is missing is in a recorded gap."""

from __future__ import annotations

import itertools
import json
import subprocess
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import av
import httpx
import pytest

from tests.streams import Mount, RtspServer, frame_number, make_numbered_clip, rtsp_server
from tests.system.node import Node, add_camera, export, now_us, wait_recording

RATE = 15
_PAGE = Path(__file__).resolve().parents[2] / "page"
_MP4BOX = Path(__file__).resolve().parents[1] / "interop" / "mp4box.mjs"


@dataclass(frozen=True)
class Seen:
    """A decoded frame: the number drawn in it, and the wall clock its file gives it."""

    number: int
    utc_s: float


def decode(files: list[Path]) -> list[Seen]:
    """Every frame of exported files, in the order of their times."""
    seen: list[Seen] = []
    for path in files:
        with av.open(path) as clip:
            start_s = _creation_time_s(clip.metadata["creation_time"])
            seen += [Seen(frame_number(frame), start_s + (frame.time or 0.0)) for frame in clip.decode(video=0)]
    return sorted(seen, key=lambda frame: frame.utc_s)


def _creation_time_s(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def steps(seen: list[Seen], frames: int) -> list[int]:
    """From each frame to the next: 1 when none is missing, 0 when one is doubled. Numbers repeat after ``frames``."""
    return [(b.number - a.number) % frames for a, b in itertools.pairwise(seen)]


@pytest.fixture(scope="module")
def server(numbered_h264: Path, numbered_h265: Path) -> object:
    mounts: dict[str, Mount] = {}
    for transport in ("tcp", "udp"):
        mounts[f"/h264-{transport}"] = Mount(numbered_h264, audio="aac")
        mounts[f"/h265-{transport}"] = Mount(numbered_h265, "h265", audio="pcma")
    with rtsp_server(mounts) as running:
        yield running


@pytest.fixture(scope="module")
def recorded(
    node: Node, client: httpx.Client, server: RtspServer, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Path]]:
    """Twenty seconds of four cameras at once, exported."""
    cameras = {mount[1:]: add_camera(client, mount, server.url(mount), transport=mount[-3:]) for mount in server.mounts}
    for camera in cameras.values():
        wait_recording(client, camera)
    start_us = now_us()
    time.sleep(20)
    folder = tmp_path_factory.mktemp("exports")
    return {name: export(client, camera, start_us, now_us() - 2_000_000, folder) for name, camera in cameras.items()}


@pytest.mark.parametrize("camera", ["h264-tcp", "h264-udp", "h265-tcp", "h265-udp"])
def test_each_frame_that_was_sent_is_exported_once_and_in_order(recorded: dict[str, list[Path]], camera: str) -> None:
    seen = decode(recorded[camera])
    assert len(seen) >= 15 * RATE
    assert set(steps(seen, 900 if camera.startswith("h264") else 300)) == {1}


@pytest.mark.parametrize("camera", ["h264-tcp", "h265-tcp"])
def test_an_export_and_the_recorded_files_parse_in_two_parsers_nobody_here_wrote(
    node: Node, recorded: dict[str, list[Path]], camera: str
) -> None:
    segments = sorted((node.settings.footage_path).glob("*/main/*/*.mp4"))
    for path in [*recorded[camera], segments[0], segments[-1]]:
        probe = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", str(path)]
        probed = subprocess.run(probe, check=True, capture_output=True, text=True)
        assert probed.stderr == "" and probed.stdout.split()[0].strip(",") in ("h264", "hevc")
        parsed = subprocess.run(
            ["node", str(_MP4BOX), str(path)], check=True, capture_output=True, text=True, cwd=_PAGE
        )
        understood = json.loads(parsed.stdout)
        assert understood["covers_file"]
        assert understood["samples"]["1"][0]["sync"]


def test_audio_is_recorded_beside_the_video(recorded: dict[str, list[Path]]) -> None:
    for camera in ("h264-tcp", "h265-tcp"):  # AAC as it is; G.711 converted
        with av.open(recorded[camera][0]) as clip:
            assert [stream.codec_context.name for stream in clip.streams.audio] == ["aac"]
            assert sum(1 for _ in clip.demux(audio=0)) > 100


def test_after_restarts_of_the_camera_only_frames_in_recorded_gaps_are_missing(
    node: Node, client: httpx.Client, numbered_h264: Path, tmp_path: Path
) -> None:
    _restart_and_compare(client, Mount(numbered_h264), 900, tmp_path, restarts=2, up_s=6)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ten_minutes_of_four_cameras_lose_no_frame(node: Node, client: httpx.Client, tmp_path: Path) -> None:
    frames = 600 * RATE + 600
    h264 = make_numbered_clip(tmp_path / "long.h264", frames=frames)
    h265 = make_numbered_clip(tmp_path / "long.h265", frames=frames, codec="h265")
    mounts: dict[str, Mount] = {}
    for transport in ("tcp", "udp"):
        mounts |= {f"/h264-{transport}": Mount(h264), f"/h265-{transport}": Mount(h265, "h265")}
    with rtsp_server(mounts) as server:
        cameras = [add_camera(client, f"long {path}", server.url(path), transport=path[-3:]) for path in mounts]
        for camera in cameras:
            wait_recording(client, camera)
        start_us = now_us()
        time.sleep(600)
        for camera in cameras:
            seen = decode(export(client, camera, start_us, now_us() - 2_000_000, tmp_path))
            assert len(seen) >= 595 * RATE
            assert set(steps(seen, frames)) == {1}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_after_five_restarts_only_frames_in_recorded_gaps_are_missing(
    node: Node, client: httpx.Client, tmp_path: Path
) -> None:
    clip = make_numbered_clip(tmp_path / "long.h264", frames=9000)
    _restart_and_compare(client, Mount(clip), 9000, tmp_path, restarts=5, up_s=30)


def _restart_and_compare(
    client: httpx.Client, mount: Mount, frames: int, folder: Path, *, restarts: int, up_s: float
) -> None:
    with rtsp_server({"/live": mount}) as server:
        camera = add_camera(client, "restarted", server.url("/live"))
        wait_recording(client, camera)
        start_us = now_us()
        for _ in range(restarts):
            time.sleep(up_s)
            server.stop()
            time.sleep(3)
            server.start()
            wait_recording(client, camera)
        time.sleep(up_s)
        end_us = now_us() - 2_000_000
        timeline = client.get("/api/timeline", params={"camera": camera, "start_us": start_us, "end_us": end_us})
    gaps = [(gap["start_us"] / 1e6, gap["end_us"] / 1e6) for gap in timeline.json()["cameras"][0]["gaps"]]
    seen = decode(export(client, camera, start_us, end_us, folder))
    missing = [
        (a.utc_s, b.utc_s, step - 1)
        for (a, b), step in zip(itertools.pairwise(seen), steps(seen, frames), strict=True)
        if step != 1
    ]
    assert len(missing) == len(gaps) == restarts
    for (after_s, before_s, count), (gap_start_s, gap_end_s) in zip(missing, gaps, strict=True):
        assert gap_start_s >= after_s - 1 and gap_end_s <= before_s + 1
        assert abs(count / RATE - (gap_end_s - gap_start_s)) < 1.5
