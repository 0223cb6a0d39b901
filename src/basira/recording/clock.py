"""The wall clock watched: steps are found and written down, and whether it is synchronised is known."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Final

from basira.base.clock import NS_PER_MS, NS_PER_S, Clock

STEP_NS: Final = 500 * NS_PER_MS
_STA_UNSYNC: Final = 0x40
_SYNCHRONISED_FILE: Final = Path("/run/systemd/timesync/synchronized")
_POLL_NS: Final = 10 * NS_PER_S


class _Timex(ctypes.Structure):
    """``struct timex`` of Linux as far as ``status``; the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def kernel_synchronised() -> bool:
    """Whether something (NTP, PTP, GPS) keeps the kernel's clock right, as the kernel itself tells."""
    timex = _Timex(modes=0)
    adjtimex = getattr(ctypes.CDLL(None, use_errno=True), "adjtimex", None)
    if adjtimex is not None and adjtimex(ctypes.byref(timex)) >= 0:
        return not timex.status & _STA_UNSYNC
    return _SYNCHRONISED_FILE.exists()


class ClockWatch:
    """Finds steps of the wall clock against the monotonic one. Slewing is followed; only jumps are steps."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._difference_ns = clock.utc_ns() - clock.mono_ns()

    def step(self) -> int:
        """Nanoseconds by which the wall clock jumped since the last call, 0 when it did not."""
        difference_ns = self._clock.utc_ns() - self._clock.mono_ns()
        step_ns = difference_ns - self._difference_ns
        self._difference_ns = difference_ns
        return step_ns if abs(step_ns) > STEP_NS else 0


class Synchronisation:
    """Whether the clock is synchronised, asked of the kernel at most every ten seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked_ns: int | None = None
        self._answer = False

    def __call__(self) -> bool:
        now_ns = self._clock.mono_ns()
        if self._asked_ns is None or now_ns - self._asked_ns > _POLL_NS:
            self._asked_ns, self._answer = now_ns, kernel_synchronised()
        return self._answer
