"""The time that footage ages by: a wall clock that is set to next week must not make a week of footage old.

It advances with the monotonic clock. A jump of the wall clock forward is believed when the clock is synchronised, or
once it has stood for a day of running; until then footage only stays longer than it need. A jump back is believed at
once, for it deletes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from basira.base.clock import NS_PER_S, Clock
from basira.recording.index import get_identity, put_identity

_NAME: Final = "trusted_time"
_SLACK_NS: Final = 300 * NS_PER_S
BELIEVED_AFTER_NS: Final = 86_400 * NS_PER_S


class TrustedTime:
    """``restore`` before use and ``store`` now and then, so that a restart does not make a wrong clock right."""

    def __init__(self, clock: Clock, synchronised: Callable[[], bool]) -> None:
        self._clock = clock
        self._synchronised = synchronised
        self._trusted_ns: int | None = None
        self._mono_ns = clock.mono_ns()
        self._ahead_for_ns = 0

    def restore(self, connection: Connection) -> None:
        """Take up the stored time, once; later calls do nothing."""
        if self._trusted_ns is not None:
            return
        stored = get_identity(connection, _NAME)
        self._mono_ns = self._clock.mono_ns()
        if stored is None:
            self._trusted_ns = self._clock.utc_ns()
            return
        state = json.loads(stored)
        self._trusted_ns, self._ahead_for_ns = int(state["utc_ns"]), int(state["ahead_for_ns"])

    def store(self, connection: Connection) -> None:
        state = {"utc_ns": self.utc_ns(), "ahead_for_ns": self._ahead_for_ns}
        put_identity(connection, _NAME, json.dumps(state))

    def utc_ns(self) -> int:
        """The time to reckon ages by; never later than the wall clock."""
        assert self._trusted_ns is not None, "restore first"
        wall_ns, mono_ns = self._clock.utc_ns(), self._clock.mono_ns()
        elapsed_ns, self._mono_ns = mono_ns - self._mono_ns, mono_ns
        expected_ns = self._trusted_ns + elapsed_ns
        if wall_ns <= expected_ns + _SLACK_NS or self._synchronised():
            self._trusted_ns, self._ahead_for_ns = wall_ns, 0
            return wall_ns
        self._ahead_for_ns += elapsed_ns
        self._trusted_ns = expected_ns
        if self._ahead_for_ns > BELIEVED_AFTER_NS:
            self._trusted_ns, self._ahead_for_ns = wall_ns, 0
        return min(self._trusted_ns, wall_ns)
