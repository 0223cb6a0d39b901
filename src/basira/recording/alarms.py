"""What is wrong right now, in memory: told even when the disk has failed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog

from basira.base.clock import Clock
from basira.base.errors import BasiraError
from basira.base.messages import MESSAGES

log = structlog.get_logger(__name__)

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """``code`` and ``params`` make a sentence of ``base.messages``."""

    code: str
    severity: Severity
    since_utc_ns: int
    camera: str | None = None
    stream: str | None = None
    params: dict[str, str | int | float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code, "severity": self.severity, "since_ns": self.since_utc_ns,
            "camera": self.camera, "stream": self.stream,
            "params": self.params,
        }  # fmt: skip


class AlarmBoard:
    """The alarms of the recorder. Safe to use from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._alarms: dict[tuple[str, str | None, str | None], Alarm] = {}

    def set(
        self,
        code: str,
        on: bool = True,
        *,
        severity: Severity = "error",
        camera: str | None = None,
        stream: str | None = None,
        **params: str | int | float,
    ) -> None:
        """Raise the alarm, keep it up with new parameters, or clear it."""
        if on:
            self._raise(code, severity, camera, stream, params)
            return
        if (code, camera, stream) not in self._alarms:
            return  # as nearly always: not worth the lock
        with self._lock:
            cleared = self._alarms.pop((code, camera, stream), None)
        if cleared is not None:
            log.info("alarm_cleared", code=code, camera=camera, stream=stream)

    def set_error(self, error: BasiraError) -> None:
        """Raise the alarm that an error is."""
        self._raise(error.code, "error", None, None, error.params)

    def all(self) -> list[Alarm]:
        with self._lock:
            return list(self._alarms.values())

    def _raise(
        self,
        code: str,
        severity: Severity,
        camera: str | None,
        stream: str | None,
        params: dict[str, str | int | float],
    ) -> None:
        if code not in MESSAGES:
            raise KeyError(f"alarm code without a message: {code}")
        key = (code, camera, stream)
        with self._lock:
            known = self._alarms.get(key)
            since_utc_ns = known.since_utc_ns if known else self._clock.utc_ns()
            self._alarms[key] = Alarm(code, severity, since_utc_ns, camera, stream, params)
        if known is None:
            log.error("alarm", code=code, camera=camera, stream=stream, **params)
