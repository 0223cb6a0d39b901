"""A crash of one process costs only what that process does; nobody has to come and mend it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from basira.alerting.processes import ROLES, Role
from basira.recording.layout import VIDEO_TIMESCALE
from tests.streams import Mount, rtsp_server
from tests.system.node import Node, add_camera, now_us, stream_state, wait_recording, wait_until

_CAMERAS = 4


@pytest.fixture(scope="module")
def cameras(node: Node, client: httpx.Client, numbered_h264: Path) -> Iterator[list[str]]:
    """Four cameras, recorded."""
    with rtsp_server({f"/{i}": Mount(numbered_h264, phase=i * 45) for i in range(_CAMERAS)}) as server:
        found = [add_camera(client, f"camera {i}", server.url(f"/{i}")) for i in range(_CAMERAS)]
        for camera in found:
            wait_recording(client, camera)
        yield found


def _recorded_to_ns(node: Node, camera: str) -> int:
    """End of what is committed of a camera, UTC nanoseconds."""
    footage = node.footage()
    newest = footage.newest_segment(node.stream(camera))
    assert newest is not None
    return footage.end_utc_ns(newest)


def _holes_s(node: Node, camera: str, start_us: int, end_us: int) -> list[float]:
    """Lengths of the intervals in a span that no committed fragment covers, seconds, longer than two frames."""
    footage, spans = node.footage(), list[tuple[int, int]]()
    for segment in footage.segments(node.stream(camera), start_us * 1000, end_us * 1000):
        for commit in footage.commits(segment):
            start_ns = segment.utc_ns(commit.dts)
            spans.append((start_ns, start_ns + commit.duration * 1_000_000_000 // VIDEO_TIMESCALE))
    holes, covered_ns = [], None
    for start_ns, end_ns in sorted(spans):
        if covered_ns is not None:
            holes.append((start_ns - covered_ns) / 1e9)
        covered_ns = max(end_ns, covered_ns or end_ns)
    return [hole for hole in holes if hole > 2 / 15]


def test_each_process_bears_its_own_name(node: Node) -> None:
    assert node.process is not None
    supervisor = psutil.Process(node.process.pid)
    assert supervisor.name() == "basira-supervisor"
    assert supervisor.environ()["BASIRA_DATA_DIR"] == str(node.settings.data_dir), "a name takes nothing else's place"
    assert {role: node.find(role).name() for role in ROLES} == {role: f"basira-{role}" for role in ROLES}


def test_analysis_and_scrubber_take_the_processors_that_recorder_page_and_log_leave(node: Node) -> None:
    assert node.process is not None
    usual = psutil.Process(node.process.pid).nice()
    assert {role for role in ROLES if node.find(role).nice() > usual} == {"analysis", "scrubber"}


@pytest.mark.parametrize("role", ["analysis", "web"])
def test_killing_analysis_or_web_leaves_no_hole_in_any_recording(node: Node, cameras: list[str], role: Role) -> None:
    start_us = now_us()
    time.sleep(2)
    victim = node.find(role)
    victim.send_signal(signal.SIGKILL)
    wait_until(f"a new {role} process", lambda: node.find(role).pid != victim.pid)
    wait_until("the page answers again", node.answers)
    time.sleep(3)
    for camera in cameras:
        assert _holes_s(node, camera, start_us, now_us()) == []


def test_killing_the_recorder_costs_at_most_one_second_and_the_gap_is_on_record(
    node: Node, client: httpx.Client, cameras: list[str]
) -> None:
    start_us = now_us()
    time.sleep(3)
    victim = node.find("recorder")
    killed_ns = time.time_ns()
    victim.send_signal(signal.SIGKILL)
    wait_until("a new recorder", lambda: node.find("recorder").pid != victim.pid)
    for camera in cameras:
        _wait_recorded_after(client, camera, killed_ns // 1000)
    kept_to = {camera: _last_before(node, camera, killed_ns) for camera in cameras}
    assert {camera: killed_ns - end_ns < 1_200_000_000 for camera, end_ns in kept_to.items()} == dict.fromkeys(
        cameras, True
    )
    for camera in cameras:
        query: dict[str, str | int] = {"camera": camera, "start_us": start_us, "end_us": now_us()}
        gaps = client.get("/api/timeline", params=query).json()["cameras"][0]["gaps"]
        assert [gap["cause"] for gap in gaps] == ["recorder"]


def _last_fragment_us(client: httpx.Client, camera: str) -> int:
    return int(stream_state(client, camera).get("last_fragment_us") or 0)


def _wait_recorded_after(client: httpx.Client, camera: str, utc_us: int) -> None:
    wait_until("it is recorded again", lambda: _last_fragment_us(client, camera) > utc_us)


def _last_before(node: Node, camera: str, utc_ns: int) -> int:
    footage = node.footage()
    ends = [
        segment.utc_ns(commit.dts + commit.duration)
        for segment in footage.segments(node.stream(camera), utc_ns - 60_000_000_000, utc_ns)
        for commit in footage.commits(segment)
        if segment.utc_ns(commit.dts) <= utc_ns
    ]
    return max(ends)


def test_killing_the_supervisor_stops_nothing_and_a_new_one_takes_over(node: Node, cameras: list[str]) -> None:
    start_us = now_us()
    assert node.process is not None
    recorder = node.find("recorder")
    node.process.kill()
    node.process.wait()
    time.sleep(2)
    assert recorder.is_running()
    node.start()
    assert node.find("recorder").pid == recorder.pid
    time.sleep(2)
    for camera in cameras:
        assert _holes_s(node, camera, start_us, now_us()) == []


def test_after_all_this_check_finds_nothing_wrong(node: Node, cameras: list[str]) -> None:
    environment = {**os.environ, "BASIRA_DATA_DIR": str(node.settings.data_dir)}
    command = [sys.executable, "-m", "basira.cli.main", "check", "--full"]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert psutil.pid_exists(node.find("recorder").pid)
