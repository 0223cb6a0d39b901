"""Log before use, without a flood: what one person does again to the same footage within a minute is one act."""

from __future__ import annotations

import threading
from typing import Final

from basira.base.clock import NS_PER_S, Clock
from basira.custody.acts.spool import Act, ActName, ActSpool

SAME_WITHIN_NS: Final = 60 * NS_PER_S
# Pictures and pieces of files are asked for by the hundred while somebody scrubs: they count by ten minutes of footage.
COARSE_NS: Final = 600 * NS_PER_S
_REMEMBERED: Final = 10_000

_Key = tuple[str, str, tuple[str, ...], str | None, int | None, int | None]


class AccessLog:
    """Called by every route that shows footage, before it does. Thread-safe.

    Raises SQLAlchemyError when the act cannot be written down; the footage is not shown then.
    """

    def __init__(self, spool: ActSpool, clock: Clock) -> None:
        self._spool = spool
        self._clock = clock
        self._lock = threading.Lock()
        self._recent: dict[_Key, int] = {}

    def record(
        self,
        act: ActName,
        user: str,
        cameras: tuple[str, ...] = (),
        stream: str | None = None,
        span_ns: tuple[int, int] | None = None,
    ) -> None:
        """On return the act is on the disk. ``span_ns`` is the footage's time, None for live."""
        start_ns, end_ns = span_ns or (None, None)
        key = (act, user, cameras, stream, start_ns, end_ns)
        now_ns = self._clock.mono_ns()
        with self._lock:
            last_ns = self._recent.get(key)
            if last_ns is not None and now_ns - last_ns < SAME_WITHIN_NS:
                return
        self._spool.record(Act(act, user, cameras, stream, start_ns, end_ns))
        with self._lock:
            if len(self._recent) >= _REMEMBERED:
                self._recent = {k: at for k, at in self._recent.items() if now_ns - at < SAME_WITHIN_NS}
            self._recent[key] = now_ns

    def record_coarsely(
        self, act: ActName, user: str, cameras: tuple[str, ...], stream: str | None, span_ns: tuple[int, int]
    ) -> None:
        """As :meth:`record`, the span widened to whole ten minutes."""
        start_ns = span_ns[0] // COARSE_NS * COARSE_NS
        end_ns = -(-max(span_ns[1], span_ns[0] + 1) // COARSE_NS) * COARSE_NS
        self.record(act, user, cameras, stream, (start_ns, end_ns))
