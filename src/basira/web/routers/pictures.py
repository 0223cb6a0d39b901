"""Still pictures of a camera: the exact frame of an instant, and quick previews."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from basira.base.identifiers import CameraId, StreamName
from basira.web.contents import JPEG
from basira.web.pending import not_there_yet
from basira.web.rooms import TheRooms
from basira.web.shapes.common import TimeUs

router = APIRouter(prefix="/cameras/{camera}", tags=["pictures"])

Width = Annotated[int, Query(ge=16, le=4096)]


@router.get("/snapshot.jpg", response_class=Response, responses=JPEG)
def read_snapshot(
    camera: CameraId,
    rooms: TheRooms,
    at_us: TimeUs | None = None,
    stream: StreamName = "main",
    width: Width | None = None,
) -> Response:
    """The exact frame at that instant; the latest when none is given. ``X-Basira-Time-Us`` says its time."""
    raise not_there_yet()


@router.get("/previews", response_class=Response, responses=JPEG)
def read_preview(camera: CameraId, rooms: TheRooms, at_us: TimeUs, width: Width = 160) -> Response:
    """The nearest keyframe, small. ``X-Basira-Time-Us`` says its time."""
    raise not_there_yet()
