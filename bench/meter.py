"""Measuring a process tree from ``/proc``: CPU time, memory, bytes written; and whether the machine was fit for it."""

from __future__ import annotations

import contextlib
import hashlib
import time
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Usage:
    """What a process tree had used at one instant. CPU in seconds, user + system; memory and I/O in bytes."""

    cpu_s: float
    rss_bytes: int
    pss_bytes: int
    written_bytes: int
    processes: int


def usage_of(pid: int) -> Usage:
    """Sum over the tree below ``pid``, waited-for children of each included."""
    root = psutil.Process(pid)
    cpu = rss = pss = written = count = 0.0
    for process in [root, *root.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            times = process.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            memory = process.memory_full_info()
            rss += memory.rss
            pss += memory.pss
            written += process.io_counters().write_bytes
            count += 1
    return Usage(cpu, int(rss), int(pss), int(written), int(count))


@dataclass(frozen=True)
class Calibration:
    """How fast this machine is right now: one fixed piece of hashing, and who else was using the processors."""

    hashing_s: float
    foreign_cpu_ratio: float


def calibrate(window_s: float = 2.0) -> Calibration:
    """Measure hashing speed and the share of all processors that others use while nothing of ours runs."""
    before, began = psutil.cpu_times(), time.monotonic()
    time.sleep(window_s)
    after, took = psutil.cpu_times(), time.monotonic() - began
    busy = sum(after) - sum(before) - (after.idle - before.idle) - (after.iowait - before.iowait)
    began_cpu = time.process_time()
    hashlib.sha256(bytes(64 * 1024 * 1024)).digest()
    return Calibration(time.process_time() - began_cpu, busy / took / (psutil.cpu_count() or 1))


@dataclass(frozen=True)
class Cost:
    """What a runner cost over a window, per camera."""

    runner: str
    cameras: int
    window_s: float
    cpu_ms_per_camera_s: float
    rss_mb_per_camera: float
    pss_mb_per_camera: float
    written_mb_per_camera_minute: float


def cost_between(runner: str, cameras: int, start: Usage, end: Usage, window_s: float) -> Cost:
    """The cost of ``cameras`` cameras from two readings ``window_s`` apart."""
    return Cost(
        runner,
        cameras,
        window_s,
        (end.cpu_s - start.cpu_s) * 1000 / window_s / cameras,
        end.rss_bytes / cameras / 1e6,
        end.pss_bytes / cameras / 1e6,
        (end.written_bytes - start.written_bytes) / cameras / 1e6 * 60 / window_s,
    )
