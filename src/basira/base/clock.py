"""Time enters the program through a ``Clock`` so that a day can be simulated in a second.

Wall-clock and monotonic times are both integers of nanoseconds and are never mixed: ``utc_ns`` counts from the
Unix epoch and may step; ``mono_ns`` counts from an arbitrary instant of this boot (``boot_id``), keeps counting
while the machine sleeps, and never steps.
"""

from __future__ import annotations

import functools
import time
import uuid
from pathlib import Path
from typing import Protocol

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_US = 1_000


class Clock(Protocol):
    """Source of both kinds of time and of the passage of it."""

    def utc_ns(self) -> int:
        """Wall-clock time, nanoseconds since 1970-01-01T00:00:00Z. May jump in either direction."""
        ...

    def mono_ns(self) -> int:
        """Monotonic time, nanoseconds since an arbitrary instant of this boot."""
        ...

    def sleep(self, duration_s: float) -> None:
        """Block the calling thread."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def utc_ns(self) -> int:
        return time.time_ns()

    def mono_ns(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def sleep(self, duration_s: float) -> None:
        time.sleep(duration_s)


class SimulatedClock:
    """A clock that moves only when told to; ``sleep`` advances it at once."""

    def __init__(self, utc_ns: int = 1_700_000_000 * NS_PER_S, mono_ns: int = 1_000 * NS_PER_S) -> None:
        self._utc_ns = utc_ns
        self._mono_ns = mono_ns

    def utc_ns(self) -> int:
        return self._utc_ns

    def mono_ns(self) -> int:
        return self._mono_ns

    def sleep(self, duration_s: float) -> None:
        self.advance(round(duration_s * NS_PER_S))

    def advance(self, duration_ns: int) -> None:
        """Let time pass on both clocks."""
        self._utc_ns += duration_ns
        self._mono_ns += duration_ns

    def step(self, step_ns: int) -> None:
        """Set the wall clock forward or back; monotonic time is untouched."""
        self._utc_ns += step_ns


@functools.cache
def boot_id() -> str:
    """Identifier of this boot of the machine (32 hex digits); ``mono_ns`` compares only within one boot.

    From Linux's ``/proc``; where there is none, a random value for the life of this process.
    """
    path = Path("/proc/sys/kernel/random/boot_id")
    if path.exists():
        return path.read_text("ascii").strip().replace("-", "")
    return uuid.uuid4().hex
