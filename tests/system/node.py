"""A whole Basira in processes of its own, as a person runs it, for tests that look at it from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from basira.access.users import Users
from basira.alerting.processes import Role, holder
from basira.base.clock import NS_PER_US, SystemClock
from basira.base.identifiers import StreamKey
from basira.base.settings import Settings
from basira.catalogue.store import open_catalogue
from basira.databases.sqlite import open_database
from basira.replay.footage import Footage

USER, PASSWORD = "operator", "a long password, for tests only"


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


T = TypeVar("T")


def wait_until(what: str, true: Callable[[], T | None], timeout_s: float = 120.0) -> T:
    """Poll until ``true()`` gives something true and return that; fail the test, naming ``what``, if it never does."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.1)
    raise AssertionError(f"in {timeout_s:.0f} s it never happened: {what}")


@dataclass
class Node:
    """``basira run`` over a data folder of its own. ``start`` may follow ``stop`` or ``kill`` any number of times."""

    folder: Path
    options: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder / "data", listen_port=self.port)

    @property
    def site(self) -> str:
        catalogue = open_catalogue(self.settings.catalogue_path, SystemClock())
        try:
            return catalogue.site
        finally:
            catalogue.close()

    def start(self) -> None:
        """Start the supervisor and wait until the page's process answers."""
        environment = {
            **os.environ,
            "BASIRA_DATA_DIR": str(self.settings.data_dir),
            "BASIRA_LISTEN_PORT": str(self.port),
            "BASIRA_CUSTODY_LISTEN_PORT": "0",
            **self.options,
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "basira.cli.main", "run"], env=environment, stdout=log, stderr=log
            )
        wait_until("the web process answers", self.answers, 180)

    def answers(self) -> bool:
        """Whether the page's process serves already; an error with the node's last words if it has ended instead."""
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError((self.folder / "log").read_text(errors="replace")[-4000:])
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2).is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Stop as systemd does, if it was started, and check that it obeyed and left no process behind."""
        if self.process is None:
            return
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.process = None
        assert not psutil.wait_procs(family, timeout=20)[1]

    def find(self, role: Role) -> psutil.Process:
        """The process that plays ``role``."""

        def look() -> psutil.Process | None:
            pid = holder(self.settings.run_path, role)
            return None if pid is None else psutil.Process(pid)

        return wait_until(f"there is a {role} process", look)

    def add_user(self) -> None:
        """The user that :meth:`client` logs in as, past the one-time password."""
        catalogue = open_catalogue(self.settings.catalogue_path, SystemClock())
        users = Users(catalogue)
        users.change_password(USER, users.add(USER), PASSWORD)
        catalogue.close()

    def client(self) -> httpx.Client:
        """A logged-in client of the API; :meth:`add_user` first."""
        client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        answer = client.post("/api/session", json={"username": USER, "password": PASSWORD})
        assert answer.is_success, answer.text
        client.headers["X-Basira-CSRF"] = answer.json()["csrf_token"]
        return client

    def footage(self) -> Footage:
        """The recording, read past the API."""
        settings = self.settings
        return Footage(open_database(settings.index_path, read_only=True), settings.footage_path)

    def stream(self, camera: str, name: str = "main") -> StreamKey:
        return StreamKey(self.site, camera, name)


@contextmanager
def running_node(folder: Path, options: dict[str, str]) -> Iterator[Node]:
    """A started node with its user, stopped at the end."""
    node = Node(folder, options)
    node.add_user()
    try:
        node.start()
        yield node
    finally:
        node.stop()


def add_camera(client: httpx.Client, name: str, url: str, *, transport: str = "tcp", **more: Any) -> str:
    """Add an RTSP camera (or another ``kind``) as the page does; its identifier."""
    streams = [{"name": "main", "url": url, "transport": transport}]
    answer = client.post("/api/cameras", json={"name": name, "kind": "rtsp", "streams": streams, **more})
    assert answer.is_success, answer.text
    return str(answer.json()["id"])


def stream_state(client: httpx.Client, camera: str, name: str = "main") -> dict[str, Any]:
    """What the page shows of one stream."""
    state: dict[str, Any] = client.get(f"/api/cameras/{camera}").json()["state"]["streams"].get(name, {})
    return state


def wait_recording(client: httpx.Client, camera: str, timeout_s: float = 60.0) -> None:
    wait_until(f"{camera} is recorded", lambda: stream_state(client, camera).get("state") == "recording", timeout_s)


def export(client: httpx.Client, camera: str, start_us: int, end_us: int, into: Path) -> list[Path]:
    """Export a span over the API and download its files."""
    request = {"cameras": [camera], "stream": "main", "start_us": start_us, "end_us": end_us}
    answer = client.post("/api/exports", json=request)
    assert answer.is_success, answer.text
    address = f"/api/exports/{answer.json()['id']}"

    def done() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get(address).json()
        assert found["state"] not in ("failed", "cancelled"), found
        return found if found["state"] == "done" else None

    files = wait_until("the export is done", done)["files"]
    paths = []
    for file in files:
        path = into / file["name"]
        path.write_bytes(client.get(f"{address}/files/{file['name']}").content)
        paths.append(path)
    return paths


def now_us() -> int:
    return time.time_ns() // NS_PER_US
