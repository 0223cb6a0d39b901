"""A whole recorder on a folder, in this process or in one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

import basira
from basira.base.clock import SystemClock
from basira.base.settings import Settings
from basira.catalogue.cameras import Camera, Cameras, CameraStream
from basira.catalogue.store import Catalogue, open_catalogue
from basira.databases.sqlite import open_database
from basira.recording import schema
from basira.recording.control import SOCKET_NAME, ask
from basira.recording.recorder import Recorder

T = TypeVar("T")

_SOURCES = str(Path(basira.__file__).parents[1])
_RUN = """
import sys
from basira.base.settings import Settings
from basira.recording.recorder import main
main(Settings(**eval(sys.argv[1])))
"""


class Node:
    """Settings, catalogue and index of one node."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.options: dict[str, Any] = {
            "data_dir": str(folder),
            "segment_target_s": 3.0,
            "gap_after_s": 2.0,
            "disk_floor_bytes": 0,
        }
        self.options |= settings
        self.settings = Settings(**self.options)
        self.catalogue: Catalogue = open_catalogue(self.settings.catalogue_path, SystemClock())

    @property
    def cameras(self) -> Cameras:
        return Cameras(self.catalogue)

    def add(self, camera: str, url: str, **values: Any) -> Camera:
        kind = "rtsp" if url.startswith("rtsp") else "file"
        stream = CameraStream(name="main", url=url, transport=values.pop("transport", "tcp"))
        return self.cameras.add(Camera(id=camera, name=camera, kind=kind, streams=(stream,), **values))

    def status(self) -> dict[str, Any]:
        return ask(self.settings.run_path / SOCKET_NAME, {"op": "status"})

    def state(self, camera: str) -> dict[str, Any]:
        """State of a camera's main stream; empty while there is none."""
        try:
            found: dict[str, Any] = self.status()["cameras"].get(camera, {}).get("main", {})
        except (OSError, ValueError):
            return {}
        return found

    def is_recording(self, camera: str) -> bool:
        return self.state(camera).get("state") == "recording"

    def fragments(self, camera: str) -> int:
        return int(self.state(camera).get("counters", {}).get("fragments", 0))

    def rows(self, table: str, **where: Any) -> list[Any]:
        engine = open_database(self.settings.index_path, read_only=True)
        found = schema.metadata.tables[table]
        query = select(found).where(*[found.c[name] == value for name, value in where.items()])
        if table == "segments":
            query = query.order_by(found.c.recording, found.c.segment)
        try:
            with engine.connect() as connection:
                return list(connection.execute(query))
        finally:
            engine.dispose()

    def files(self, camera: str) -> list[Path]:
        """In the order of recording."""
        return sorted((self.settings.footage_path / camera).rglob("*.mp4"))

    @contextmanager
    def recorder(self) -> Iterator[Recorder]:
        """A recorder in this process, ended in an orderly way."""
        stop = threading.Event()
        with Recorder(self.settings, SystemClock()) as recorder:
            thread = threading.Thread(target=recorder.run, args=(stop,))
            thread.start()
            try:
                yield recorder
            finally:
                stop.set()
                thread.join()

    def start_process(self) -> subprocess.Popen[bytes]:
        """A recorder in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", _RUN, repr(self.options)], env={**os.environ, "PYTHONPATH": _SOURCES}
        )


def end(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> int:
    process.send_signal(how)
    return process.wait(30)


def wait_until(done: Callable[[], T | None], timeout_s: float = 40.0) -> T:
    """Poll until it comes true, and return that; fail when it does not."""
    deadline = time.monotonic() + timeout_s
    while not (found := done()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
    return found
