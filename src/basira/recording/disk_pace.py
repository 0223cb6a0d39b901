"""Whether the disk keeps up with the streams: how long what was handed to it waits to be kept."""

from __future__ import annotations

from typing import Final

from basira.base.clock import NS_PER_S

_SLOW_S: Final = 5.0
_QUICK_AGAIN_NS: Final = 60 * NS_PER_S


class DiskPace:
    """``slow_s`` is set once something waits 5 s longer than the sync interval, to the longest wait since; it is
    cleared when for a minute nothing has waited half as long. ``look`` is called every second or so, by one thread.
    """

    def __init__(self, sync_interval_s: float) -> None:
        self.slow_s: float | None = None
        self._limit_s = sync_interval_s + _SLOW_S
        self._slow_ns = 0

    def look(self, mono_ns: int, lag_s: float) -> None:
        if lag_s > (self._limit_s if self.slow_s is None else self._limit_s / 2):
            self._slow_ns = mono_ns
            self.slow_s = round(max(lag_s, self.slow_s or 0.0), 1)
        elif self.slow_s is not None and mono_ns - self._slow_ns >= _QUICK_AGAIN_NS:
            self.slow_s = None
