"""What a machine can carry, from what was measured: cameras by processor and memory, disk by rate, battery by power.

The constants are of docs/capacity.md, measured with ``make bench`` on 1080p H.264 cameras of 15 frames a second and
2.5 Mb/s with a keyframe every 2 s. A machine is compared with the one they were measured on by a fixed piece of work.
"""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass
from typing import Final

# CPU-ms a camera-second.
RECORDING_MS: Final = 5.5
WATCHING_MS: Final = 3.5  # keyframes decoded and compared
ACTIVE_MS: Final = 59.0  # while something happens, above
NODE_MS: Final = 12.0  # the whole node, whatever the cameras
NODE_MB: Final = 375.0
CAMERA_MB: Final = 4.0
REFERENCE_WORK_S: Final = 0.011
# Of the processor and of the memory; the rest is for people who look, and for bad hours.
_USED_SHARE: Final = 0.7
_DEPTH: Final = 0.8  # of a battery that may be used up
_REFERENCE_PIXELS_S: Final = 1920 * 1080 * 15


@dataclass(frozen=True, slots=True)
class Machine:
    """``work_s``: CPU seconds that :func:`fixed_work_s` takes on it."""

    cores: int
    memory_bytes: int
    work_s: float


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of it. ``busy``: the share of time in which something happens in a picture."""

    cameras: int
    bit_rate_mbps: float = 2.5
    frame_rate: float = 15.0
    megapixels: float = 2.07
    busy: float = 0.3
    analyse: bool = True
    retention_days: float = 3.0
    hours: float = 8.0
    idle_watts: float = 8.0
    core_watts: float = 6.0


@dataclass(frozen=True, slots=True)
class Plan:
    """``cores``: processors the wish needs, all told. ``bound`` says what ends first: ``processor`` or ``memory``."""

    cores: float
    memory_bytes: int
    disk_bytes: int
    watts: float
    battery_wh: float
    most_cameras: int
    bound: str
    fits: bool


def plan(machine: Machine, wish: Wish) -> Plan:
    """Whether the machine carries the wish, and what else that needs."""
    slowness = machine.work_s / REFERENCE_WORK_S
    camera_cores = camera_ms(wish) / 1000 * slowness
    node_cores = NODE_MS / 1000 * slowness
    by_processor = (machine.cores * _USED_SHARE - node_cores) / camera_cores
    by_memory = (machine.memory_bytes / 1e6 * _USED_SHARE - NODE_MB) / CAMERA_MB
    most = max(0, int(min(by_processor, by_memory)))
    cores = node_cores + wish.cameras * camera_cores
    watts = wish.idle_watts + wish.core_watts * min(cores, machine.cores)
    return Plan(
        cores=cores,
        memory_bytes=round((NODE_MB + wish.cameras * CAMERA_MB) * 1e6),
        disk_bytes=round(wish.cameras * wish.bit_rate_mbps * 1e6 / 8 * 86_400 * wish.retention_days),
        watts=watts,
        battery_wh=watts * wish.hours / _DEPTH,
        most_cameras=most,
        bound="processor" if by_processor <= by_memory else "memory",
        fits=wish.cameras <= most,
    )


def camera_ms(wish: Wish) -> float:
    """CPU-ms a second that one such camera costs on the reference machine.

    Recording goes by bytes and packets; decoding by pixels.
    """
    recording = RECORDING_MS * (wish.frame_rate / 15 + wish.bit_rate_mbps / 2.5) / 2
    if not wish.analyse:
        return recording
    pixels = wish.megapixels * 1e6 * wish.frame_rate / _REFERENCE_PIXELS_S
    return recording + WATCHING_MS * wish.megapixels / 2.07 + ACTIVE_MS * wish.busy * pixels


def fixed_work_s() -> float:
    """CPU seconds of the fixed work here and now, the best of five."""
    block = bytes(index * index % 251 for index in range(1 << 16))
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for _ in range(64):
            zlib.compress(block, 6)
        best = min(best, time.process_time() - began)
    return best
