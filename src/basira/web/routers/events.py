"""Events: list, read, look at, mark as seen."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from basira.base.identifiers import CameraId
from basira.web.contents import JPEG
from basira.web.guard import CurrentSession
from basira.web.pending import not_there_yet
from basira.web.rooms import TheRooms
from basira.web.shapes.common import TimeUs
from basira.web.shapes.events import Event, EventList

router = APIRouter(prefix="/events", tags=["events"])


@router.get("")
def list_events(
    rooms: TheRooms,
    camera: Annotated[list[CameraId] | None, Query(max_length=64)] = None,
    class_: Annotated[list[str] | None, Query(alias="class", max_length=100)] = None,
    zone: str | None = None,
    start_us: TimeUs | None = None,
    end_us: TimeUs | None = None,
    alert: bool | None = None,
    seen: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> EventList:
    """Newest first. ``next_cursor`` continues the same question."""
    raise not_there_yet()


@router.get("/{event}")
def read_event(event: str, rooms: TheRooms) -> Event:
    raise not_there_yet()


@router.get("/{event}/snapshot.jpg", response_class=Response, responses=JPEG)
def read_event_snapshot(event: str, rooms: TheRooms) -> Response:
    """The best picture of it."""
    raise not_there_yet()


@router.post("/{event}/seen")
def mark_seen(event: str, rooms: TheRooms, session: CurrentSession) -> Event:
    """Mark as seen; whoever was first stays on record."""
    raise not_there_yet()


@router.delete("/{event}/seen")
def unmark_seen(event: str, rooms: TheRooms) -> Event:
    raise not_there_yet()
