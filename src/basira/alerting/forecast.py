"""When the disk will be full: from how much is recorded, and what retention will take away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class CameraRate:
    """How much a camera records a day, and after how many days its footage goes."""

    bytes_per_day: float
    stored_bytes: int
    retention_days: float
    retention_bytes: int | None = None

    @property
    def settles_at_bytes(self) -> float:
        """How much of it there will be once retention takes as much away as comes."""
        by_age = self.bytes_per_day * self.retention_days
        return by_age if self.retention_bytes is None else min(by_age, float(self.retention_bytes))


def full_in_s(free_bytes: int, floor_bytes: int, cameras: list[CameraRate]) -> float | None:
    """Seconds until the free space falls to the floor if all goes on as now; None when retention settles before.

    Each camera's footage grows at its rate until it settles. Held footage does not go, so the true day may be sooner.
    """
    room = float(free_bytes - floor_bytes)
    if room <= 0:
        return 0.0
    growth = [(camera.settles_at_bytes - camera.stored_bytes, camera.bytes_per_day) for camera in cameras]
    growing = sorted((left / rate, rate) for left, rate in growth if left > 0 and rate > 0)
    rate = sum(camera_rate for _, camera_rate in growing)
    day = 0.0
    for settles_on_day, camera_rate in growing:
        needed = rate * (settles_on_day - day)
        if needed >= room:
            return (day + room / rate) * _DAY_S
        room -= needed
        day = settles_on_day
        rate -= camera_rate
    return None
