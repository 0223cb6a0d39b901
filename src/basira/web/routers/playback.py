"""Recorded footage as HLS."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from basira.base.identifiers import CameraId, StreamName
from basira.web.contents import PLAYLIST
from basira.web.pending import not_there_yet
from basira.web.rooms import TheRooms
from basira.web.shapes.common import TimeUs

router = APIRouter(prefix="/playback", tags=["playback"])


@router.get("/{camera}/{stream}/index.m3u8", response_class=Response, responses=PLAYLIST)
def read_playlist(
    camera: CameraId,
    stream: StreamName,
    rooms: TheRooms,
    start_us: TimeUs,
    end_us: TimeUs,
    transcode: bool = False,
) -> Response:
    """HLS VOD playlist of a span: byte ranges of the recorded files."""
    raise not_there_yet()
