"""Room on the disk: measured, probed; and who stands still when there is none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from basira.base.clock import NS_PER_S, Clock
from basira.base.errors import BasiraError
from basira.catalogue.cameras import Camera
from basira.recording.alarms import AlarmBoard
from basira.recording.forecast import RoomForecast
from basira.recording.pressure import PressureValve
from basira.recording.storage import Storage, Usage

_PROBE_NS: Final = 60 * NS_PER_S
# However small the floor is set, recording stops before the file system is so full that nothing can be closed.
_LEAST_BYTES: Final = 64 * 1024 * 1024
_SOON_S: Final = 24 * 3600.0
# With less than this nothing can be recorded, whatever floor is set.
_NOTHING_BYTES: Final = 2 * 1024 * 1024


class Reserve:
    """``look`` in a thread of its own (a hung disk holds only that); everything else from any thread."""

    def __init__(
        self,
        storage: Storage,
        alarms: AlarmBoard,
        clock: Clock,
        floor_bytes: int,
        *,
        disk_failures: Callable[[], int] = lambda: 0,
        deletable_bytes: Callable[[], int | None] = lambda: None,
    ) -> None:
        """``disk_failures``: how many writes and syncs of footage have failed so far; one more calls for a probe.
        ``deletable_bytes``: how much retention might delete if it had to, None while that is not known."""
        self._storage = storage
        self._alarms = alarms
        self._clock = clock
        self._floor_bytes = floor_bytes
        least = max(floor_bytes // 4, min(_LEAST_BYTES, floor_bytes)) if floor_bytes else 0
        self._least_bytes = least
        self._forecast = RoomForecast()
        self._deletable_bytes = deletable_bytes
        self._valve = PressureValve(least, max(floor_bytes // 2, least))
        self._lock = threading.Lock()
        self._order: list[str] = []
        self._usage: Usage | None = None
        self._disk_failures = disk_failures
        self._failures_seen = 0
        self._refused = ""
        self._probed_ns: int | None = None
        self.stopped: frozenset[str] = frozenset()
        self.looked_mono_ns = clock.mono_ns()

    def set_cameras(self, cameras: list[Camera]) -> None:
        """Least important first: lower priority, then later on the wall."""
        ordered = sorted(
            (camera for camera in cameras if camera.enabled), key=lambda camera: (camera.priority, -camera.position)
        )
        with self._lock:
            self._order = [camera.id for camera in ordered]

    def look(self) -> None:
        """Measure, probe when it is time, and decide who stands still."""
        now_ns = self._clock.mono_ns()
        if self._is_ours():
            self._look_closer(now_ns)
        else:
            self._probed_ns = None
        self.looked_mono_ns = now_ns  # also where no disk is: that is no slow disk

    def _look_closer(self, now_ns: int) -> None:
        failures = self._disk_failures()
        if self._probed_ns is None or now_ns - self._probed_ns > _PROBE_NS or failures != self._failures_seen:
            self._failures_seen = failures
            self._probed_ns = now_ns if self._probe() else None
        try:
            usage = self._storage.usage()
        except OSError as error:
            self._alarms.set("storage_probe_failed", reason=str(error))
            return
        with self._lock:
            self._usage, order = usage, self._order
        if self._valve.update(usage.free_bytes, order, now_ns):
            self.stopped = frozenset(self._valve.stopped)
        full = bool(self.stopped) or usage.free_bytes < _NOTHING_BYTES
        self._alarms.set("storage_full", full, free_bytes=usage.free_bytes)
        for camera in order:
            self._alarms.set("camera_stopped_for_space", camera in self.stopped, camera=camera)
        self._foretell(usage, order, now_ns)

    def _foretell(self, usage: Usage, order: list[str], now_ns: int) -> None:
        deletable_bytes = self._deletable_bytes()
        if deletable_bytes is not None:
            self._forecast.sample(now_ns, usage.free_bytes + deletable_bytes)
        stops_in_s = self._forecast.stops_in_s(self._least_bytes)
        soon = stops_in_s is not None and stops_in_s < _SOON_S and bool(order)
        self._alarms.set(
            "recording_stops_soon", soon, severity="warning", hours=round((stops_in_s or 0.0) / 3600, 1),
            first=order[0] if order else "",
        )  # fmt: skip

    def status(self) -> dict[str, Any] | None:
        """Bytes of the disk; None before the first look."""
        with self._lock:
            if self._usage is None:
                return None
            return {
                "path": str(self._storage.root),
                "total_bytes": self._usage.total_bytes,
                "free_bytes": self._usage.free_bytes,
                "floor_bytes": self._floor_bytes,
                "stopped_cameras": sorted(self.stopped),
                "looked_ago_s": round((self._clock.mono_ns() - self.looked_mono_ns) / NS_PER_S, 1),
            }

    def _is_ours(self) -> bool:
        """Whether the storage folder is the one taken into use; if not, an alarm says what it is instead."""
        refused: BasiraError | None = None
        try:
            self._storage.examine()
        except BasiraError as error:
            refused = error
        except OSError as error:
            refused = BasiraError("storage_probe_failed", reason=error.strerror or str(error))
        if self._refused and (refused is None or refused.code != self._refused):
            self._alarms.set(self._refused, False)
        self._refused = refused.code if refused else ""
        if refused is not None:
            self._alarms.set_error(refused)
        return refused is None

    def _probe(self) -> bool:
        try:
            self._storage.probe()
        except OSError as error:
            self._alarms.set("storage_probe_failed", reason=error.strerror or str(error))
            return False
        self._alarms.set("storage_probe_failed", False)
        return True
