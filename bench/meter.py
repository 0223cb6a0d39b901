"""Measuring a process tree from ``/proc``: CPU time, memory, bytes written; and whether the machine was fit for it."""

from __future__ import annotations

import contextlib
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field

import psutil


@dataclass(frozen=True)
class Usage:
    """What a process tree had used at one instant. CPU in seconds, user + system; I/O in bytes."""

    mono_s: float
    cpu_s: float
    part_cpu_s: dict[str, float]
    written_bytes: int
    machine_busy_s: float


@dataclass(frozen=True)
class Memory:
    """What a process tree holds, in bytes. PSS shares what processes share; RSS counts it for each."""

    rss_bytes: int
    pss_bytes: int
    part_pss_bytes: dict[str, int]


def tree(pid: int) -> list[psutil.Process]:
    """The process and all below it."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def part_of(process: psutil.Process) -> str:
    """Which part of a system a process is: Basira's role, else the program's name."""
    return process.name().removeprefix("basira-")


def usage_of(pid: int) -> Usage:
    """Sum over the tree below ``pid``, waited-for children of each included."""
    parts: dict[str, float] = {}
    written = 0
    for process in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            times = process.cpu_times()
            part, used = part_of(process), times.user + times.system + times.children_user + times.children_system
            parts[part] = parts.get(part, 0.0) + used
            written += process.io_counters().write_bytes
    return Usage(time.monotonic(), sum(parts.values()), parts, written, _machine_busy_s())


def memory_of(pid: int) -> Memory:
    """Sum over the tree below ``pid``. Slow, and it stops the processes for moments: not inside a window."""
    rss = 0
    pss: Counter[str] = Counter()
    for process in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            memory = process.memory_full_info()
            rss += memory.rss
            pss[part_of(process)] += memory.pss
    return Memory(rss, sum(pss.values()), dict(pss))


def _machine_busy_s() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.system + times.nice + times.irq + times.softirq)


def fixed_work_s() -> float:
    """CPU seconds that one fixed piece of work takes just now: more when others share the core or its clock is low."""
    block = bytes(index * index % 251 for index in range(1 << 16))
    began = time.process_time()
    for _ in range(64):
        zlib.compress(block, 6)
    return time.process_time() - began


@dataclass(frozen=True)
class Cost:
    """What a runner cost over a window, per camera.

    ``foreign``: share of the machine's processors that neither the runner, the cameras nor the bench used meanwhile.
    ``work_s``: the fixed work, the mean of before and after.
    """

    runner: str
    scene: str
    cameras: int
    window_s: float
    cpu_ms_per_camera_s: float
    part_cpu_ms: dict[str, float]
    rss_mb_per_camera: float
    pss_mb_per_camera: float
    part_pss_mb: dict[str, float]
    written_mb_per_camera_minute: float
    foreign: float
    work_s: float
    frames_lost: int | None = None
    notes: dict[str, float] = field(default_factory=dict)


def parts_between(start: Usage, end: Usage, scale: float) -> dict[str, float]:
    """CPU of each part between two readings, dearest first, times ``scale``."""
    used = {part: cpu_s - start.part_cpu_s.get(part, 0.0) for part, cpu_s in end.part_cpu_s.items()}
    return {part: cpu_s * scale for part, cpu_s in sorted(used.items(), key=lambda item: -item[1])}
