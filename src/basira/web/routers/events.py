"""Events: list, read, look at, mark as seen."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from basira.analysis.store import EventFilter
from basira.base.errors import BasiraError
from basira.base.identifiers import CameraId
from basira.web.contents import JPEG
from basira.web.guard import CurrentSession
from basira.web.rooms import Rooms, TheRooms
from basira.web.shapes.common import TimeUs, ns, us
from basira.web.shapes.events import Event, EventList, event_shape

router = APIRouter(prefix="/events", tags=["events"])

# Who asks for what is seen, or is not, gets an answer after at most so many pages that hold nothing of it.
_MOST_PAGES: Final = 20


@router.get("")
def list_events(
    rooms: TheRooms,
    session: CurrentSession,
    camera: Annotated[list[CameraId] | None, Query(max_length=64)] = None,
    class_: Annotated[list[str] | None, Query(alias="class", max_length=100)] = None,
    zone: Annotated[list[str] | None, Query(max_length=100)] = None,
    start_us: TimeUs | None = None,
    end_us: TimeUs | None = None,
    alert: bool | None = None,
    seen: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> EventList:
    """Newest first. ``next_cursor`` continues the same question; a page may hold fewer than ``limit`` before it."""
    wanted = EventFilter(
        cameras=tuple(camera or ()),
        labels=tuple(class_ or ()),
        zones=tuple(zone or ()),
        start_utc_ns=None if start_us is None else ns(start_us),
        end_utc_ns=None if end_us is None else ns(end_us),
        alert=alert,
    )
    span = (wanted.start_utc_ns or 0, wanted.end_utc_ns or rooms.clock.utc_ns())
    rooms.access_log.record_coarsely("search", session.user.name, wanted.cameras, None, span)
    found: list[Event] = []
    for _ in range(_MOST_PAGES):
        page = rooms.events.query_events(wanted, limit, cursor)
        reviews = rooms.reviews.of_events(event.id for event in page.events)
        shapes = (event_shape(event, reviews.get(event.id)) for event in page.events)
        found += [shape for shape in shapes if seen is None or seen == (shape.seen is not None)]
        cursor = page.next_cursor
        if found or cursor is None:
            break
    return EventList(events=found, next_cursor=cursor)


@router.get("/{event}")
def read_event(event: str, rooms: TheRooms) -> Event:
    return _event(rooms, event)


@router.get("/{event}/snapshot.jpg", response_class=Response, responses=JPEG)
def read_event_snapshot(event: str, rooms: TheRooms, session: CurrentSession) -> Response:
    """The best picture of it."""
    found = rooms.events.event(event)
    if found is not None:
        at_ns = found.snapshot_utc_ns
        rooms.access_log.record_coarsely("snapshot", session.user.name, (found.camera,), None, (at_ns, at_ns))
    jpeg = rooms.events.snapshot(event)
    if jpeg is None:
        raise BasiraError("not_found", status=404)
    headers = {} if found is None else {"X-Basira-Time-Us": str(us(found.snapshot_utc_ns))}
    return Response(jpeg, media_type="image/jpeg", headers=headers)


@router.post("/{event}/seen")
def mark_seen(event: str, rooms: TheRooms, session: CurrentSession) -> Event:
    """Mark as seen; whoever was first stays on record."""
    _event(rooms, event)
    rooms.reviews.mark_seen(event, by=session.user.name)
    return _event(rooms, event)


@router.delete("/{event}/seen")
def unmark_seen(event: str, rooms: TheRooms) -> Event:
    _event(rooms, event)
    rooms.reviews.unmark(event)
    return _event(rooms, event)


def _event(rooms: Rooms, event_id: str) -> Event:
    event = rooms.events.event(event_id)
    if event is None:
        raise BasiraError("not_found", status=404)
    return event_shape(event, rooms.reviews.of_events([event_id]).get(event_id))
