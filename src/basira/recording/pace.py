"""Whether a stream keeps its pace: frames and keyframes as often as it usually has them.

What is usual is learnt: a higher frame rate is taken over at once, a lower one only over hours, so that a collapse is
told for long and what a person has chosen is not told for ever. Begins anew with each recorder process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from basira.base.clock import NS_PER_S

_WINDOW_NS: Final = 20 * NS_PER_S
# A camera that opens its shutter longer at night may halve its rate; that is no collapse.
_COLLAPSED: Final = 0.4
_RECOVERED: Final = 0.6
_FORGET_S: Final = 6 * 3600.0
# Keyframes so many times rarer or more frequent than usual.
_KEYFRAMES_OFF: Final = 5.0
_KEYFRAMES_RECOVERED: Final = 3.0
_RARE_S: Final = 15.0
_RARE_FROM_THE_START_S: Final = 60.0
_LEARNING: Final = 0.2


@dataclass(frozen=True, slots=True)
class Off:
    """Something is not as usual."""

    now: float
    usual: float


class Pace:
    """Of one stream. ``look`` is called every second or so, by one thread.

    ``frame_rate`` is set while frames come at less than 0.4 of the usual rate, until they come at 0.6 of it.
    ``keyframe_interval_s`` is set while keyframes come five times rarer than usual (15 s at least; a minute while
    nothing is usual yet) or, over twenty seconds, five times more often.
    """

    def __init__(self) -> None:
        self.frame_rate: Off | None = None
        self.keyframe_interval_s: Off | None = None
        self._usual_rate = 0.0
        self._usual_interval_s = 0.0
        self._window: tuple[int, int] | None = None  # when it began, and the count of packets then
        self._keyframe: tuple[int, int] | None = None  # when one was last seen, and the count of them then
        self._keyframe_window = (0, 0)
        self._rare: Off | None = None
        self._frequent: Off | None = None

    def look(self, mono_ns: int, packets: int, keyframes: int, *, recording: bool) -> None:
        """``packets`` and ``keyframes`` are counts since the start. While nothing is recorded there is no pace."""
        if not recording:
            self._window = self._keyframe = self._rare = self._frequent = None
            self.frame_rate = self.keyframe_interval_s = None
            return
        self._look_at_frames(mono_ns, packets)
        self._look_at_keyframes(mono_ns, keyframes)

    def _look_at_frames(self, mono_ns: int, packets: int) -> None:
        if self._window is None:
            self._window = mono_ns, packets
        began_ns, before = self._window
        if mono_ns - began_ns < _WINDOW_NS:
            return
        elapsed_s = (mono_ns - began_ns) / NS_PER_S
        self._window = mono_ns, packets
        rate = (packets - before) / elapsed_s
        limit = _RECOVERED if self.frame_rate else _COLLAPSED
        self.frame_rate = Off(round(rate, 1), round(self._usual_rate, 1)) if rate < limit * self._usual_rate else None
        weight = 1.0 if rate > self._usual_rate else min(1.0, elapsed_s / _FORGET_S)
        self._usual_rate += (rate - self._usual_rate) * weight

    def _look_at_keyframes(self, mono_ns: int, keyframes: int) -> None:
        if self._keyframe is None or keyframes < self._keyframe[1]:
            self._keyframe = self._keyframe_window = mono_ns, keyframes
            self._rare = self._frequent = None
        seen_ns, before = self._keyframe
        waited_s = (mono_ns - seen_ns) / NS_PER_S
        if keyframes > before:  # several may have come since: their mean
            self._keyframe = mono_ns, keyframes
            self._rare = self._off_if(self._is_rare, waited_s / (keyframes - before))
        else:
            self._rare = self._off_if(self._is_rare, waited_s) or self._rare
        self._look_at_keyframe_window(mono_ns, keyframes)
        self.keyframe_interval_s = self._rare or self._frequent

    def _look_at_keyframe_window(self, mono_ns: int, keyframes: int) -> None:
        """What is usual, and whether keyframes are too frequent: of a while, since after a stall many come at once."""
        began_ns, before = self._keyframe_window
        if mono_ns - began_ns < _WINDOW_NS or keyframes == before:
            return
        self._keyframe_window = mono_ns, keyframes
        elapsed_s = (mono_ns - began_ns) / NS_PER_S
        interval_s, usual_s = elapsed_s / (keyframes - before), self._usual_interval_s
        off = self._is_rare(interval_s) or self._is_frequent(interval_s)
        self._frequent = self._off_if(self._is_frequent, interval_s)
        # While it is off it is learnt very slowly, like the frame rate.
        weight = min(1.0, elapsed_s / _FORGET_S) if off else _LEARNING
        self._usual_interval_s = usual_s + (interval_s - usual_s) * weight if usual_s else interval_s

    def _off_if(self, is_off: Callable[[float], bool], interval_s: float) -> Off | None:
        return Off(round(interval_s, 2), round(self._usual_interval_s, 1)) if is_off(interval_s) else None

    def _factor(self) -> float:
        return _KEYFRAMES_RECOVERED if self.keyframe_interval_s else _KEYFRAMES_OFF

    def _is_rare(self, interval_s: float) -> bool:
        if not self._usual_interval_s:
            return interval_s > _RARE_FROM_THE_START_S
        return interval_s > max(_RARE_S, self._factor() * self._usual_interval_s)

    def _is_frequent(self, interval_s: float) -> bool:
        return interval_s * self._factor() < self._usual_interval_s
