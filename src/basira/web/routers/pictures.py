"""Still pictures of a camera: the exact frame of an instant, and quick previews."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from basira.base.identifiers import StreamName
from basira.replay.pictures import Picture
from basira.web.contents import JPEG
from basira.web.rooms import KnownCamera, TheRooms
from basira.web.shapes.common import TimeUs, ns, us

router = APIRouter(prefix="/cameras/{camera}", tags=["pictures"])

Width = Annotated[int, Query(ge=16, le=4096)]


def _answer(picture: Picture) -> Response:
    return Response(picture.jpeg, media_type="image/jpeg", headers={"X-Basira-Time-Us": str(us(picture.utc_ns))})


@router.get("/snapshot.jpg", response_class=Response, responses=JPEG)
async def read_snapshot(
    camera: KnownCamera,
    rooms: TheRooms,
    at_us: TimeUs | None = None,
    stream: StreamName = "main",
    width: Width | None = None,
) -> Response:
    """The exact frame at that instant; the latest when none is given. ``X-Basira-Time-Us`` says its time."""
    at_utc_ns = None if at_us is None else ns(at_us)
    return _answer(await rooms.pictures.snapshot(rooms.stream_key(camera.id, stream), at_utc_ns, width))


@router.get("/previews", response_class=Response, responses=JPEG)
async def read_preview(camera: KnownCamera, rooms: TheRooms, at_us: TimeUs, width: Width = 160) -> Response:
    """The nearest keyframe of the main stream, small. ``X-Basira-Time-Us`` says its time."""
    return _answer(await rooms.pictures.preview(rooms.stream_key(camera.id, "main"), ns(at_us), width))
