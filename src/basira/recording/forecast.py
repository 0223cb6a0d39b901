"""When recording will have to stop for want of room, told hours ahead.

Room is what is free and what retention may delete. While retention keeps up it stays the same, however full the disk:
what is recorded takes from the one and adds to the other. It shrinks when footage is held, when something else fills
the disk, or when retention cannot delete.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from basira.base.clock import NS_PER_S

_WINDOW_NS: Final = 6 * 3600 * NS_PER_S
EVERY_NS: Final = 600 * NS_PER_S


class RoomForecast:
    """Give it a sample now and then; more often than every ten minutes is ignored."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque()

    def sample(self, mono_ns: int, room_bytes: int) -> None:
        if self._samples and mono_ns - self._samples[-1][0] < EVERY_NS:
            return
        self._samples.append((mono_ns, room_bytes))
        while mono_ns - self._samples[0][0] > _WINDOW_NS:
            self._samples.popleft()

    def stops_in_s(self, least_bytes: int) -> float | None:
        """Seconds until there is room for ``least_bytes`` only, if it goes on shrinking; None when it does not."""
        if len(self._samples) < 2:
            return None
        (first_ns, first_bytes), (last_ns, last_bytes) = self._samples[0], self._samples[-1]
        shrunk_bytes = first_bytes - last_bytes
        if shrunk_bytes <= 0:
            return None
        return max(0.0, (last_bytes - least_bytes) / shrunk_bytes * (last_ns - first_ns) / NS_PER_S)
