"""Slowing down whoever guesses passwords: per address and per user, with exponential back-off.

Kept in memory: a restart of the web process forgets it, which costs a guesser a restart they cannot cause. A user's
own back-off is kept short so that a stranger cannot lock an operator out for long by guessing at their name.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from basira.base.clock import NS_PER_S, Clock
from basira.base.errors import BasiraError


@dataclass(frozen=True, slots=True)
class Backoff:
    """After ``free`` failures each further one doubles the wait, from ``first_s`` up to ``longest_s``."""

    free: int
    first_s: float
    longest_s: float

    def wait_s(self, failures: int) -> float:
        """How long to wait after that many failures in a row."""
        if failures < self.free:
            return 0.0
        doublings = min(failures - self.free, 32)
        return min(self.longest_s, self.first_s * float(2**doublings))


PER_ADDRESS = Backoff(free=10, first_s=1.0, longest_s=900.0)
PER_USER = Backoff(free=5, first_s=1.0, longest_s=60.0)


@dataclass(slots=True)
class _Record:
    failures: int
    open_at_ns: int
    last_ns: int


class LoginThrottle:
    """Remembers failures of at most ``capacity`` addresses and users, the least recent forgotten first.

    Failures are forgotten ``forget_s`` after the last. Callable from any thread.
    """

    def __init__(self, clock: Clock, *, capacity: int = 10_000, forget_s: float = 3600.0) -> None:
        self._clock = clock
        self._capacity = capacity
        self._forget_ns = round(forget_s * NS_PER_S)
        self._records: OrderedDict[tuple[str, str], _Record] = OrderedDict()
        self._lock = Lock()

    def check(self, address: str, user: str) -> None:
        """Raises BasiraError ``login_throttled`` (429) while this address or this user has to wait."""
        now_ns = self._clock.mono_ns()
        with self._lock:
            open_at_ns = max((record.open_at_ns for _, _, record in self._known(address, user, now_ns)), default=0)
        if open_at_ns > now_ns:
            wait_s = -((now_ns - open_at_ns) // NS_PER_S)
            raise BasiraError("login_throttled", status=429, wait_s=wait_s)

    def failed(self, address: str, user: str) -> None:
        """Count a failed attempt."""
        now_ns = self._clock.mono_ns()
        with self._lock:
            known = {key: record for key, _, record in self._known(address, user, now_ns)}
            for key, backoff in _keys(address, user):
                record = known.get(key) or _Record(0, 0, now_ns)
                record.failures += 1
                record.last_ns = now_ns
                record.open_at_ns = now_ns + round(backoff.wait_s(record.failures) * NS_PER_S)
                self._records[key] = record
                self._records.move_to_end(key)
            while len(self._records) > self._capacity:
                self._records.popitem(last=False)

    def succeeded(self, address: str, user: str) -> None:
        """Forget the failures of this address and this user."""
        with self._lock:
            for key, _ in _keys(address, user):
                self._records.pop(key, None)

    def _known(self, address: str, user: str, now_ns: int) -> list[tuple[tuple[str, str], Backoff, _Record]]:
        known = []
        for key, backoff in _keys(address, user):
            record = self._records.get(key)
            if record is not None and now_ns - record.last_ns > self._forget_ns:
                del self._records[key]
            elif record is not None:
                known.append((key, backoff, record))
        return known


def _keys(address: str, user: str) -> tuple[tuple[tuple[str, str], Backoff], ...]:
    return (("address", address), PER_ADDRESS), (("user", user.lower()[:64]), PER_USER)
