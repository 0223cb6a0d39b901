"""A recorder with one camera that must never notice what is done to the others, and the verdict after a fault."""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av

from basira.base.clock import SystemClock
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamName
from basira.cameras.credentials import Vault
from basira.cameras.packets import Source
from basira.cameras.rtsp import Patience, RtspAddress, RtspSource
from basira.cameras.sources import source_of
from basira.catalogue.cameras import Camera
from basira.recording.layout import SegmentHeader, read_header
from basira.recording.recorder import Recorder
from tests.faults.store import fragment_ends, invariants_broken
from tests.faults.table import Row
from tests.recording.node import Node, wait_until
from tests.streams import frame_number

BYSTANDER = "bystander"


class Station(Node):
    """A node whose recorder waits for cameras as long as a test can: three seconds where it is ten by default."""

    def source_of(self, camera: Camera, stream: StreamName) -> Source:
        clock = SystemClock()
        found = camera.stream(stream)
        assert found is not None
        if camera.kind == "rtsp":
            address = RtspAddress(found.url, transport=found.transport)
            return RtspSource(address, clock, patience=Patience(silence_s=3.0, keyframe_s=8.0))
        vault = Vault.open(self.settings.data_dir / "keys", self.catalogue.site)
        return source_of(camera, stream, vault=vault, clock=clock, cache_dir=self.settings.data_dir / "cache")

    def wait_recording(self, camera: str, fragments: int = 4) -> None:
        """Until the camera is being recorded, and so many fragments more are committed."""
        wait_until(lambda: self.is_recording(camera), 90)
        count = self.fragments(camera)
        wait_until(lambda: self.fragments(camera) >= count + fragments, 90)

    def alarms(self, camera: str) -> dict[str, dict[str, Any]]:
        """The alarms about a camera, by code."""
        return {alarm["code"]: alarm for alarm in self.status()["alarms"] if alarm["camera"] == camera}

    def open_gap(self, camera: str) -> dict[str, Any] | None:
        """The gap that lasts now, as the recorder tells it."""
        return self.state(camera).get("gap")

    def error(self, camera: str) -> str | None:
        """Code of what the page shows as the camera's trouble."""
        found = self.state(camera).get("error")
        return found["code"] if found else None

    def judge(self, row: Row, camera: str, injected: int = 1) -> None:
        """Write down what is left of the promises, every byte checked beside the running recorder."""
        acknowledged = self.fragments(camera)
        row.injected += injected
        row.acknowledged += acknowledged
        row.lost += max(0, acknowledged - self._on_disk(camera))
        row.broken += invariants_broken(self.settings, running=True)
        row.broken += [f"{BYSTANDER} has a gap: {gap.cause}" for gap in self.rows("gaps", camera=BYSTANDER)]

    def _on_disk(self, camera: str) -> int:
        ends = fragment_ends(self.settings.footage_path)
        return sum(len(found) for path, found in ends.items() if path.startswith(f"{camera}/"))

    def headers(self, camera: str) -> list[SegmentHeader]:
        return [wait_until(functools.partial(_header, path)) for path in self.files(camera)]

    def frame_numbers(self, camera: str) -> list[list[int]]:
        """The numbers drawn in the pictures of each recording, in order."""
        rows = self.rows("segments", camera=camera)
        return [
            [number for row in group for number in _numbers(self.settings.footage_path / row.path)]
            for _, group in itertools.groupby(rows, key=lambda row: row.recording)
        ]


@contextmanager
def station(folder: Path, clip: Path, **settings: Any) -> Iterator[Station]:
    """A running recorder, the bystander on it, ended in an orderly way; then the cold store is checked whole."""
    made = Station(folder, **settings)
    made.add(BYSTANDER, str(clip))
    stop = threading.Event()
    with Recorder(made.settings, SystemClock(), make_source=made.source_of) as recorder:
        thread = threading.Thread(target=recorder.run, args=(stop,))
        thread.start()
        try:
            made.wait_recording(BYSTANDER, 1)
            yield made
        finally:
            stop.set()
            thread.join()
    assert invariants_broken(made.settings) == []
    assert made.rows("gaps", camera=BYSTANDER) == []
    made.catalogue.close()


def _header(path: Path) -> SegmentHeader | None:
    """None while the segment's first fragment is being written."""
    with path.open("rb") as file:
        try:
            return read_header(file)[0]
        except BasiraError:
            return None


def _numbers(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [frame_number(frame) for frame in container.decode(video=0)]
