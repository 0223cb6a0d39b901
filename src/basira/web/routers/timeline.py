"""The timeline of several cameras."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query

from basira.analysis.event import Event
from basira.analysis.store import EventFilter
from basira.base.identifiers import CameraId
from basira.replay.ranges import gaps_of, spans_of
from basira.web.rooms import Rooms, TheRooms
from basira.web.shapes.common import TimeUs, ns, span_ns, us
from basira.web.shapes.timeline import (
    CameraTimeline,
    EventCount,
    Span,
    Timeline,
    TimelineEvent,
    TimelineGap,
    TimelineHold,
)

router = APIRouter(prefix="/timeline", tags=["timeline"])

# From here on a mark for each event is finer than what can be drawn.
_COARSE_US: Final = 10_000_000
_MOST_LISTED: Final = 2_000


@router.get("")
def read_timeline(
    rooms: TheRooms,
    camera: Annotated[list[CameraId], Query(min_length=1, max_length=64)],
    start_us: TimeUs,
    end_us: TimeUs,
    resolution_us: Annotated[int, Query(ge=1, le=2**53 - 1)] = 1_000_000,
) -> Timeline:
    """What the main streams recorded: spans merged to the resolution, gaps with their causes, events and holds.

    Events are counted by steps of the resolution, instead of listed, when it is 10 s or more or when they are many.
    """
    start_ns, end_ns = span_ns(start_us, end_us)
    known = [rooms.cameras.get(one).id for one in dict.fromkeys(camera)]
    return Timeline(cameras=[_camera(rooms, one, start_ns, end_ns, resolution_us) for one in known])


def _camera(rooms: Rooms, camera: str, start_ns: int, end_ns: int, resolution_us: int) -> CameraTimeline:
    key = rooms.stream_key(camera, "main")
    resolution_ns = ns(resolution_us)
    spans = spans_of(rooms.footage, key, start_ns, end_ns, resolution_ns)
    listed = _listed(rooms, camera, start_ns, end_ns) if resolution_us < _COARSE_US else None
    counted = () if listed is not None else rooms.events.event_counts([camera], start_ns, end_ns, resolution_ns)
    return CameraTimeline(
        camera=camera,
        spans=[Span(start_us=us(span.start_utc_ns), end_us=us(span.end_utc_ns)) for span in spans],
        gaps=_gaps(rooms, camera, start_ns, end_ns, resolution_ns),
        events=[
            TimelineEvent(
                id=event.id,
                class_=event.label,
                start_us=us(event.start_utc_ns),
                end_us=us(event.end_utc_ns),
                alert=event.alert,
            )
            for event in listed or ()
        ],
        event_counts=[
            EventCount(start_us=us(count.start_utc_ns), class_=count.label, count=count.count) for count in counted
        ],
        holds=[
            TimelineHold(id=hold.id, start_us=us(hold.start_utc_ns), end_us=us(hold.end_utc_ns))
            for hold in rooms.holds.all(camera=camera, lifted=False)
            if hold.start_utc_ns < end_ns and hold.end_utc_ns > start_ns
        ],
    )


def _listed(rooms: Rooms, camera: str, start_ns: int, end_ns: int) -> tuple[Event, ...] | None:
    """Every event of the span, oldest first; None when they are too many to list."""
    wanted = EventFilter(cameras=(camera,), start_utc_ns=start_ns, end_utc_ns=end_ns)
    page = rooms.events.query_events(wanted, _MOST_LISTED)
    return None if page.next_cursor is not None else page.events[::-1]


def _gaps(rooms: Rooms, camera: str, start_ns: int, end_ns: int, resolution_ns: int) -> list[TimelineGap]:
    now_ns = rooms.clock.utc_ns()
    return [
        TimelineGap(
            start_us=us(gap.start_utc_ns),
            end_us=us(max(gap.start_utc_ns, now_ns) if gap.end_utc_ns is None else gap.end_utc_ns),
            cause=gap.cause,
            detail=gap.detail,
            ongoing=gap.end_utc_ns is None,
        )
        for gap in gaps_of(rooms.footage, rooms.stream_key(camera, "main"), start_ns, end_ns, resolution_ns)
    ]
