"""Events: what the analysis says it saw, and who has looked at it."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from basira.web.shapes.common import Shape, TimeUs

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]


class Seen(Shape):
    by: str
    at_us: TimeUs


class PathPoint(Shape):
    """``box`` is x0, y0, x1, y1 in fractions of the picture."""

    t_us: TimeUs
    box: tuple[float, float, float, float]
    score: float


class Event(Shape):
    """``score`` is the detector's own opinion, 0 to 1. ``zones`` are those it touched."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True, validate_by_name=True)

    id: str
    camera: str
    stream: str
    class_: str = Field(alias="class")
    score: float
    start_us: TimeUs
    end_us: TimeUs
    ongoing: bool
    alert: bool
    zones: list[str]
    seen: Seen | None
    path: list[PathPoint]
    snapshot_us: TimeUs


class EventList(Shape):
    events: list[Event]
    next_cursor: str | None
