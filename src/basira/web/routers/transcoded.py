"""H.264 views of what was recorded, for browsers that cannot play it. The recording stays untouched."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from basira.access.sessions import Session
from basira.base.errors import BasiraError
from basira.base.identifiers import CameraId, SegmentKey, StreamName
from basira.replay.transcode import VIEW_HEADER, VIEW_HEADER_VALUE
from basira.web.contents import MP4
from basira.web.guard import CurrentSession
from basira.web.rooms import Rooms, TheRooms

router = APIRouter(prefix="/transcoded/{camera}/{stream}/{recording}/{segment}", tags=["transcoded"])

Number = Annotated[int, Path(ge=0, le=2**31 - 1)]
Bytes = Annotated[int, Path(ge=0, le=2**53 - 1)]


def _answer(data: bytes) -> Response:
    return Response(data, media_type="video/mp4", headers={VIEW_HEADER: VIEW_HEADER_VALUE})


def _record(rooms: Rooms, session: Session, key: SegmentKey) -> None:
    """Write down who looks. Raises BasiraError ``footage_deleted``."""
    stored = rooms.footage.segment(key)
    if stored is None:
        raise BasiraError("footage_deleted", status=404)
    span = (stored.start_utc_ns, stored.end_utc_ns)
    rooms.access_log.record_coarsely("playback", session.user.name, (key.camera,), key.stream, span)


@router.get("/init.mp4", response_class=Response, responses=MP4)
async def read_transcoded_init(
    camera: CameraId, stream: StreamName, recording: Number, segment: Number, rooms: TheRooms, session: CurrentSession
) -> Response:
    """Initialisation section of a segment's view."""
    key = SegmentKey(rooms.catalogue.site, camera, stream, recording, segment)
    await run_in_threadpool(_record, rooms, session, key)
    return _answer(await rooms.transcoding.init(key))


@router.get("/{offset}-{length}.m4s", response_class=Response, responses=MP4)
async def read_transcoded_media(
    camera: CameraId, stream: StreamName, recording: Number, segment: Number, offset: Bytes, length: Bytes,
    rooms: TheRooms, session: CurrentSession,
) -> Response:  # fmt: skip
    """The groups of pictures in that range of the recorded file."""
    key = SegmentKey(rooms.catalogue.site, camera, stream, recording, segment)
    await run_in_threadpool(_record, rooms, session, key)
    return _answer(await rooms.transcoding.media(key, offset, length))
