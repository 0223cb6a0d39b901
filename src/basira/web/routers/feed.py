"""What happens, as it happens, over a WebSocket."""

from __future__ import annotations

from fastapi import APIRouter, WebSocket

from basira.web.pending import not_there_yet
from basira.web.rooms import TheRooms

router = APIRouter(prefix="/feed", tags=["feed"])


@router.websocket("")
async def follow_feed(socket: WebSocket, rooms: TheRooms) -> None:
    raise not_there_yet()
