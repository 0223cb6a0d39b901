"""The health of the node put together: what the page's health screen shows and what alarms are made of."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from basira.alerting import conditions
from basira.alerting.alarms import Condition
from basira.alerting.asked import status_of
from basira.alerting.forecast import CameraRate, full_in_s
from basira.alerting.processes import ProcessReport, read_reports
from basira.alerting.recorder import RecorderWatch
from basira.alerting.usage import DAY_NS, CameraUsage, UsageReader
from basira.analysis.store import EventReader
from basira.base.clock import NS_PER_S, NS_PER_US, Clock
from basira.base.identifiers import StreamKey
from basira.base.settings import Settings
from basira.catalogue.cameras import Camera, Cameras
from basira.custody.home import CustodyHome
from basira.replay.footage import Footage, Gap
from basira.replay.ranges import gaps_of, spans_of

# What is read from files, databases and disks, camera by camera, and changes by the minute.
_SELDOM_NS: Final = 10 * NS_PER_S
# Less than this apart, what was not recorded in between makes no difference worth asking for.
_GAPS_COUNT_NS: Final = 20 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Disk:
    """``full_in_s``: until the free space falls to the floor; None when retention settles before."""

    total_bytes: int
    free_bytes: int
    floor_bytes: int
    footage_bytes: int
    bytes_per_day: float
    full_in_s: float | None
    oldest_utc_ns: int | None


@dataclass(frozen=True, slots=True)
class CameraDay:
    """The last 24 hours of a camera's main stream. ``recorded_ratio`` is of the time since it was added, if less."""

    recorded_ratio: float | None
    gaps: tuple[Gap, ...]
    bytes: int


class Health:
    """Reads; writes nothing. Thread-safe, but that ``conditions`` is for one thread."""

    def __init__(
        self, settings: Settings, clock: Clock, site: str, cameras: Cameras, footage: Footage, usage: UsageReader,
        events: EventReader, recorder: RecorderWatch,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._clock = clock
        self._site = site
        self._custody = CustodyHome(settings, site)
        self._cameras = cameras
        self._footage = footage
        self._usage = usage
        self._events = events
        self._recorder = recorder
        self._behind = conditions.Behind(settings.analysis_behind_s)
        self._slow: Sequence[Condition] = ()
        self._slow_until_mono_ns = clock.mono_ns()

    def processes(self) -> list[ProcessReport]:
        return read_reports(self._settings.run_path)

    def disk(self) -> Disk:
        """Raises OSError when even the folder above the footage cannot be reached."""
        usage = self._usage.by_camera()
        now_ns = self._clock.utc_ns()
        found = os.statvfs(_existing(self._settings.footage_path))
        free = found.f_bavail * found.f_frsize
        floor = self._settings.disk_floor_bytes
        rates = [self._rate(camera, usage[camera.id], now_ns) for camera in self._cameras.all() if camera.id in usage]
        return Disk(
            total_bytes=found.f_blocks * found.f_frsize,
            free_bytes=free,
            floor_bytes=floor,
            footage_bytes=sum(camera.bytes for camera in usage.values()),
            bytes_per_day=sum(rate.bytes_per_day for rate in rates),
            full_in_s=full_in_s(free, floor, rates),
            oldest_utc_ns=min((camera.oldest_utc_ns for camera in usage.values()), default=None),
        )

    def _rate(self, camera: Camera, usage: CameraUsage, now_ns: int) -> CameraRate:
        return CameraRate(
            usage.bytes_per_day(now_ns),
            usage.bytes,
            camera.retention_days or self._settings.retention_days,
            camera.retention_bytes,
        )

    def camera_day(self, camera: Camera) -> CameraDay:
        """The last 24 hours of a camera."""
        now_ns = self._clock.utc_ns()
        start_ns = max(now_ns - DAY_NS, camera.created_utc_ns)
        key = StreamKey(self._site, camera.id, "main")
        usage = self._usage.by_camera().get(camera.id)
        ratio: float | None = None
        if now_ns > start_ns:
            spans = spans_of(self._footage, key, start_ns, now_ns, NS_PER_S)
            ratio = min(1.0, sum(end_ns - begin_ns for begin_ns, end_ns in spans) / (now_ns - start_ns))
        gaps = tuple(gaps_of(self._footage, key, start_ns, max(now_ns, start_ns + 1)))
        return CameraDay(ratio, gaps, usage.bytes_24h if usage else 0)

    def analysed_streams(self) -> Sequence[Mapping[str, Any]]:
        """What the analysis says of each stream; empty while it does not answer."""
        streams: Sequence[Mapping[str, Any]] = status_of(self._settings.run_path, "analysis").get("streams", ())
        return streams

    def analysis_lag_s(self) -> dict[str, float | None]:
        """How far the analysis of each camera is behind its recording; None when it has not begun."""
        known = self._events.known_to()
        for stream in self.analysed_streams():  # fresher, while it answers
            if stream["known_to_us"]:
                key = StreamKey(self._site, stream["camera"], stream["stream"])
                known[key] = stream["known_to_us"] * NS_PER_US
        lags: dict[str, float | None] = {}
        for camera in self._cameras.all():
            if not (camera.enabled and camera.analyse):
                continue
            behind = [self._lag_s(key, until_ns) for key, until_ns in known.items() if key.camera == camera.id]
            lags[camera.id] = min(behind, default=None)
        return lags

    def _lag_s(self, key: StreamKey, known_to_utc_ns: int) -> float:
        newest = self._footage.newest_segment(key)
        return (
            0.0 if newest is None else pending_s(self._footage, key, known_to_utc_ns, self._footage.end_utc_ns(newest))
        )

    def conditions(self) -> Iterable[Condition]:
        """Everything that is wrong now; what changes slowly, as it was at most ten seconds ago.

        What needs a database that is away is left out until it is back.
        """
        status = self._recorder.status
        yield from conditions.of_recorder(status, self._recorder.silent_since_utc_ns())
        yield from conditions.of_gaps(status)
        yield from conditions.of_clock(status)
        yield from conditions.of_processes(self.processes())
        analysed = self.analysed_streams()
        yield from conditions.of_sight(analysed)
        yield from conditions.of_haste(analysed)
        if self._clock.mono_ns() >= self._slow_until_mono_ns:
            self._slow = tuple(self._slow_conditions())
            self._slow_until_mono_ns = self._clock.mono_ns() + _SELDOM_NS
        yield from self._slow

    def _slow_conditions(self) -> Iterable[Condition]:
        yield from conditions.of_custody(self._custody)
        yield from conditions.of_scrubber(status_of(self._settings.run_path, "scrubber"))
        try:
            lag_s = self.analysis_lag_s()
            forecast_s = self.disk().full_in_s
        except (SQLAlchemyError, OSError) as error:
            yield Condition("health_unknown", "warning", params={"reason": type(error).__name__})
            return
        yield from self._behind.update(lag_s)
        yield from conditions.of_disk(forecast_s)


def pending_s(footage: Footage, key: StreamKey, known_to_utc_ns: int, recorded_to_utc_ns: int) -> float:
    """Seconds of footage between two instants. After days without power nobody is days behind."""
    apart_ns = max(0, recorded_to_utc_ns - known_to_utc_ns)
    if apart_ns > _GAPS_COUNT_NS:
        spans = spans_of(footage, key, known_to_utc_ns, recorded_to_utc_ns, NS_PER_S)
        apart_ns = sum(end_ns - start_ns for start_ns, end_ns in spans)
    return apart_ns / NS_PER_S


def _existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
