"""``python -m bench.queries``: how fast the API answers over a month of 64 cameras and a million events.

One camera has real files (two minutes of them, written by the recorder's own writer); the rows of the others, and of
the rest of the month, are synthesised. Asked over HTTP, of a real web process, one question at a time. A *seek* is what
a player needs for its first picture: playlist, initialisation, first group, and its keyframe decoded.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import av
import httpx

from basira.analysis.store import open_events
from basira.base.clock import NS_PER_S, NS_PER_US, SystemClock
from basira.base.identifiers import StreamKey
from basira.base.settings import Settings
from basira.catalogue.cameras import Camera, Cameras, CameraStream
from basira.catalogue.store import open_catalogue
from bench.run import CACHE, FOOTAGE
from bench.scenes import SCENES
from tests.replay.store import Store
from tests.system.node import Node, wait_until

DAYS = 30
CAMERAS = 64
EVENTS = 1_000_000
_DAY_NS = 86_400 * NS_PER_S
_SEGMENT_NS = 60 * NS_PER_S

_SEGMENTS = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :segments),
cameras(c) AS (SELECT 1 UNION ALL SELECT c + 1 FROM cameras WHERE c + 1 < :cameras)
INSERT INTO segments (site, camera, stream, recording, segment, state, path, storage, start_utc_ns, end_utc_ns,
  start_mono_ns, boot_id, bytes, init_length, sha256, fragments, gops, video_codec, width, height)
SELECT :site, 'camera-' || c, 'main', 1, i, 'closed', 'camera-' || c || '/main/' || i || '.mp4', 'storage',
  :start + i * :length, :start + (i + 1) * :length, i, 'boot', 18000000, 1200, randomblob(32), 120, randomblob(480),
  'avc1.640028', 1920, 1080
FROM n, cameras
"""
_EVENTS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :events)
INSERT INTO events (number, id, site, camera, stream, recording, class, score, start_utc_ns, end_utc_ns, ongoing, alert,
  zones, snapshot_utc_ns, progress, change, alert_change)
SELECT i, 'ev-' || lower(hex(randomblob(10))), :site, 'camera-' || (abs(random()) % :cameras), 'main', 1,
  CASE abs(random()) % 5 WHEN 0 THEN 'car' WHEN 1 THEN 'dog' ELSE 'person' END, 0.7, :start + i * :step,
  :start + i * :step + 10000000000, 0, i % 10 = 0, '[]', :start + i * :step, i, i, CASE WHEN i % 10 = 0 THEN i END
FROM n
"""


def fill(settings: Settings, clip: Path) -> tuple[int, int]:
    """Write the month. Returns when the real footage begins and ends."""
    now_ns = time.time_ns() // NS_PER_S * NS_PER_S
    start_ns = now_ns - DAYS * _DAY_NS
    catalogue = open_catalogue(settings.catalogue_path, SystemClock())
    for number in range(CAMERAS):
        streams = (CameraStream(name="main", url="/nowhere.mp4"),)
        Cameras(catalogue).add(
            Camera(id=f"camera-{number}", name=f"camera {number}", kind="file", streams=streams, enabled=False)
        )
    site = catalogue.site
    catalogue.close()
    store = Store(settings.data_dir)
    real_ns = now_ns - _DAY_NS
    real = StreamKey(site, "camera-0", "main")
    store.record(clip, stream=real, start_utc_ns=real_ns, gops_per_segment=30)
    newest = store.footage.newest_segment(real)
    assert newest is not None
    end_ns = newest.end_utc_ns
    store.close()
    open_events(settings.events_path).close()
    values = {"site": site, "cameras": CAMERAS, "start": start_ns}
    with sqlite3.connect(settings.index_path) as index:
        rows = {"segments": DAYS * _DAY_NS // _SEGMENT_NS, "length": _SEGMENT_NS}
        index.execute(_SEGMENTS, {**values, **rows})
    with sqlite3.connect(settings.events_path) as events:
        events.execute(_EVENTS, {**values, "events": EVENTS, "step": DAYS * _DAY_NS // EVENTS})
        events.execute("INSERT INTO event_paths SELECT number, x'' FROM events")
        events.execute("INSERT OR REPLACE INTO counters VALUES ('change', ?)", (EVENTS,))
    return real_ns, end_ns


class Questions:
    """What is asked, of one client; each call is one random case."""

    def __init__(self, client: httpx.Client, real: tuple[int, int], seed: int = 1) -> None:
        self._client = client
        self._random = random.Random(seed)
        self._real = real
        self._now_us = time.time_ns() // NS_PER_US

    def timeline_of_a_day(self) -> None:
        start_us = self._now_us - self._random.randrange(1, DAYS) * _DAY_NS // NS_PER_US
        self._get(
            "/api/timeline",
            camera=f"camera-{self._random.randrange(1, CAMERAS)}",
            start_us=start_us,
            end_us=start_us + _DAY_NS // NS_PER_US,
            resolution_us=60_000_000,
        )

    def events_newest(self) -> None:
        self._get("/api/events", limit=100)

    def events_of_a_camera(self) -> None:
        self._get("/api/events", camera=f"camera-{self._random.randrange(CAMERAS)}", limit=100)

    def events_of_a_class_and_day(self) -> None:
        start_us = self._now_us - self._random.randrange(1, DAYS) * _DAY_NS // NS_PER_US
        self._get("/api/events", **{"class": "car"}, start_us=start_us, end_us=start_us + 86_400_000_000, limit=100)

    def alerts(self) -> None:
        self._get("/api/events", alert="true", limit=100)

    def preview(self) -> None:
        self._get("/api/cameras/camera-0/previews", at_us=self._somewhere_us())

    def seek(self) -> None:
        at_us = self._somewhere_us()
        seek(self._client, "camera-0", at_us, min(at_us + 600_000_000, self._real[1] // NS_PER_US))

    def _somewhere_us(self) -> int:
        return self._random.randrange(self._real[0] // NS_PER_US, self._real[1] // NS_PER_US - 5_000_000)

    def _get(self, address: str, **asked: Any) -> httpx.Response:
        answer = self._client.get(address, params=asked)
        assert answer.is_success, answer.text
        return answer


def seek(client: httpx.Client, camera: str, start_us: int, end_us: int) -> None:
    """What a player needs for its first picture: playlist, initialisation, first group, and its keyframe decoded."""
    address = f"/api/playback/{camera}/main/index.m3u8"
    answer = client.get(address, params={"start_us": start_us, "end_us": end_us})
    assert answer.is_success, answer.text
    playlist = answer.text
    init = re.search(r'#EXT-X-MAP:URI="([^"]+)",BYTERANGE="(\d+)@(\d+)"', playlist)
    first = re.search(r"#EXT-X-BYTERANGE:(\d+)@(\d+)\s+(?:#[^\n]*\n)*([^#\s]+)", playlist)
    assert init is not None and first is not None, playlist[:500]
    head = _bytes(client, urljoin(address, init[1]), int(init[3]), int(init[2]))
    group = _bytes(client, urljoin(address, first[3]), int(first[2]), int(first[1]))
    show_first(head + group)


def _bytes(client: httpx.Client, address: str, offset: int, length: int) -> bytes:
    answer = client.get(address, headers={"Range": f"bytes={offset}-{offset + length - 1}"})
    assert answer.status_code == 206, answer.text
    return answer.content


def show_first(content: bytes) -> None:
    """Decode the first picture of an initialised group."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(content)
        file.flush()
        with av.open(file.name) as container:
            container.streams.video[0].thread_count = 1
            next(container.decode(video=0))


TARGETS_MS = {
    "seek": 200, "timeline_of_a_day": 50, "events_newest": 100, "events_of_a_camera": 100,
    "events_of_a_class_and_day": 100, "alerts": 100, "preview": 50,
}  # fmt: skip


def ask(question: Callable[[], None], times: int) -> list[float]:
    """Milliseconds of each answer, sorted; one unmeasured before."""
    question()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        question()
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    arguments = parser.parse_args()
    clip = next(scene for scene in SCENES if scene.name == "room").clip(arguments.footage, arguments.cache)
    rows = ["| question | median, ms | p95, ms | target, ms |", "|---|---|---|---|"]
    record = {}
    with tempfile.TemporaryDirectory(prefix="basira-bench-") as folder:
        node = Node(Path(folder))
        node.settings.data_dir.mkdir(parents=True)
        real = fill(node.settings, clip)
        node.add_user()
        environment = {"BASIRA_DATA_DIR": str(node.settings.data_dir), "BASIRA_LISTEN_PORT": str(node.port)}
        web = subprocess.Popen(
            [sys.executable, "-m", "basira.cli.roles", "web"], env={**os.environ, **environment},
            stderr=(Path(folder) / "log").open("wb"),
        )  # fmt: skip
        try:
            wait_until("the web process answers", node.answers)
            with closing(node.client()) as client:
                questions = Questions(client, real)
                for name, target in TARGETS_MS.items():
                    took = ask(getattr(questions, name), arguments.times)
                    median, p95 = took[len(took) // 2], took[len(took) * 95 // 100]
                    record[name] = {"median_ms": median, "p95_ms": p95, "target_ms": target}
                    rows.append(f"| {name.replace('_', ' ')} | {median:.0f} | {p95:.0f} | {target} |")
                    print(rows[-1], flush=True)
        finally:
            web.kill()
            web.wait()
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "queries.md").write_text("\n".join(rows) + "\n")
    (arguments.results / "queries.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
