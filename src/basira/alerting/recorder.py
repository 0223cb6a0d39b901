"""What the recorder says, asked over its control socket once a second and kept for all who want to know."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

import structlog

from basira.base.clock import NS_PER_S, Clock
from basira.recording.control import SOCKET_NAME, ask

log = structlog.get_logger(__name__)

_TIMEOUT_S: Final = 2.0
# A restart of the recorder takes a few seconds and ends with a gap that says so; only a longer silence is an alarm.
SILENT_AFTER_S: Final = 10.0


class RecorderWatch:
    """The recorder's last answer. ``look`` by one thread; the rest by any."""

    def __init__(self, run_dir: Path, clock: Clock) -> None:
        self._socket = run_dir / SOCKET_NAME
        self._clock = clock
        self._lock = threading.Lock()
        self._status: dict[str, Any] | None = None
        self._silent_since_mono_ns: int | None = None
        self._silent_since_utc_ns = 0

    def look(self) -> None:
        """Ask the recorder now."""
        try:
            status = ask(self._socket, {"op": "status"}, _TIMEOUT_S)
            if "error" in status:
                raise ValueError(status["error"])
        except (OSError, ValueError) as error:
            with self._lock:
                if self._silent_since_mono_ns is None:
                    log.warning("recorder_silent", reason=type(error).__name__)
                    self._silent_since_mono_ns = self._clock.mono_ns()
                    self._silent_since_utc_ns = self._clock.utc_ns()
                self._status = None
            return
        with self._lock:
            self._status = status
            self._silent_since_mono_ns = None

    def reload(self) -> None:
        """Tell the recorder that the catalogue changed; it would notice by itself within a second or two."""
        try:
            ask(self._socket, {"op": "reload"}, _TIMEOUT_S)
        except (OSError, ValueError) as error:
            log.info("recorder_not_told", reason=type(error).__name__)

    @property
    def status(self) -> dict[str, Any] | None:
        """The last answer, None when the recorder did not give one."""
        with self._lock:
            return self._status

    def streams(self, camera: str) -> dict[str, dict[str, Any]]:
        """State of each stream of a camera; empty while the recorder is silent or does not know it."""
        status = self.status
        found: dict[str, dict[str, Any]] = status["cameras"].get(camera, {}) if status else {}
        return found

    def silent_since_utc_ns(self) -> int | None:
        """Since when the recorder has not answered, once that has lasted long enough to worry."""
        with self._lock:
            since_ns = self._silent_since_mono_ns
            if since_ns is None or self._clock.mono_ns() - since_ns < SILENT_AFTER_S * NS_PER_S:
                return None
            return self._silent_since_utc_ns
