"""What the feed and the live sockets push, as JSON text messages; OpenAPI lists them under ``FeedMessage``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from basira.web.shapes.cameras import CameraState, CameraStreamState
from basira.web.shapes.common import Shape, TimeUs
from basira.web.shapes.events import Event
from basira.web.shapes.exports import Export
from basira.web.shapes.health import Alarm


class FeedEvent(Shape):
    """``alert`` instead of ``event`` when a zone made it one."""

    type: Literal["event", "alert"]
    event: Event


class FeedAlarm(Shape):
    type: Literal["alarm"] = "alarm"
    alarm: Alarm


class FeedCamera(Shape):
    type: Literal["camera"] = "camera"
    camera: str
    state: CameraState


class FeedExport(Shape):
    type: Literal["export"] = "export"
    export: Export


class FeedTime(Shape):
    type: Literal["time"] = "time"
    now_us: TimeUs


FeedMessage = Annotated[FeedEvent | FeedAlarm | FeedCamera | FeedExport | FeedTime, Field(discriminator="type")]


class LiveInit(Shape):
    """Precedes the bytes of an initialisation section."""

    type: Literal["init"] = "init"
    codecs: str
    segment: str
    start_us: TimeUs
    width: int
    height: int
    transcoded: bool


class LiveFragment(Shape):
    """Precedes the bytes of a fragment. ``dts_s`` restarts at 0 with each init; ``skipped``: fragments before this
    keyframe were dropped because the browser was too slow."""

    type: Literal["fragment"] = "fragment"
    start_us: TimeUs
    duration_us: int
    dts_s: float
    keyframe: bool
    skipped: bool
    sent_us: TimeUs


class LiveState(CameraStreamState):
    """What the recorder says of the stream now."""

    type: Literal["state"] = "state"


LiveMessage = Annotated[LiveInit | LiveFragment | LiveState, Field(discriminator="type")]
