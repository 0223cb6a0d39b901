"""Recorded footage as HLS."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from basira.base.identifiers import StreamName
from basira.replay import hls
from basira.replay.ranges import parts_of
from basira.replay.transcode import VIEW_HEADER, VIEW_HEADER_VALUE, transcoded_playlist
from basira.web.contents import PLAYLIST
from basira.web.guard import CurrentSession
from basira.web.rooms import KnownCamera, TheRooms
from basira.web.shapes.common import TimeUs, span_ns

router = APIRouter(prefix="/playback", tags=["playback"])


@router.get("/{camera}/{stream}/index.m3u8", response_class=Response, responses=PLAYLIST)
def read_playlist(
    camera: KnownCamera,
    stream: StreamName,
    rooms: TheRooms,
    session: CurrentSession,
    start_us: TimeUs,
    end_us: TimeUs,
    transcode: bool = False,
) -> Response:
    """HLS VOD playlist of a span: byte ranges of the recorded files, or with ``transcode`` an H.264 view of them."""
    span = span_ns(start_us, end_us)
    rooms.access_log.record("playback", session.user.name, (camera.id,), stream, span)
    parts = parts_of(rooms.footage, rooms.stream_key(camera.id, stream), *span)
    if transcode:
        headers = {VIEW_HEADER: VIEW_HEADER_VALUE}
        return Response(transcoded_playlist(parts), media_type=hls.CONTENT_TYPE, headers=headers)
    return Response(hls.playlist(parts), media_type=hls.CONTENT_TYPE)
