"""Events: what the analysis says it saw, and who has looked at it."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from basira.analysis import event as analysis
from basira.catalogue.reviews import Review
from basira.web.shapes.common import Shape, TimeUs, us


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


def event_shape(event: analysis.Event, review: Review | None) -> Event:
    """An event of the analysis, and who has seen it."""
    return Event(
        id=event.id,
        camera=event.camera,
        stream=event.stream,
        class_=event.label,
        score=event.score,
        start_us=us(event.start_utc_ns),
        end_us=us(event.end_utc_ns),
        ongoing=event.ongoing,
        alert=event.alert,
        zones=list(event.zones),
        seen=Seen(by=review.seen_by, at_us=us(review.seen_utc_ns)) if review else None,
        path=[PathPoint(t_us=us(point.utc_ns), box=point.box, score=point.score) for point in event.path],
        snapshot_us=us(event.snapshot_utc_ns),
    )
