"""Health and alarms of the node."""

from __future__ import annotations

from fastapi import APIRouter

from basira.catalogue.cameras import Camera
from basira.web.rooms import Rooms, TheRooms
from basira.web.shapes.cameras import state_shape
from basira.web.shapes.common import us, us_or_none
from basira.web.shapes.health import (
    Alarm,
    AlarmList,
    AnalysisHealth,
    CameraHealth,
    ClockHealth,
    ClockStep,
    Disk,
    Health,
    HealthGap,
    Process,
    alarm_shape,
)

router = APIRouter(tags=["health"])


@router.get("/health")
def read_health(rooms: TheRooms) -> Health:
    """Everything about the node's health at one glance."""
    return Health(
        processes=[
            Process(name=one.name, state=one.state, since_us=us_or_none(one.since_utc_ns), restarts=one.restarts)
            for one in rooms.health.processes()
        ],
        cameras=[_camera(rooms, camera) for camera in rooms.cameras.all()],
        disk=_disk(rooms),
        analysis=AnalysisHealth(lag_s=rooms.health.analysis_lag_s()),
        alarms=_lasting(rooms),
        clock=_clock(rooms),
    )


@router.get("/alarms")
def list_alarms(rooms: TheRooms) -> AlarmList:
    """Those that last, gravest first, and then the most recent that are over."""
    return AlarmList(alarms=[*_lasting(rooms), *(alarm_shape(alarm) for alarm in rooms.watch.alarms.over())])


def _lasting(rooms: Rooms) -> list[Alarm]:
    return [alarm_shape(alarm) for alarm in rooms.watch.alarms.lasting()]


def _camera(rooms: Rooms, camera: Camera) -> CameraHealth:
    day = rooms.health.camera_day(camera)
    gaps = [
        HealthGap(
            stream="main",
            start_us=us(gap.start_utc_ns),
            end_us=us_or_none(gap.end_utc_ns),
            cause=gap.cause,
            detail=gap.detail,
        )
        for gap in day.gaps
    ]
    return CameraHealth(
        camera=camera.id,
        streams=state_shape(rooms.recorder.streams(camera.id)).streams,
        recorded_24h_ratio=day.recorded_ratio,
        gaps_24h=gaps,
        bytes_24h=day.bytes,
    )


def _disk(rooms: Rooms) -> Disk:
    disk = rooms.health.disk()
    return Disk(
        total_bytes=disk.total_bytes,
        free_bytes=disk.free_bytes,
        floor_bytes=disk.floor_bytes,
        footage_bytes=disk.footage_bytes,
        bytes_per_day=disk.bytes_per_day,
        full_in_s=disk.full_in_s,
        oldest_us=us_or_none(disk.oldest_utc_ns),
    )


def _clock(rooms: Rooms) -> ClockHealth:
    status = rooms.recorder.status
    if status is None:
        return ClockHealth(synchronised=None, last_step=None)
    step = status["clock"]["last_step"]
    return ClockHealth(
        synchronised=status["clock"]["synchronised"],
        last_step=ClockStep(at_us=us(step["utc_ns"]), step_us=step["step_ns"] // 1000) if step else None,
    )
