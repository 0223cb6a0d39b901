"""When the machine does not keep up: which footage is looked at by its keyframes alone, so that the rest is not late.

Somebody at a screen acts on what is seconds old. What nobody waits for any more is looked at in full, however late:
what was recorded while no analysis ran, and what is older than that.

Whom keyframes show again and again is found in haste too; a car that crosses the picture in three seconds is not. So
cameras whose visits are long are hurried first, the others and those with an alert zone when twice as late.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from basira.base.clock import NS_PER_S, Clock

_WAITED_FOR_NS: Final = 600 * NS_PER_S
_PATIENCE: Final = 2
_VISITS: Final = 16
_LONG: Final = 4  # keyframe intervals
# So long after the last group that was passed over, haste is over.
_LASTING_NS: Final = 60 * NS_PER_S


class Haste:
    """Of one stream. For one thread; ``since_utc_ns`` may be asked from others."""

    def __init__(self, late_s: float, clock: Clock) -> None:
        """``late_s``: the delay from which on there is haste; never when 0."""
        self._late_ns = round(late_s * NS_PER_S)
        self._clock = clock
        self._running_since_utc_ns = clock.utc_ns()
        self._nothing_left_mono_ns = clock.mono_ns()
        self._was_long: deque[bool] = deque(maxlen=_VISITS)  # of the last visits
        self._spell: tuple[int, int] | None = None  # since when (UTC), and when last (monotonic)

    def is_called_for(self, recorded_utc_ns: int, *, guarded: bool) -> bool:
        """Whether footage recorded until then is late enough; ``guarded``: an alert zone watches over it.

        What was late when it was written, as over a slow line, is no reason for haste.
        """
        delay_ns = min(self._clock.utc_ns() - recorded_utc_ns, self._clock.mono_ns() - self._nothing_left_mono_ns)
        patience_ns = self._late_ns * (_PATIENCE if guarded or not self._visits_are_long() else 1)
        is_live = recorded_utc_ns >= self._running_since_utc_ns and delay_ns < _WAITED_FOR_NS
        return self._late_ns > 0 and is_live and delay_ns > patience_ns

    def nothing_left(self) -> None:
        """All that is recorded was looked at, just now."""
        self._nothing_left_mono_ns = self._clock.mono_ns()

    def visited(self, duration_ns: int, keyframe_interval_ns: int) -> None:
        """A visit is over."""
        self._was_long.append(duration_ns >= _LONG * keyframe_interval_ns)

    def passed_over(self) -> None:
        """Something was, just now."""
        now_ns = self._clock.mono_ns()
        since_utc_ns = self.since_utc_ns
        self._spell = self._clock.utc_ns() if since_utc_ns is None else since_utc_ns, now_ns

    @property
    def since_utc_ns(self) -> int | None:
        """Since when things are passed over; None when nothing was for a minute."""
        spell = self._spell
        return spell[0] if spell is not None and self._clock.mono_ns() - spell[1] < _LASTING_NS else None

    def _visits_are_long(self) -> bool:
        """Most of them; where there was none yet nobody knows."""
        return 2 * sum(self._was_long) > len(self._was_long)
