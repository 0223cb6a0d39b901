"""``python -m bench.run``: every runner on the same N real-time RTSP cameras, one after another in the same run.

Runners take turns and the turns are repeated; the table gives medians.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from itertools import product
from pathlib import Path

from bench.behind import behind
from bench.cameras import KINDS, mounts_of, sources_at
from bench.clips import RATE
from bench.losses import LossWatch, frames_lost, gap_seconds
from bench.meter import Cost, Usage, fixed_work_s, memory_of, parts_between, usage_of
from bench.plots import draw
from bench.report import cost_table
from bench.runners import RUNNERS
from bench.zoneminder import ZoneMinderUnavailable
from tests.streams import Mount, rtsp_server

FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"
CACHE = Path(".cache/bench")
# Without these two no comparison is worth reading.
BUSY_MACHINE = 0.10
SLOW_MACHINE = 1.15


@dataclasses.dataclass(frozen=True)
class Turn:
    """One measurement to make."""

    runner: str
    scene: str
    cameras: int


def measure(
    turn: Turn, mounts: dict[str, Mount], warm_s: float, window_s: float, kept_bytes: int | None = None
) -> Cost:
    """Start the cameras and the runner, let it settle, and read its process tree at both ends of the window.

    ``kept_bytes``: what Basira may keep on the disk; its retention deletes the rest meanwhile.
    """
    if kept_bytes is not None:
        os.environ["BASIRA_DISK_FLOOR_BYTES"] = str(max(0, shutil.disk_usage(tempfile.gettempdir()).free - kept_bytes))
    with tempfile.TemporaryDirectory(prefix="basira-bench-") as folder, rtsp_server(mounts) as server:
        work = Path(folder)
        assert server.process is not None
        with RUNNERS[turn.runner](sources_at(server, mounts), work) as pid:
            time.sleep(warm_s)
            work_before = fixed_work_s()
            others = [server.process.pid, os.getpid()]
            start, start_others = usage_of(pid), _own_cpu_s(others)
            watch = LossWatch(work, RATE) if kept_bytes is not None else None
            with behind(pid) as lag, watch.watching() if watch else nullcontext():
                time.sleep(window_s)
            end, end_others = usage_of(pid), _own_cpu_s(others)
            work_s = (work_before + fixed_work_s()) / 2
            memory = memory_of(pid)
        lost = watch.total() if watch else frames_lost(work, RATE)
        gaps = gap_seconds(work)
    took_s = end.mono_s - start.mono_s
    scale = 1000 / took_s / turn.cameras
    megabytes = 1e6 * turn.cameras
    return Cost(
        turn.runner,
        turn.scene,
        turn.cameras,
        took_s,
        (end.cpu_s - start.cpu_s) * scale,
        parts_between(start, end, scale),
        memory.rss_bytes / megabytes,
        memory.pss_bytes / megabytes,
        {part: held / megabytes for part, held in memory.part_pss_bytes.items()},
        (end.written_bytes - start.written_bytes) / megabytes * 60 / took_s,
        _foreign(start, end, end_others - start_others),
        work_s,
        lost,
        lag.told() | gaps,
    )


def _own_cpu_s(pids: Sequence[int]) -> float:
    clock = os.sysconf("SC_CLK_TCK")
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum((int(one[11]) + int(one[12])) / clock for one in fields)


def _foreign(start: Usage, end: Usage, ours_s: float) -> float:
    """The share of the processors that somebody else had."""
    busy_s = end.machine_busy_s - start.machine_busy_s - (end.cpu_s - start.cpu_s) - ours_s
    return max(0.0, busy_s / (end.mono_s - start.mono_s) / (os.cpu_count() or 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, nargs="+", default=[4])
    parser.add_argument("--runners", nargs="+", default=list(RUNNERS), choices=list(RUNNERS))
    parser.add_argument("--scenes", nargs="+", default=["busy"], choices=list(KINDS))
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--warm-s", type=float, default=30)
    parser.add_argument("--window-s", type=float, default=120, help="the longest clip lasts 120 s: see all of each")
    parser.add_argument(
        "--keep-gb", type=float, default=None, help="for Basira alone: more footage than that is deleted by retention"
    )
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    parser.add_argument("--name", default="cost", help="of the files written")
    arguments = parser.parse_args()
    if arguments.keep_gb is not None and not {"basira", "basira-recording"}.issuperset(arguments.runners):
        parser.error("--keep-gb is for Basira alone: name --runners basira")
    costs: list[Cost] = []
    for _, scene, count in product(range(arguments.repeat), arguments.scenes, arguments.cameras):
        mounts = mounts_of(scene, count, arguments.footage, arguments.cache)
        for runner in arguments.runners:
            try:
                kept = None if arguments.keep_gb is None else round(arguments.keep_gb * 1e9)
                cost = measure(Turn(runner, scene, count), mounts, arguments.warm_s, arguments.window_s, kept)
            except ZoneMinderUnavailable as reason:
                print(reason, flush=True)
                continue
            costs.append(cost)
            parts = ", ".join(f"{part} {ms:.1f}" for part, ms in cost.part_cpu_ms.items())
            print(
                f"{runner:17} {scene:8} N={count:<3} {cost.cpu_ms_per_camera_s:6.1f} ms ({parts})  "
                f"{cost.pss_mb_per_camera:.0f} MB  lost {cost.frames_lost}  others {cost.foreign:.0%}  "
                f"work {cost.work_s * 1000:.0f} ms {cost.notes or ''}",
                flush=True,
            )
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / f"{arguments.name}.md").write_text(cost_table(costs))
    (arguments.results / f"{arguments.name}.json").write_text(
        json.dumps([dataclasses.asdict(cost) for cost in costs], indent=1) + "\n"
    )
    draw(arguments.results)
    if max(cost.foreign for cost in costs) > BUSY_MACHINE:
        print("Others used this machine meanwhile; see the column and distrust small differences.")
    works = [cost.work_s for cost in costs]
    if max(works) > SLOW_MACHINE * min(works):
        print("The machine was not equally fast throughout; see the column.")


if __name__ == "__main__":
    main()
