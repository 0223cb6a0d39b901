"""Making a blocked FFmpeg call in another thread return.

PyAV has time-outs but no way to interrupt from outside. Its interrupt callback, which FFmpeg calls at least ten times
a second while it waits, asks its module's ``time.monotonic`` whether the time-out is over. While some source is
interrupted, that question is answered here: "yes, long ago" for the interrupted thread, truly for all others. At other
times PyAV asks the clock itself, for it asks a thousand times a second.
"""

from __future__ import annotations

import itertools
import threading
import time
from typing import Final

import av.container.core

_lock: Final = threading.Lock()
_interrupted_threads: Final[set[int]] = set()
_later: Final = itertools.count(1)
_AGES_S: Final = 1e12


class Interruption:
    """A flag that also ends the FFmpeg call of the thread that has entered. Set once, it stays set."""

    def __init__(self) -> None:
        self.is_set = False
        self._thread: int | None = None

    def enter(self) -> None:
        """From now on this thread's FFmpeg calls (given a time-out) end soon after :meth:`set`, and no other's."""
        with _lock:
            self._unmark(self._thread)
            self._thread = threading.get_ident()
            self._unmark(self._thread)  # a source of this thread that was interrupted and never closed
            if self.is_set:
                self._mark(self._thread)

    def leave(self) -> None:
        """This thread's FFmpeg calls are no longer meant."""
        with _lock:
            self._unmark(self._thread)
            self._thread = None

    def set(self) -> None:
        with _lock:
            self.is_set = True
            if self._thread is not None:
                self._mark(self._thread)

    @staticmethod
    def _mark(thread: int) -> None:
        _interrupted_threads.add(thread)
        _answer_for_pyav()

    @staticmethod
    def _unmark(thread: int | None) -> None:
        if thread in _interrupted_threads:
            _interrupted_threads.remove(thread)
            _answer_for_pyav()


class _WatchedTime:
    """Stands in for the ``time`` module inside PyAV's container module, which uses ``monotonic`` alone."""

    @staticmethod
    def monotonic() -> float:
        if threading.get_ident() not in _interrupted_threads:
            return time.monotonic()
        return next(_later) * _AGES_S  # ages after any answer before, the one a call began with included


def _answer_for_pyav() -> None:
    # The stub does not declare the name.
    vars(av.container.core)["time"] = _WatchedTime if _interrupted_threads else time
