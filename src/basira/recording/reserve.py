"""Room on the disk: measured, probed; and who stands still when there is none."""

from __future__ import annotations

import threading
from typing import Any, Final

from basira.base.clock import NS_PER_S, Clock
from basira.catalogue.cameras import Camera
from basira.recording.alarms import AlarmBoard
from basira.recording.pressure import PressureValve
from basira.recording.storage import Storage, Usage

_PROBE_NS: Final = 60 * NS_PER_S
# However small the floor is set, recording stops before the file system is so full that nothing can be closed.
_LEAST_BYTES: Final = 64 * 1024 * 1024


class Reserve:
    """``look`` in a thread of its own (a hung disk holds only that); everything else from any thread."""

    def __init__(self, storage: Storage, alarms: AlarmBoard, clock: Clock, floor_bytes: int) -> None:
        self._storage = storage
        self._alarms = alarms
        self._clock = clock
        self._floor_bytes = floor_bytes
        least = max(floor_bytes // 4, min(_LEAST_BYTES, floor_bytes)) if floor_bytes else 0
        self._valve = PressureValve(least, max(floor_bytes // 2, least))
        self._lock = threading.Lock()
        self._order: list[str] = []
        self._usage: Usage | None = None
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
        if not self._storage.is_present():
            identity = self._storage.identity.storage
            self._alarms.set("storage_missing", path=str(self._storage.root), storage=identity)
            return
        self._alarms.set("storage_missing", False)
        if self._probed_ns is None or now_ns - self._probed_ns > _PROBE_NS:
            self._probed_ns = now_ns
            self._probe()
        try:
            usage = self._storage.usage()
        except OSError as error:
            self._alarms.set("storage_probe_failed", reason=str(error))
            return
        with self._lock:
            self._usage, order = usage, self._order
        if self._valve.update(usage.free_bytes, order, now_ns):
            self.stopped = frozenset(self._valve.stopped)
        self._alarms.set("storage_full", bool(self.stopped), free_bytes=usage.free_bytes)
        for camera in order:
            self._alarms.set("camera_stopped_for_space", camera in self.stopped, camera=camera)
        self.looked_mono_ns = now_ns

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

    def _probe(self) -> None:
        try:
            self._storage.probe()
        except OSError as error:
            self._alarms.set("storage_probe_failed", reason=error.strerror or str(error))
        else:
            self._alarms.set("storage_probe_failed", False)
