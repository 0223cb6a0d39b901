"""Which cameras stand still while the disk is full and retention may delete no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# One camera more is stopped, or started again, at most this often, so that the effect of the last is seen first.
_PATIENCE_NS: Final = 20_000_000_000


class PressureValve:
    """Stops the least important cameras first, one after another, and lets them back in the opposite order.

    Under ``stop_below`` free bytes one more stops; over ``resume_above`` one returns.
    """

    def __init__(self, stop_below: int, resume_above: int) -> None:
        self._stop_below = stop_below
        self._resume_above = resume_above
        self._changed_mono_ns: int | None = None
        self.stopped: list[str] = []

    def update(self, free_bytes: int, cameras: Sequence[str], mono_ns: int) -> bool:
        """``cameras``: those recording or stopped here, least important first. Whether ``stopped`` changed."""
        present = [camera for camera in self.stopped if camera in cameras]
        changed = present != self.stopped
        self.stopped = present
        if self._changed_mono_ns is not None and mono_ns - self._changed_mono_ns < _PATIENCE_NS:
            return changed
        if free_bytes < self._stop_below:
            standing = next((camera for camera in cameras if camera not in self.stopped), None)
            if standing is not None:
                self.stopped.append(standing)
                changed = True
        elif free_bytes > self._resume_above and self.stopped:
            self.stopped.pop()
            changed = True
        if changed:
            self._changed_mono_ns = mono_ns
        return changed
