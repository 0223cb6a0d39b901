"""``python -m bench.run``: every runner on the same N real-time RTSP cameras, one after another in the same run.

Half the cameras see people (something in view about half of the time), half see traffic, unless ``--scenes`` says
otherwise. Prints a table, writes ``bench/results/cost.json`` and ``cost.md``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import tempfile
import time
from pathlib import Path

from bench.clips import GOP, RATE, SCENES, make_clip
from bench.meter import Cost, calibrate, cost_between, usage_of
from bench.runners import RUNNERS
from tests.streams import Mount, rtsp_server

RESULTS = Path(__file__).with_name("results")
FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"
BUSY_MACHINE = 0.15


def measure(runner: str, mounts: dict[str, Mount], warm_s: float, window_s: float) -> Cost:
    """Start the cameras and the runner, let it settle, and read its process tree at both ends of the window."""
    with tempfile.TemporaryDirectory(prefix="basira-bench-") as work, rtsp_server(mounts) as server:
        urls = [server.url(path) for path in mounts]
        with RUNNERS[runner](urls, Path(work)) as pid:
            time.sleep(warm_s)
            began, start = time.monotonic(), usage_of(pid)
            time.sleep(window_s)
            end, took = usage_of(pid), time.monotonic() - began
    return cost_between(runner, len(urls), start, end, took)


def table(costs: list[Cost]) -> str:
    """The results as a Markdown table."""
    rows = ["| what | N | CPU-ms / camera-s | PSS MB / camera | MB written / camera-min |", "|---|---|---|---|---|"]
    rows += [
        f"| {c.runner} | {c.cameras} | {c.cpu_ms_per_camera_s:.1f} | {c.pss_mb_per_camera:.0f} "
        f"| {c.written_mb_per_camera_minute:.1f} |"
        for c in costs
    ]
    return "\n".join(rows) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, nargs="+", default=[4])
    parser.add_argument("--runners", nargs="+", default=list(RUNNERS), choices=list(RUNNERS))
    parser.add_argument("--scenes", nargs="+", default=["people", "traffic"])
    parser.add_argument("--warm-s", type=float, default=20)
    parser.add_argument("--window-s", type=float, default=60)
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=Path(".cache/bench"))
    arguments = parser.parse_args()

    files = [make_clip(s, arguments.footage, arguments.cache) for s in SCENES if s.name in arguments.scenes]
    costs: list[Cost] = []
    machine = calibrate()
    if machine.foreign_cpu_ratio > BUSY_MACHINE:
        print(f"This machine is busy with other things ({machine.foreign_cpu_ratio:.0%}): figures will be off.")
    for count in arguments.cameras:
        mounts = {
            f"/camera{i}": Mount(files[i % len(files)], rate=RATE, gop=GOP, phase=i * 7 * GOP) for i in range(count)
        }
        for runner in arguments.runners:
            costs.append(measure(runner, mounts, arguments.warm_s, arguments.window_s))
            print(table(costs[-1:]).splitlines()[-1], flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "cost.md").write_text(table(costs))
    record = {"machine": dataclasses.asdict(machine), "costs": [dataclasses.asdict(cost) for cost in costs]}
    (RESULTS / "cost.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
