"""Live view and feed over real sockets."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import anyio
import httpx
import pytest
from prometheus_client import CollectorRegistry, Gauge
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

import basira.web.sockets as sockets
from basira.alerting.alarms import Condition
from basira.analysis.boxes import Box
from basira.analysis.event import Event
from basira.analysis.path import PathPoint
from basira.analysis.store import open_events
from basira.web.guard import CSRF_HEADER, SESSION_COOKIE
from tests.replay.store import START_NS, OpenSegment
from tests.web.conftest import PASSWORD, Site
from tests.web.serving import serving


@pytest.fixture
def served(site: Site) -> Iterator[httpx.Client]:
    """A logged-in client of the application on a real socket."""
    with serving(site.app, site.settings) as address, httpx.Client(base_url=f"http://{address}") as client:
        answer = client.post("/api/session", json={"username": "noor", "password": PASSWORD})
        client.headers[CSRF_HEADER] = answer.json()["csrf_token"]
        yield client


@contextmanager
def _open(client: httpx.Client, path: str) -> Iterator[ClientConnection]:
    address = f"ws://{client.base_url.netloc.decode()}{path}"
    cookie = f"{SESSION_COOKIE}={client.cookies[SESSION_COOKIE]}"
    with connect(address, additional_headers={"Cookie": cookie}, max_size=2**26) as socket:
        yield socket


def _next(socket: ClientConnection, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The next text message of that sort; others are passed over."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        message = socket.recv(timeout=30)
        if isinstance(message, str):
            content: dict[str, Any] = json.loads(message)
            if wanted(content):
                return content
    raise AssertionError("no such message came")


def _of_type(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda message: message["type"] == name


def test_live_gives_an_init_and_then_the_very_bytes_recorded(served: httpx.Client, recorded: list[OpenSegment]) -> None:
    written = recorded[2].path.read_bytes()
    with _open(served, "/api/live/gate/main") as socket:
        init = _next(socket, _of_type("init"))
        assert init["codecs"].startswith("avc1.")
        assert (init["width"], init["height"], init["segment"]) == (320, 240, "1/2")
        bytes_of_init = socket.recv(timeout=30)
        assert isinstance(bytes_of_init, bytes) and written.startswith(bytes_of_init)
        fragment = _next(socket, _of_type("fragment"))
        assert fragment["keyframe"] is True
        media = socket.recv(timeout=30)
        assert isinstance(media, bytes) and media in written


def test_live_of_a_camera_that_is_not_there_is_refused(served: httpx.Client) -> None:
    with pytest.raises(InvalidStatus) as refused, _open(served, "/api/live/nowhere/main"):
        pass
    assert refused.value.response.status_code == 404
    assert b"camera_not_found" in bytes(refused.value.response.body or b"")


def test_the_feed_tells_the_time_events_alarms_and_exports(
    served: httpx.Client, site: Site, recorded: list[OpenSegment]
) -> None:
    with _open(served, "/api/feed") as socket:
        assert _next(socket, _of_type("time"))["now_us"] == site.clock.utc_ns() // 1000
        event = _an_event(site)
        store = open_events(site.settings.events_path)
        store.commit([event], event.stream_key, None)
        store.close()
        alert = _next(socket, _of_type("alert"))
        assert alert["event"]["id"] == event.id
        assert alert["event"]["class"] == "person"
        site.app.state.rooms.watch.alarms.now([Condition("recorder_down", "error")])
        down = _next(socket, lambda told: told["type"] == "alarm" and told["alarm"]["code"] == "recorder_down")
        assert down["alarm"]["message"]["ar"] and down["alarm"]["ended_us"] is None
        span = {"start_us": START_NS // 1000, "end_us": START_NS // 1000 + 10_000_000}
        served.post("/api/exports", json={"cameras": ["gate"], **span})
        told = _next(socket, lambda message: message["type"] == "export" and message["export"]["state"] == "done")
        assert told["export"]["files"]


def test_events_are_listed_read_and_marked_as_seen(served: httpx.Client, site: Site) -> None:
    site.add_camera("gate")
    event = _an_event(site)
    store = open_events(site.settings.events_path)
    store.commit([event], event.stream_key, None)
    store.close()
    listed = served.get("/api/events", params={"camera": "gate", "class": "person", "alert": True}).json()
    assert [found["id"] for found in listed["events"]] == [event.id]
    assert listed["events"][0]["seen"] is None
    assert served.get(f"/api/events/{event.id}/snapshot.jpg").content == b"picture"
    seen = served.post(f"/api/events/{event.id}/seen").json()["seen"]
    assert seen == {"by": "noor", "at_us": site.clock.utc_ns() // 1000}
    assert served.get("/api/events", params={"seen": False}).json()["events"] == []
    assert len(served.get("/api/events", params={"seen": True}).json()["events"]) == 1
    assert served.delete(f"/api/events/{event.id}/seen").json()["seen"] is None
    assert served.get("/api/events/ev-none").status_code == 404


def test_a_socket_ends_with_its_session(
    served: httpx.Client, recorded: list[OpenSegment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "SESSION_CHECK_S", 0.1)
    with _open(served, "/api/feed") as feed, _open(served, "/api/live/gate/main") as live:
        served.delete("/api/session")
        for socket in (feed, live):
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    socket.recv(timeout=30)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == sockets.CLOSED_BY_LOGOUT


def test_a_browser_that_sends_much_to_the_feed_is_cut_off(served: httpx.Client) -> None:
    with _open(served, "/api/feed") as socket:
        with pytest.raises(ConnectionClosed) as closed:
            socket.send("x" * 1_000_000)
            while True:
                socket.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


def test_many_watch_at_once_and_leave_no_socket_behind(served: httpx.Client, recorded: list[OpenSegment]) -> None:
    def watch() -> None:
        with _open(served, "/api/live/gate/main") as socket:
            _next(socket, _of_type("fragment"))

    watchers = [threading.Thread(target=watch) for _ in range(16)]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join(60)
        assert not watcher.is_alive()
    deadline = time.monotonic() + 30
    while 'basira_websockets{operation="live"} 0.0' not in served.get("/metrics").text:
        assert time.monotonic() < deadline, "a socket is still open"
        time.sleep(0.05)


def _an_event(site: Site) -> Event:
    point = PathPoint(START_NS, Box(0.1, 0.2, 0.3, 0.8), 0.6)
    return Event(
        id="ev-0123456789", stream_key=site.stream("gate"), recording=1, label="person", score=0.6,
        start_utc_ns=START_NS, end_utc_ns=START_NS + 2 * 10**9, ongoing=True, alert=True, zones=("zone-1",),
        path=(point,), snapshot_utc_ns=START_NS, progress=1, jpeg=b"picture",
    )  # fmt: skip


async def test_a_socket_that_is_cancelled_while_it_ends_is_cancelled_by_nobody_else() -> None:
    """Whoever cancels (a server that stops, a test's client) recognises the cancellation as its own."""
    ending = asyncio.Event()

    async def left() -> dict[str, str]:
        return {"type": "websocket.disconnect"}

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ending.set()
            await asyncio.sleep(0.2)
            raise

    socket: Any = SimpleNamespace(receive=left, application_state=None)
    gauge = Gauge("sockets", "Open.", ["operation"], registry=CollectorRegistry())
    rooms: Any = SimpleNamespace(metrics=SimpleNamespace(sockets=gauge))
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as outside:

            async def stop() -> None:
                await ending.wait()
                scope.cancel()

            outside.start_soon(stop)
            await sockets.serve(socket, rooms, work(), "live")
    assert scope.cancelled_caught
