"""``python -m bench.players``: the API under the load of real players, while it records.

Players are ffmpeg's: each plays a camera's recording over HLS at the pace of a viewer, packets unopened, so that it is
the server that is measured. Meanwhile somebody seeks, and the cameras are recorded. Into ``bench/results/players.md``.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx

from bench.cameras import mounts_of
from bench.clips import RATE
from bench.losses import frames_lost
from bench.meter import usage_of
from bench.queries import seek
from bench.run import CACHE, FOOTAGE
from tests.streams import rtsp_server
from tests.system.node import Node, add_camera, now_us, wait_recording

_PLAYED_S = 60
_HEADER = (
    "| players | slowest, seconds played in a second | seek, ms: median / 95 % | web, CPU-ms a second | frames lost |"
)


@contextmanager
def playing(node: Node, client: httpx.Client, cameras: Sequence[str], count: int, folder: Path) -> Iterator[list[Path]]:
    """So many players, each of its camera's last minute; gives the files in which they tell how far they are."""
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    end_us = now_us() - 5_000_000
    reports = [folder / f"{count}-{number}" for number in range(count)]
    with ExitStack() as started:
        for number, report in enumerate(reports):
            camera = cameras[number % len(cameras)]
            asked = f"start_us={end_us - _PLAYED_S * 1_000_000}&end_us={end_us}"
            url = f"http://127.0.0.1:{node.port}/api/playback/{camera}/main/index.m3u8?{asked}"
            words = ["ffmpeg", "-v", "error", "-headers", f"Cookie: {cookies}\r\n", "-re", "-i", url]
            words += ["-c", "copy", "-progress", str(report), "-f", "null", "-"]
            player = started.enter_context(subprocess.Popen(words, stdin=subprocess.DEVNULL))
            started.callback(player.terminate)
        yield reports


def played_s(report: Path) -> float:
    """How much of the recording a player has played; nothing before its first report."""
    lines = report.read_text().splitlines() if report.exists() else []
    last = next((line.partition("=")[2] for line in reversed(lines) if line.startswith("out_time_us=")), "")
    return int(last) / 1e6 if last.isdigit() else 0.0


def measure(node: Node, client: httpx.Client, cameras: Sequence[str], count: int, window_s: float, folder: Path) -> str:
    """One row of the table, but for the frames lost."""
    chance = random.Random(count)
    web = node.find("web").pid
    with playing(node, client, cameras, count, folder) as reports:
        time.sleep(5)
        began, before, used = time.monotonic(), [played_s(one) for one in reports], usage_of(web).cpu_s
        took_ms: list[float] = []
        while time.monotonic() - began < window_s:
            asked_at = time.perf_counter()
            at_us = now_us() - chance.randrange(10_000_000, 50_000_000)
            seek(client, chance.choice(cameras), at_us, at_us + 5_000_000)
            took_ms.append((time.perf_counter() - asked_at) * 1000)
            time.sleep(0.25)
        passed_s = time.monotonic() - began
        slowest = min(played_s(one) - first for one, first in zip(reports, before, strict=True)) / passed_s
        cpu_ms = (usage_of(web).cpu_s - used) / passed_s * 1000
    took_ms.sort()
    late = took_ms[len(took_ms) * 95 // 100]
    return f"| {count} | {slowest:.2f} | {took_ms[len(took_ms) // 2]:.0f} / {late:.0f} | {cpu_ms:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--players", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--window-s", type=float, default=30)
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    arguments = parser.parse_args()
    mounts = mounts_of("half", arguments.cameras, arguments.footage, arguments.cache)
    with tempfile.TemporaryDirectory(prefix="basira-bench-") as name, rtsp_server(mounts) as server:
        folder = Path(name)
        node = Node(folder)
        node.add_user()
        node.start()
        try:
            with closing(node.client()) as client:
                cameras = [add_camera(client, path, server.url(path)) for path in mounts]
                for camera in cameras:
                    wait_recording(client, camera)
                time.sleep(_PLAYED_S + 10)
                rows = [
                    measure(node, client, cameras, count, arguments.window_s, folder) for count in arguments.players
                ]
        finally:
            node.stop()
        lost = frames_lost(folder, RATE)
    table = "\n".join([_HEADER, "|---|---|---|---|---|", *(f"{row} {lost} |" for row in rows)]) + "\n"
    print(table, flush=True)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "players.md").write_text(table)


if __name__ == "__main__":
    main()
