"""Live pictures over a WebSocket."""

from __future__ import annotations

from contextlib import aclosing

from fastapi import APIRouter, WebSocket

from basira.base.identifiers import StreamKey, StreamName
from basira.replay.live import LiveInit
from basira.web.rooms import KnownCamera, Rooms, TheRooms
from basira.web.sockets import serve

router = APIRouter(prefix="/live", tags=["live"])


@router.websocket("/{camera}/{stream}")
async def watch_live(socket: WebSocket, camera: KnownCamera, stream: StreamName, rooms: TheRooms) -> None:
    """Text and binary in pairs: what the bytes are, then the bytes. Waits while nothing is recorded."""
    await socket.accept()
    await serve(socket, rooms, _push(socket, rooms, rooms.stream_key(camera.id, stream)))


async def _push(socket: WebSocket, rooms: Rooms, stream: StreamKey) -> None:
    async with aclosing(rooms.live.watch(stream)) as messages:
        async for message in messages:
            header = message.header() if isinstance(message, LiveInit) else message.header(rooms.clock.utc_ns())
            await socket.send_json(header)
            await socket.send_bytes(message.data)
