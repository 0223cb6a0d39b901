"""Health of the node: processes, cameras, disk, analysis, clock, alarms."""

from __future__ import annotations

from typing import Literal

from basira.alerting import alarms
from basira.alerting.processes import ProcessState, Role
from basira.web.shapes.cameras import CameraStreamState
from basira.web.shapes.common import Params, Problem, Sentence, Shape, TimeUs, us, us_or_none


class Alarm(Shape):
    """Something that needs a person; ``ended_us`` is set when it is over."""

    id: str
    code: str
    severity: Literal["info", "warning", "error"]
    message: Sentence
    params: Params
    camera: str | None
    since_us: TimeUs
    ended_us: TimeUs | None


class AlarmList(Shape):
    """Those that last first, then the most recent that are over."""

    alarms: list[Alarm]


class Process(Shape):
    name: Role
    state: ProcessState
    since_us: TimeUs | None
    restarts: int


class HealthGap(Shape):
    stream: str
    start_us: TimeUs
    end_us: TimeUs | None
    cause: str
    detail: str


class CameraHealth(Shape):
    """``recorded_24h_ratio``: of the last 24 hours, or of the time since the camera was added when that is less."""

    camera: str
    streams: dict[str, CameraStreamState]
    recorded_24h_ratio: float | None
    gaps_24h: list[HealthGap]
    bytes_24h: int


class Disk(Shape):
    """``full_in_s``: until the free space falls to the floor at the present rate; absent when it will not."""

    total_bytes: int
    free_bytes: int
    floor_bytes: int
    footage_bytes: int
    bytes_per_day: float
    full_in_s: float | None
    oldest_us: TimeUs | None


class AnalysisHealth(Shape):
    """How far the analysis of each camera is behind its recording, seconds; absent when nothing is analysed."""

    lag_s: dict[str, float | None]


class ClockStep(Shape):
    at_us: TimeUs
    step_us: int


class ClockHealth(Shape):
    synchronised: bool | None
    last_step: ClockStep | None


class Health(Shape):
    processes: list[Process]
    cameras: list[CameraHealth]
    disk: Disk
    analysis: AnalysisHealth
    alarms: list[Alarm]
    clock: ClockHealth


def alarm_shape(alarm: alarms.Alarm) -> Alarm:
    """An alarm with its sentence."""
    condition = alarm.condition
    problem = Problem.of_code(condition.code, dict(condition.params))
    return Alarm(
        id=alarm.id,
        code=problem.code,
        severity=condition.severity,
        message=problem.message,
        params=problem.params,
        camera=condition.camera,
        since_us=us(alarm.since_utc_ns),
        ended_us=us_or_none(alarm.ended_utc_ns),
    )
