"""``python -m bench.latency``: from a person's first pixel at the camera to the alert in the page's feed.

The cameras send a labelled clip by the wall clock, so it is known to the frame when each person appears. Keyframes are
2 s apart: the analysis is behind by up to that, and by what it waits for certainty.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from websockets.sync.client import connect

from bench.cameras import mounts_of
from bench.clips import RATE
from bench.run import CACHE, FOOTAGE
from tests.analysis.scoring import labelled
from tests.streams import Mount, rtsp_server
from tests.system.node import Node, add_camera, wait_recording

_EVERYWHERE = [[0, 0], [1, 0], [1, 1], [0, 1]]
_LATEST_S = 20.0
_DELIMITER = b"\x00\x00\x00\x01\x09"  # one begins each picture of the clip


def appearances(mount: Mount, start_s: float, end_s: float) -> Iterator[float]:
    """When, on the wall clock, somebody first shows on a camera: the server sends the picture that is due."""
    length = mount.file.read_bytes().count(_DELIMITER)
    for visit in labelled("one-by-one-person"):
        picture = round(visit.start_s * RATE)
        if picture >= length:
            continue
        frame = int(start_s * RATE)
        frame += (picture - mount.phase - frame) % length
        while frame / RATE < end_s:
            yield frame / RATE
            frame += length


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    arguments = parser.parse_args()
    mounts = mounts_of("people", arguments.cameras, arguments.footage, arguments.cache)
    with tempfile.TemporaryDirectory(prefix="basira-bench-") as folder, rtsp_server(mounts) as server:
        node = Node(Path(folder))
        node.start()
        try:
            node.add_user()
            with closing(node.client()) as client:
                cameras = {add_camera(client, path, server.url(path)): mount for path, mount in mounts.items()}
                for camera in cameras:
                    wait_recording(client, camera)
                    zone = {"name": "all", "kind": "alert", "polygon": _EVERYWHERE}
                    assert client.put(f"/api/cameras/{camera}/zones", json={"zones": [zone]}).is_success
                cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
                time.sleep(15)
                start_s = time.time()
                told = _listen(node.port, cookies, arguments.seconds)
        finally:
            node.stop()
    end_s = start_s + arguments.seconds - _LATEST_S
    delays, missed = [], 0
    for camera, mount in cameras.items():
        for at_s in appearances(mount, start_s, end_s):
            after = [heard_s - at_s for name, heard_s in told if name == camera and 0 <= heard_s - at_s < _LATEST_S]
            delays += [min(after)] if after else []
            missed += not after
    delays.sort()
    result = {
        "appearances": len(delays) + missed,
        "missed": missed,
        "median_s": round(median(delays), 2),
        "p95_s": round(delays[min(len(delays) - 1, len(delays) * 95 // 100)], 2),
        "most_s": round(delays[-1], 2),
    }
    print(json.dumps(result))
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "latency.json").write_text(json.dumps(result, indent=1) + "\n")


def _listen(port: int, cookies: str, seconds: float) -> list[tuple[str, float]]:
    """The first alert of each event: its camera, and when it was heard of."""
    first: dict[str, tuple[str, float]] = {}
    until_s = time.monotonic() + seconds
    origin = f"http://127.0.0.1:{port}"
    with connect(f"ws://127.0.0.1:{port}/api/feed", additional_headers={"Cookie": cookies, "Origin": origin}) as socket:
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                message = json.loads(socket.recv(timeout=left_s))
            except TimeoutError:
                break
            if message["type"] == "alert":
                event = message["event"]
                first.setdefault(event["id"], (event["camera"], time.time()))
    return list(first.values())


if __name__ == "__main__":
    main()
