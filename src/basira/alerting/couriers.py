"""Bringing alerts and alarms to webhooks: each in order, again and again until it is accepted, across restarts.

Alerts are read from ``events.db`` behind a cursor kept in the catalogue, so none is lost and one may come twice: each
carries a delivery number to tell. Alarms are a state in memory: those that begin or end while the node runs are sent.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog

from basira.alerting.alarms import Alarm
from basira.alerting.posting import Poster
from basira.analysis.event import Event
from basira.analysis.store import EventReader
from basira.base.clock import NS_PER_S, NS_PER_US, Clock
from basira.base.errors import BasiraError
from basira.base.sentences import sentence_of
from basira.cameras.credentials import Vault
from basira.catalogue.webhooks import Webhook, Webhooks

log = structlog.get_logger(__name__)

_POLL_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 300.0
# With pauses of five minutes: about a day. Then the message is given up, so that one that the receiver can never
# accept does not stop all that come after it.
_MOST_ATTEMPTS: Final = 300
_MOST_ALARMS: Final = 200
_MOST_DELIVERIES: Final = 50


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt. ``kind``: alert, alarm or test; ``status`` is HTTP's, None when nothing answered."""

    utc_ns: int
    kind: str
    status: int | None
    problem: BasiraError | None

    @property
    def ok(self) -> bool:
        return self.problem is None

    @property
    def error(self) -> str | None:
        """What went wrong, in a word or two for the log and the catalogue."""
        if self.problem is None:
            return None
        return self.problem.code if self.status is None else f"{self.problem.code} {self.status}"


@dataclass(frozen=True, slots=True)
class _Message:
    kind: str
    delivery: str
    content: dict[str, Any]
    cursor: int | None = None


class Courier:
    """The thread of one webhook."""

    def __init__(
        self, webhook: Webhook, webhooks: Webhooks, events: EventReader, vault: Vault, poster: Poster, clock: Clock,
        site: str, on_attempt: Callable[[Delivery], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._id = webhook.id
        self._webhooks = webhooks
        self._events = events
        self._vault = vault
        self._poster = poster
        self._clock = clock
        self._site = site
        self._on_attempt = on_attempt
        self._alarms: deque[_Message] = deque(maxlen=_MOST_ALARMS)
        self._deliveries: deque[Delivery] = deque(maxlen=_MOST_DELIVERIES)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"webhook {webhook.id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        self._stopping.set()

    def join(self) -> None:
        self._thread.join()

    def deliveries(self) -> list[Delivery]:
        """The latest attempts, newest first."""
        return list(self._deliveries)

    def tell(self, alarm: Alarm) -> None:
        """Queue an alarm that began or ended; the oldest are dropped when too many wait."""
        content = {"alarm": alarm_content(alarm)}
        phase = "began" if alarm.ended_utc_ns is None else "ended"
        self._alarms.append(_Message("alarm", f"{alarm.id}.{phase}", content))

    def post(self, message: _Message) -> Delivery:
        """Post once, now, and note how it went."""
        webhook = self._webhooks.get(self._id)
        now_ns = self._clock.utc_ns()
        status: int | None = None
        problem: BasiraError | None = None
        try:
            secret = self._vault.unseal(webhook.id, webhook.sealed_secret) if webhook.sealed_secret else None
            envelope = {"type": message.kind, "site": self._site, "sent_us": now_ns // NS_PER_US, **message.content}
            body = json.dumps(envelope, ensure_ascii=False).encode()
            posted = self._poster.post(webhook.url, body, secret=secret, delivery=message.delivery, utc_ns=now_ns)
            status = posted.status
            problem = None if posted.accepted else BasiraError("webhook_refused", status=502)
        except BasiraError as failure:
            problem = failure
        delivery = Delivery(now_ns, message.kind, status, problem)
        self._deliveries.appendleft(delivery)
        self._on_attempt(delivery)
        return delivery

    def _run(self) -> None:
        while not self._stopping.wait(_POLL_S):
            try:
                while not self._stopping.is_set() and self._one():
                    pass
            except Exception:
                log.exception("webhook_fault", webhook=self._id)

    def _one(self) -> bool:
        """Try what is next, if anything is and its time has come; whether there may be more at once."""
        webhook = self._webhooks.get(self._id)
        if self._clock.utc_ns() < webhook.next_attempt_utc_ns:
            return False
        message = self._next(webhook)
        if message is None:
            return False
        delivery = self.post(message)
        given_up = not delivery.ok and webhook.attempts + 1 >= _MOST_ATTEMPTS
        if delivery.ok or given_up:
            if given_up:
                log.error("webhook_gave_up", webhook=self._id, delivery=message.delivery, reason=delivery.error)
            self._webhooks.delivered(self._id, webhook.cursor if message.cursor is None else message.cursor)
            if message.cursor is None and self._alarms and self._alarms[0] is message:
                self._alarms.popleft()
            return True
        pause_ns = round(pause_s(webhook.attempts) * NS_PER_S)
        next_ns = self._clock.utc_ns() + pause_ns
        self._webhooks.failed(self._id, next_attempt_utc_ns=next_ns, error=delivery.error or "")
        log.warning("webhook_failed", webhook=self._id, reason=delivery.error, attempts=webhook.attempts + 1)
        return False

    def _next(self, webhook: Webhook) -> _Message | None:
        if self._alarms:
            return self._alarms[0]
        for event in self._events.alerts_since(webhook.cursor, 1):
            assert event.alert_change is not None
            return _Message("alert", f"{event.id}.{event.alert_change}", event_content(event), event.alert_change)
        return None


def pause_s(failures: int) -> float:
    """How long to wait after that many failures before this one: doubling from a second, bounded, jittered."""
    return float(min(_LONGEST_PAUSE_S, 2.0 ** min(failures, 20)) * random.uniform(0.5, 1.0))


class Couriers:
    """A courier for each webhook of the catalogue that is switched on. Thread-safe."""

    def __init__(self, webhooks: Webhooks, make: Callable[[Webhook, Callable[[Delivery], None]], Courier]) -> None:
        self._webhooks = webhooks
        self._make = make
        self._lock = threading.Lock()
        self._couriers: dict[str, Courier] = {}
        self._counts = Counter({"accepted": 0, "failed": 0})

    def refresh(self) -> None:
        """Start and stop couriers as the catalogue now says."""
        wanted = {webhook.id: webhook for webhook in self._webhooks.all() if webhook.enabled}
        with self._lock:
            for gone in self._couriers.keys() - wanted.keys():
                self._couriers.pop(gone).ask_to_stop()
            for webhook_id in wanted.keys() - self._couriers.keys():
                courier = self._couriers[webhook_id] = self._make(wanted[webhook_id], self.count)
                courier.start()

    def counts(self) -> dict[str, int]:
        """Attempts since the process started, by outcome: accepted, failed."""
        return dict(self._counts)

    def count(self, delivery: Delivery) -> None:
        self._counts["accepted" if delivery.ok else "failed"] += 1

    def tell(self, alarm: Alarm) -> None:
        with self._lock:
            for courier in self._couriers.values():
                courier.tell(alarm)

    def deliveries(self, webhook_id: str) -> list[Delivery]:
        with self._lock:
            courier = self._couriers.get(webhook_id)
        return courier.deliveries() if courier else []

    def test(self, webhook: Webhook) -> Delivery:
        """Post a test message now."""
        with self._lock:
            courier = self._couriers.get(webhook.id) or self._make(webhook, self.count)
        return courier.post(_Message("test", f"{webhook.id}.test", {}))

    def close(self) -> None:
        with self._lock:
            couriers = list(self._couriers.values())
            self._couriers.clear()
        for courier in couriers:
            courier.ask_to_stop()
        for courier in couriers:
            courier.join()


def event_content(event: Event) -> dict[str, Any]:
    """An alert as it is posted."""
    return {
        "event": {
            "id": event.id,
            "camera": event.camera,
            "stream": event.stream,
            "class": event.label,
            "score": round(event.score, 4),
            "start_us": event.start_utc_ns // NS_PER_US,
            "end_us": event.end_utc_ns // NS_PER_US,
            "ongoing": event.ongoing,
            "zones": list(event.zones),
        }
    }


def alarm_content(alarm: Alarm) -> dict[str, Any]:
    """An alarm as it is posted."""
    condition = alarm.condition
    return {
        "id": alarm.id,
        "code": condition.code,
        "severity": condition.severity,
        "message": {language: sentence_of(condition.code, language, condition.params) for language in ("ar", "en")},
        "params": dict(condition.params),
        "camera": condition.camera,
        "since_us": alarm.since_utc_ns // NS_PER_US,
        "ended_us": None if alarm.ended_utc_ns is None else alarm.ended_utc_ns // NS_PER_US,
    }
