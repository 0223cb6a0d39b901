"""How much footage each camera has and makes, from the index."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, case, func, select

from basira.base.clock import NS_PER_S, Clock
from basira.recording.schema import segments

DAY_NS: Final = 86_400 * NS_PER_S
# Adding up every segment of a large site takes a moment, and nobody needs it fresher.
_KEEP_NS: Final = 30 * NS_PER_S


@dataclass(frozen=True, slots=True)
class CameraUsage:
    """``oldest_utc_ns`` is the start of the oldest footage; ``bytes_24h`` what began in the last 24 hours."""

    bytes: int
    bytes_24h: int
    oldest_utc_ns: int

    def bytes_per_day(self, now_utc_ns: int) -> float:
        """Of the last day; of the time since the oldest footage when that is less, but of an hour at least."""
        recorded_ns = min(DAY_NS, max(now_utc_ns - self.oldest_utc_ns, DAY_NS // 24))
        return self.bytes_24h * DAY_NS / recorded_ns


class UsageReader:
    """Reads the index. Thread-safe; answers are at most half a minute old."""

    def __init__(self, index: Engine, site: str, clock: Clock) -> None:
        self._index = index
        self._site = site
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, CameraUsage] = {}
        self._read_mono_ns: int | None = None

    def by_camera(self) -> dict[str, CameraUsage]:
        """Usage of each camera that has footage, removed ones too."""
        with self._lock:
            now_mono_ns = self._clock.mono_ns()
            if self._read_mono_ns is None or now_mono_ns - self._read_mono_ns > _KEEP_NS:
                self._known = self._read()
                self._read_mono_ns = now_mono_ns
            return self._known

    def _read(self) -> dict[str, CameraUsage]:
        columns = segments.c
        since_ns = self._clock.utc_ns() - DAY_NS
        recent = func.sum(case((columns.start_utc_ns >= since_ns, columns.bytes), else_=0))
        statement = (
            select(columns.camera, func.sum(columns.bytes), recent, func.min(columns.start_utc_ns))
            .where(columns.site == self._site)
            .group_by(columns.camera)
        )
        with self._index.connect() as connection:
            return {row[0]: CameraUsage(int(row[1]), int(row[2]), int(row[3])) for row in connection.execute(statement)}
