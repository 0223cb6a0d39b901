"""The thread that keeps looking: at the recorder, at what is wrong, at new events; and tells page and webhooks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

import structlog

from basira.alerting.alarms import Alarm, AlarmBook
from basira.alerting.couriers import Couriers
from basira.alerting.feed import CameraChanged, Feed
from basira.alerting.health import Health
from basira.alerting.recorder import RecorderWatch
from basira.analysis.store import EventReader
from basira.base.clock import Clock

log = structlog.get_logger(__name__)

_EVENTS_S: Final = 0.25
_RECORDER_S: Final = 1.0
_WRONG_S: Final = 2.0
_WEBHOOKS_S: Final = 5.0
_RATES_S: Final = 10.0
_PAGE: Final = 200


class Watch:
    """One thread between ``start`` and ``close``. A look that fails is logged and comes again; it stops no other."""

    def __init__(
        self, clock: Clock, feed: Feed, recorder: RecorderWatch, health: Health, events: EventReader,
        couriers: Couriers, on_alarm: Callable[[Alarm], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """``on_alarm`` is called from the thread with each alarm that begins or ends."""
        self._on_alarm = on_alarm
        self.alarms = AlarmBook(clock, self._tell_alarm)
        self._feed = feed
        self._recorder = recorder
        self._health = health
        self._events = events
        self._couriers = couriers
        self._change = 0
        self._events_mark: tuple[int, ...] | None = None
        self._told: dict[str, Any] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerting", daemon=True)

    def start(self) -> None:
        """Tell from now on, of whatever changes after this call."""
        self._change = self._events.latest_change()
        self._thread.start()

    def close(self) -> None:
        """Stop the thread and the couriers."""
        self._stopping.set()
        self._thread.join()
        self._couriers.close()

    def _run(self) -> None:
        looks: list[tuple[float, Callable[[], None]]] = [
            (_EVENTS_S, self._look_at_events),
            (_RECORDER_S, self._look_at_recorder),
            (_WRONG_S, lambda: self.alarms.now(self._health.conditions())),
            (_WEBHOOKS_S, self._couriers.refresh),
            (_RATES_S, self._told.clear),
        ]
        due_s = [0.0] * len(looks)
        while not self._stopping.wait(_EVENTS_S):
            for number, (interval_s, look) in enumerate(looks):
                if time.monotonic() < due_s[number]:
                    continue
                due_s[number] = time.monotonic() + interval_s
                try:
                    look()
                except Exception:
                    log.exception("look_failed")

    def _look_at_events(self) -> None:
        mark = self._events.change_mark()
        if mark is not None and mark == self._events_mark:
            return
        while changed := self._events.changes_since(self._change, _PAGE):
            for event in changed:
                self._feed.publish(event)
            self._change = changed[-1].change
        self._events_mark = mark

    def _look_at_recorder(self) -> None:
        self._recorder.look()
        status = self._recorder.status
        for camera, streams in status["cameras"].items() if status else ():
            told = {
                name: (state["state"], state["error"], state["gap"], state["codec"], state["width"])
                for name, state in streams.items()
            }
            if self._told.get(camera) != told:
                self._told[camera] = told
                self._feed.publish(CameraChanged(camera, streams))

    def _tell_alarm(self, alarm: Alarm) -> None:
        condition = alarm.condition
        log.warning(
            "alarm_began" if alarm.ended_utc_ns is None else "alarm_ended",
            code=condition.code, severity=condition.severity, camera=condition.camera, params=dict(condition.params),
        )  # fmt: skip
        self._feed.publish(alarm)
        self._couriers.tell(alarm)
        self._on_alarm(alarm)
