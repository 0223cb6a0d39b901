"""A camera that misbehaves says so to a person, in both languages, and harms no other camera."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.streams import Mount, make_numbered_clip, rtsp_server
from tests.system.node import Node, add_camera, free_port, now_us, stream_state, wait_recording, wait_until


@pytest.fixture(scope="module")
def good_camera(node: Node, client: httpx.Client, numbered_h264: Path) -> Iterator[str]:
    """A camera that must never notice what the others do."""
    with rtsp_server({"/good": Mount(numbered_h264)}) as server:
        camera = add_camera(client, "good", server.url("/good"))
        wait_recording(client, camera)
        start_us = now_us()
        yield camera
        time.sleep(1)
        timeline = client.get("/api/timeline", params={"camera": camera, "start_us": start_us, "end_us": now_us()})
        assert timeline.json()["cameras"][0]["gaps"] == []


@contextmanager
def peer(answer: bytes, *, repeat: bool = False) -> Iterator[int]:
    """A TCP server that is no camera: sends ``answer`` to whoever connects."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        listener.settimeout(0.2)
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(1)
                try:
                    connection.recv(4096)
                    while not stop.is_set():
                        connection.sendall(answer)
                        if not repeat:
                            break
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        thread.join()
        listener.close()


def _test_camera(client: httpx.Client, url: str, **more: str) -> dict[str, Any]:
    answer = client.post("/api/cameras/test", json={"kind": "rtsp", "url": url, **more}, timeout=60)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _says_why(error: dict[str, Any]) -> str:
    assert error["message"]["ar"] and error["message"]["en"] and error["message"]["ar"] != error["message"]["en"]
    return str(error["code"])


def test_a_wrong_password_is_told_from_an_unreachable_camera(
    client: httpx.Client, good_camera: str, numbered_h264: Path
) -> None:
    with rtsp_server({"/locked": Mount(numbered_h264)}, username="viewer", password="right") as server:
        wrong = _test_camera(client, server.url("/locked"), username="viewer", password="wrong")
        right = _test_camera(client, server.url("/locked"), username="viewer", password="right")
    assert not wrong["ok"] and "password" in _says_why(wrong["error"])
    assert right["ok"] and right["streams"][0]["codec_name"] in ("h264", "H.264")
    assert "wrong" not in str(wrong["error"]["params"])
    gone = _test_camera(client, f"rtsp://127.0.0.1:{free_port()}/x")
    assert not gone["ok"] and _says_why(gone["error"]) == "camera_unreachable"


def test_an_address_that_is_no_camera_is_said_to_be_none(client: httpx.Client, good_camera: str) -> None:
    with peer(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello") as port:
        web = _test_camera(client, f"rtsp://127.0.0.1:{port}/")
    with peer(bytes(range(256)) * 64, repeat=True) as port:
        garbage = _test_camera(client, f"rtsp://127.0.0.1:{port}/")
    for found in (web, garbage):
        assert not found["ok"] and _says_why(found["error"])


def test_a_camera_that_freezes_is_a_gap_and_comes_back(
    client: httpx.Client, good_camera: str, numbered_h264: Path
) -> None:
    with rtsp_server({"/freezes": Mount(numbered_h264)}) as server:
        camera = add_camera(client, "freezes", server.url("/freezes"))
        wait_recording(client, camera)
        start_us = now_us()
        server.tell("freeze", mount="/freezes", on=True)
        wait_until("the gap has a cause", lambda: _gap_cause(client, camera) not in (None, "unknown"))
        server.tell("freeze", mount="/freezes", on=False)
        wait_until("it is recorded again", lambda: not stream_state(client, camera).get("gap"))
        wait_recording(client, camera)
        gaps = client.get("/api/timeline", params={"camera": camera, "start_us": start_us, "end_us": now_us()})
    assert [gap["cause"] for gap in gaps.json()["cameras"][0]["gaps"]] in (["camera"], ["link"])


def _gap_cause(client: httpx.Client, camera: str) -> str | None:
    gap = stream_state(client, camera).get("gap")
    return gap["cause"] if gap else None


def test_timestamps_that_jump_back_begin_a_new_segment_and_lose_nothing(
    client: httpx.Client, node: Node, good_camera: str, numbered_h264: Path
) -> None:
    with rtsp_server({"/jumps": Mount(numbered_h264)}) as server:
        camera = add_camera(client, "jumps", server.url("/jumps"))
        wait_recording(client, camera)
        time.sleep(2)
        server.tell("jump", mount="/jumps", seconds=-5)
        time.sleep(4)
        wait_recording(client, camera)
        segments = node.footage().segments(node.stream(camera), 0, 2**62)
    assert len(segments) >= 2
    starts = [segment.start_utc_ns for segment in segments]
    assert starts == sorted(starts) and starts[-1] - starts[0] < 60_000_000_000


def test_a_stream_that_changes_resolution_begins_a_new_segment(
    client: httpx.Client, node: Node, good_camera: str, numbered_h264: Path, tmp_path: Path
) -> None:
    larger = make_numbered_clip(tmp_path / "larger.h264", frames=300, size=(640, 480))
    with rtsp_server({"/changes": Mount(numbered_h264)}) as server:
        camera = add_camera(client, "changes", server.url("/changes"))
        wait_recording(client, camera)
        time.sleep(2)
        server.tell("switch", mount="/changes", file=str(larger))
        wait_until(
            "a segment of the new size",
            lambda: (
                {(s.width, s.height) for s in node.footage().segments(node.stream(camera), 0, 2**62)}
                == {(320, 240), (640, 480)}
            ),
        )
