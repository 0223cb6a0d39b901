"""The recorded files themselves, byte for byte."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from basira.base.errors import BasiraError
from basira.base.identifiers import CameraId, SegmentKey, StreamName
from basira.replay.footage import unreadable
from basira.web.contents import MP4
from basira.web.file_answer import FileAnswer
from basira.web.guard import CurrentSession
from basira.web.rooms import TheRooms

router = APIRouter(prefix="/media", tags=["media"])

Number = Annotated[int, Path(ge=0, le=2**31 - 1)]


@router.get("/{camera}/{stream}/{recording}/{segment}.mp4", response_class=Response, responses=MP4)
def read_segment(
    camera: CameraId,
    stream: StreamName,
    recording: Number,
    segment: Number,
    rooms: TheRooms,
    session: CurrentSession,
    request: Request,
) -> Response:
    """A segment file as recorded, as far as it is committed; ``Range`` is honoured.

    A file that has become shorter than what was recorded is an error where it ends, not a shorter recording.
    """
    stored = rooms.footage.segment(SegmentKey(rooms.catalogue.site, camera, stream, recording, segment))
    if stored is None:
        raise BasiraError("footage_deleted", status=404)
    span = (stored.start_utc_ns, stored.end_utc_ns)
    rooms.access_log.record_coarsely("playback", session.user.name, (camera,), stream, span)
    length = stored.bytes
    if stored.state == "open":
        commits = rooms.footage.commits(stored)
        length = commits[-1].end if commits else stored.init_length
    try:
        file = stored.path.open("rb")
    except FileNotFoundError:
        raise BasiraError("footage_deleted", status=404) from None
    except OSError as error:
        raise unreadable(stored.path, error) from error
    return FileAnswer(request, file, length, "video/mp4", etag=f'"{recording}-{segment}-{length}"', headers={})
