"""Still pictures of a camera: the exact frame of an instant, and quick previews."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from basira.access.sessions import Session
from basira.base.identifiers import StreamName
from basira.replay.pictures import Picture
from basira.web.contents import JPEG
from basira.web.guard import CurrentSession
from basira.web.rooms import KnownCamera, Rooms, TheRooms
from basira.web.shapes.common import TimeUs, ns, us

router = APIRouter(prefix="/cameras/{camera}", tags=["pictures"])

Width = Annotated[int, Query(ge=16, le=4096)]


def _answer(picture: Picture) -> Response:
    return Response(picture.jpeg, media_type="image/jpeg", headers={"X-Basira-Time-Us": str(us(picture.utc_ns))})


async def _record(rooms: Rooms, session: Session, camera: str, stream: str, at_utc_ns: int | None) -> None:
    """Write down who looks, before the picture is made."""
    at_ns = rooms.clock.utc_ns() if at_utc_ns is None else at_utc_ns
    span = (at_ns, at_ns)
    await run_in_threadpool(rooms.access_log.record_coarsely, "snapshot", session.user.name, (camera,), stream, span)


@router.get("/snapshot.jpg", response_class=Response, responses=JPEG)
async def read_snapshot(
    camera: KnownCamera,
    rooms: TheRooms,
    session: CurrentSession,
    at_us: TimeUs | None = None,
    stream: StreamName = "main",
    width: Width | None = None,
) -> Response:
    """The exact frame at that instant; the latest when none is given. ``X-Basira-Time-Us`` says its time."""
    at_utc_ns = None if at_us is None else ns(at_us)
    await _record(rooms, session, camera.id, stream, at_utc_ns)
    return _answer(await rooms.pictures.snapshot(rooms.stream_key(camera.id, stream), at_utc_ns, width))


@router.get("/previews", response_class=Response, responses=JPEG)
async def read_preview(
    camera: KnownCamera, rooms: TheRooms, session: CurrentSession, at_us: TimeUs, width: Width = 160
) -> Response:
    """The nearest keyframe of the main stream, small. ``X-Basira-Time-Us`` says its time."""
    await _record(rooms, session, camera.id, "main", ns(at_us))
    return _answer(await rooms.pictures.preview(rooms.stream_key(camera.id, "main"), ns(at_us), width))
