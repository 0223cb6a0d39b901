"""Making a blocked FFmpeg call in another thread return.

PyAV has time-outs but no way to interrupt from outside. Its interrupt callback, which FFmpeg calls at least ten times
a second while it waits, asks the module's ``time.monotonic`` whether the time-out is over; here that question
is answered "yes, long ago" for a thread whose source has been interrupted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import av.container.core

_current = threading.local()


class Interruption:
    """A flag that also ends the FFmpeg call running under :meth:`watching`. Set once, it stays set."""

    def __init__(self) -> None:
        self.is_set = False

    def set(self) -> None:
        self.is_set = True

    @contextmanager
    def watching(self) -> Iterator[None]:
        """FFmpeg calls of this thread inside the block (given a time-out) end soon after :meth:`set`."""
        before = getattr(_current, "interruption", None)
        _current.interruption = self
        try:
            yield
        finally:
            _current.interruption = before


class _WatchedTime:
    """Stands in for the ``time`` module inside PyAV's container module, which uses ``monotonic`` alone."""

    @staticmethod
    def monotonic() -> float:
        interruption: Interruption | None = getattr(_current, "interruption", None)
        if interruption is not None and interruption.is_set:
            return float("inf")
        return time.monotonic()


setattr(av.container.core, "time", _WatchedTime)  # noqa: B010 - the stub does not declare it
