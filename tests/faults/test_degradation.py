"""Silent degradation from the camera to the page: a whole node, and the alarm a person would read."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.analysis.test_sight import yard
from tests.faults.link import link
from tests.streams import Mount, rtsp_server
from tests.system.node import Node, add_camera, wait_recording, wait_until


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    node = Node(tmp_path / "node")
    node.add_user()
    try:
        node.start()
        with closing(node.client()) as logged_in:
            yield logged_in
    finally:
        node.stop()


def _alarm(client: httpx.Client, code: str, camera: str) -> dict[str, Any] | None:
    alarms = client.get("/api/alarms").json()["alarms"]
    return next((one for one in alarms if (one["code"], one["camera"]) == (code, camera)), None)


def _sent_in_a_second(clip: Path) -> float:
    """Bytes, by a camera of :class:`Mount`'s rate: the clip's frames are as many as its delimiters."""
    data = clip.read_bytes()
    return len(data) / data.count(b"\x00\x00\x00\x01\x09") * Mount(clip).rate


def _covered_after(path: Path, free_s: int, covered_s: int) -> Path:
    """A yard at five frames a second; then a hand before the lens."""
    command = [
        "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", "320x180", "-r", "5", "-i", "-",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10", "-bf", "0", str(path),
    ]  # fmt: skip
    noise = np.random.default_rng(1)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        for number in range((free_s + covered_s) * 5):
            scene = yard(number // 5) if number < free_s * 5 else np.full((180, 320), 14.0)
            encoder.stdin.write(np.clip(scene + noise.normal(0, 2, scene.shape), 0, 255).astype(np.uint8).tobytes())
    assert encoder.returncode == 0
    return path


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_covered_camera_reaches_the_page_and_ends_when_it_is_uncovered(client: httpx.Client, tmp_path: Path) -> None:
    clip = _covered_after(tmp_path / "yard.mp4", 80, 50)
    camera = add_camera(client, "yard", str(clip), kind="file")
    wait_recording(client, camera)
    alarm = wait_until("it is told", lambda: _alarm(client, "camera_covered", camera), 200)
    assert alarm["message"]["ar"] and alarm["severity"] == "error" and alarm["ended_us"] is None
    wait_until("it ends", lambda: (_alarm(client, "camera_covered", camera) or {}).get("ended_us"), 120)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_line_that_loses_most_frames_reaches_the_page(client: httpx.Client, numbered_h264: Path) -> None:
    with rtsp_server({"/gate": Mount(numbered_h264)}) as server, link(server.port) as wire:
        camera = add_camera(client, "gate", wire.url("/gate"), transport="udp")
        wait_recording(client, camera)
        client.get("/api/health").raise_for_status()
        wait_until("a usual rate is known", lambda: wire.passed > 15 * 45, 120)
        wire.loss = 0.85
        alarm = wait_until("it is told", lambda: _alarm(client, "frame_rate_collapsed", camera), 120)
        assert alarm["params"]["now"] < 0.4 * alarm["params"]["usual"]
        wire.loss = 0.0
        wait_until("it ends", lambda: (_alarm(client, "frame_rate_collapsed", camera) or {}).get("ended_us"), 180)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_line_too_narrow_for_its_camera_reaches_the_page_and_is_no_gap(
    client: httpx.Client, numbered_h264: Path
) -> None:
    with rtsp_server({"/gate": Mount(numbered_h264)}) as server, link(server.port) as wire:
        camera = add_camera(client, "gate", wire.url("/gate"))
        wait_recording(client, camera)
        wire.narrow(_sent_in_a_second(numbered_h264) / 2)
        alarm = wait_until("it is told", lambda: _alarm(client, "frames_late", camera), 120)
        assert alarm["params"]["lag_s"] >= 10
        assert _alarm(client, "recording_gap", camera) is None
        wire.narrow(None)
        wait_until("it ends", lambda: (_alarm(client, "frames_late", camera) or {}).get("ended_us"), 120)
        assert _alarm(client, "recording_gap", camera) is None
