"""Live pictures over a WebSocket."""

from __future__ import annotations

from fastapi import APIRouter, WebSocket

from basira.base.identifiers import CameraId, StreamName
from basira.web.pending import not_there_yet
from basira.web.rooms import TheRooms

router = APIRouter(prefix="/live", tags=["live"])


@router.websocket("/{camera}/{stream}")
async def watch_live(
    socket: WebSocket, camera: CameraId, stream: StreamName, rooms: TheRooms, transcode: bool = False
) -> None:
    raise not_there_yet()
