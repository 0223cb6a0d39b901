"""H.264 views of what was recorded, for browsers that cannot play it. The recording stays untouched."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from basira.base.identifiers import CameraId, SegmentKey, StreamName
from basira.replay.transcode import VIEW_HEADER, VIEW_HEADER_VALUE
from basira.web.contents import MP4
from basira.web.rooms import TheRooms

router = APIRouter(prefix="/transcoded/{camera}/{stream}/{recording}/{segment}", tags=["transcoded"])

Number = Annotated[int, Path(ge=0, le=2**31 - 1)]
Bytes = Annotated[int, Path(ge=0, le=2**53 - 1)]


def _answer(data: bytes) -> Response:
    return Response(data, media_type="video/mp4", headers={VIEW_HEADER: VIEW_HEADER_VALUE})


@router.get("/init.mp4", response_class=Response, responses=MP4)
async def read_transcoded_init(
    camera: CameraId, stream: StreamName, recording: Number, segment: Number, rooms: TheRooms
) -> Response:
    """Initialisation section of a segment's view."""
    key = SegmentKey(rooms.catalogue.site, camera, stream, recording, segment)
    return _answer(await rooms.transcoding.init(key))


@router.get("/{offset}-{length}.m4s", response_class=Response, responses=MP4)
async def read_transcoded_media(
    camera: CameraId, stream: StreamName, recording: Number, segment: Number, offset: Bytes, length: Bytes,
    rooms: TheRooms,
) -> Response:  # fmt: skip
    """The groups of pictures in that range of the recorded file."""
    key = SegmentKey(rooms.catalogue.site, camera, stream, recording, segment)
    return _answer(await rooms.transcoding.media(key, offset, length))
