"""Alarms: what needs a person, since when, and what did lately. In memory: a state, not a record."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from basira.base.clock import Clock
from basira.base.identifiers import new_identifier

Severity = Literal["info", "warning", "error"]
_MOST_REMEMBERED: Final = 500


@dataclass(frozen=True, slots=True)
class Condition:
    """Something wrong right now. ``code`` and ``params`` make a sentence of ``base.messages``; ``since_utc_ns`` is
    None when nobody knows and it counts from when it was first told."""

    code: str
    severity: Severity
    camera: str | None = None
    params: Mapping[str, str | int | float] = field(default_factory=dict)
    since_utc_ns: int | None = None

    @property
    def key(self) -> tuple[str, str | None, str]:
        """Two conditions of one key are the same alarm with other parameters. A camera has one per stream."""
        return self.code, self.camera, str(self.params.get("stream", ""))


@dataclass(frozen=True, slots=True)
class Alarm:
    """A condition with an identity; ``ended_utc_ns`` is None while it lasts."""

    id: str
    condition: Condition
    since_utc_ns: int
    ended_utc_ns: int | None = None


class AlarmBook:
    """Turns what is wrong now into alarms that begin and end. Thread-safe.

    ``on_change`` is called, outside the lock, with each alarm that begins, changes its severity or ends.
    """

    def __init__(self, clock: Clock, on_change: Callable[[Alarm], None] = lambda _: None) -> None:
        self._clock = clock
        self._on_change = on_change
        self._lock = threading.Lock()
        self._lasting: dict[tuple[str, str | None, str], Alarm] = {}
        self._over: deque[Alarm] = deque(maxlen=_MOST_REMEMBERED)

    def now(self, conditions: Iterable[Condition]) -> None:
        """These and no others are wrong now."""
        wrong = {condition.key: condition for condition in conditions}
        now_ns = self._clock.utc_ns()
        changed: list[Alarm] = []
        with self._lock:
            for key in [key for key in self._lasting if key not in wrong]:
                alarm = replace(self._lasting.pop(key), ended_utc_ns=now_ns)
                self._over.appendleft(alarm)
                changed.append(alarm)
            for key, condition in wrong.items():
                known = self._lasting.get(key)
                if known is None:
                    since_ns = condition.since_utc_ns or now_ns
                    known = self._lasting[key] = Alarm(new_identifier("alarm"), condition, since_ns)
                    changed.append(known)
                elif known.condition != condition:
                    # New figures in the sentence are for whoever asks; telling each would drown what matters.
                    self._lasting[key] = replace(known, condition=condition)
                    if known.condition.severity != condition.severity:
                        changed.append(self._lasting[key])
        for alarm in changed:
            self._on_change(alarm)

    def lasting(self) -> list[Alarm]:
        """Alarms that last, the gravest and then the newest first."""
        with self._lock:
            alarms = list(self._lasting.values())
        grave = {"error": 0, "warning": 1, "info": 2}
        return sorted(alarms, key=lambda alarm: (grave[alarm.condition.severity], -alarm.since_utc_ns))

    def over(self) -> list[Alarm]:
        """The most recent alarms that are over, newest end first."""
        with self._lock:
            return list(self._over)
