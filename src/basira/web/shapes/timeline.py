"""The timeline: recording, gaps, events and holds of several cameras over a span."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from basira.web.shapes.common import Shape, TimeUs


class Span(Shape):
    start_us: TimeUs
    end_us: TimeUs


class TimelineGap(Shape):
    """``detail`` is an error code or empty; a gap that lasts ends at the end of the request or now."""

    start_us: TimeUs
    end_us: TimeUs
    cause: str
    detail: str
    ongoing: bool


class TimelineEvent(Shape):
    model_config = ConfigDict(extra="forbid", serialize_by_alias=True, validate_by_name=True)

    id: str
    class_: str = Field(alias="class")
    start_us: TimeUs
    end_us: TimeUs
    alert: bool


class EventCount(Shape):
    model_config = ConfigDict(extra="forbid", serialize_by_alias=True, validate_by_name=True)

    start_us: TimeUs
    class_: str = Field(alias="class")
    count: int


class TimelineHold(Shape):
    id: str
    start_us: TimeUs
    end_us: TimeUs


class CameraTimeline(Shape):
    """``events`` when the resolution is fine, else ``event_counts``: how many began in each step of it."""

    camera: str
    spans: list[Span]
    gaps: list[TimelineGap]
    events: list[TimelineEvent]
    event_counts: list[EventCount]
    holds: list[TimelineHold]


class Timeline(Shape):
    cameras: list[CameraTimeline]
