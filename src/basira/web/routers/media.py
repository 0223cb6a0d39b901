"""The recorded files themselves, byte for byte."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from basira.base.identifiers import CameraId, StreamName
from basira.web.contents import MP4
from basira.web.pending import not_there_yet
from basira.web.rooms import TheRooms

router = APIRouter(prefix="/media", tags=["media"])

Number = Annotated[int, Path(ge=0, le=2**31 - 1)]


@router.get("/{camera}/{stream}/{recording}/{segment}.mp4", response_class=Response, responses=MP4)
def read_segment(camera: CameraId, stream: StreamName, recording: Number, segment: Number, rooms: TheRooms) -> Response:
    """A segment file as recorded; ``Range`` is honoured."""
    raise not_there_yet()
