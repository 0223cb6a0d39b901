"""``python -m bench.restart``: a recorder that is killed, and how long nothing is recorded.

Two figures: until the recorder that takes its place answers on its socket, and the gap on record of each camera, which
also holds the camera's answer and the wait for its next keyframe. A node of its own for each time, for the second
failure in a row is answered with a pause.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

from basira.alerting.processes import holder
from basira.base.clock import NS_PER_S
from basira.recording.control import SOCKET_NAME, ask
from bench.cameras import mounts_of
from bench.run import CACHE, FOOTAGE
from tests.streams import rtsp_server
from tests.system.node import Node, add_camera, wait_recording, wait_until

_STEADY_S = 10.0
_STATUS = {"op": "status"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    arguments = parser.parse_args()
    mounts = mounts_of("people", arguments.cameras, arguments.footage, arguments.cache)
    answering: list[float] = []
    gaps: list[float] = []
    with rtsp_server(mounts) as server:
        for _ in range(arguments.times):
            with tempfile.TemporaryDirectory(prefix="basira-bench-") as folder:
                took_s, missing_s = kill(Path(folder), [server.url(path) for path in mounts])
            answering.append(took_s)
            gaps += missing_s
    result = {
        "cameras": arguments.cameras,
        "answers_again_median_s": round(median(answering), 3),
        "answers_again_most_s": round(max(answering), 3),
        "gap_median_s": round(median(gaps), 2),
        "gap_most_s": round(max(gaps), 2),
    }
    print(json.dumps(result))
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "restart.json").write_text(json.dumps(result, indent=1) + "\n")


def kill(folder: Path, cameras: Sequence[str]) -> tuple[float, list[float]]:
    """Kill the recorder of a node in steady running; seconds until the next answers, and each camera's gap."""
    node = Node(folder)
    node.add_user()
    node.start()
    try:
        with closing(node.client()) as client:
            names = [add_camera(client, url, url) for url in cameras]
            for name in names:
                wait_recording(client, name)
            time.sleep(_STEADY_S)
            began_ns = time.time_ns()
            began_s = time.monotonic()
            killed = node.find("recorder")
            killed.kill()
            while holder(node.settings.run_path, "recorder") == killed.pid or not _answers(node):
                time.sleep(0.002)
            took_s = time.monotonic() - began_s
            footage = node.footage()

            def told() -> list[float] | None:
                """Seconds of each camera's gap, once all of them have ended."""
                found = [footage.gaps(node.stream(name), began_ns - NS_PER_S, time.time_ns()) for name in names]
                ends = [gap for gaps in found for gap in gaps if gap.end_utc_ns is not None]
                if len(ends) < len(names):
                    return None
                return [(gap.end_utc_ns - gap.start_utc_ns) / NS_PER_S for gap in ends if gap.end_utc_ns is not None]

            return took_s, wait_until("every camera is recorded again", told, 60)
    finally:
        node.stop()


def _answers(node: Node) -> bool:
    try:
        return bool(ask(node.settings.run_path / SOCKET_NAME, _STATUS, 1.0))
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    main()
