"""Live pictures over a WebSocket."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Final

from fastapi import APIRouter, WebSocket
from fastapi.concurrency import run_in_threadpool

from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey, StreamName
from basira.replay.live import LiveHub, LiveInit
from basira.replay.transcoded_live import TranscodedLive
from basira.web.guard import CurrentSession
from basira.web.rooms import KnownCamera, Rooms, TheRooms
from basira.web.shapes.cameras import stream_state_shape
from basira.web.shapes.feed import LiveState
from basira.web.sockets import CLOSED_BY_LACK_OF_ROOM, serve

router = APIRouter(prefix="/live", tags=["live"])

_STATE_S: Final = 0.5


@router.websocket("/{camera}/{stream}")
async def watch_live(
    socket: WebSocket,
    camera: KnownCamera,
    stream: StreamName,
    rooms: TheRooms,
    session: CurrentSession,
    transcode: bool = False,
) -> None:
    """Text and binary in pairs: what the bytes are, then the bytes. Waits while nothing is recorded.

    Closed with 4503 when as many streams are transcoded as may be.
    """
    await run_in_threadpool(rooms.access_log.record, "live", session.user.name, (camera.id,), stream)
    await socket.accept()
    hub = rooms.transcoded_live if transcode else rooms.live
    await serve(socket, rooms, _push(socket, rooms, hub, rooms.stream_key(camera.id, stream)), "live")


async def _push(socket: WebSocket, rooms: Rooms, hub: LiveHub | TranscodedLive, stream: StreamKey) -> None:
    # A state must never come between a header and its bytes.
    lock = asyncio.Lock()
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(_tell_state(socket, rooms, stream, lock))
        try:
            async with aclosing(hub.watch(stream)) as messages:
                async for message in messages:
                    header = message.header() if isinstance(message, LiveInit) else message.header(rooms.clock.utc_ns())
                    async with lock:
                        await socket.send_json(header)
                        await socket.send_bytes(message.data)
        except BasiraError as error:
            telling.cancel()
            await socket.close(CLOSED_BY_LACK_OF_ROOM, error.code)


async def _tell_state(socket: WebSocket, rooms: Rooms, stream: StreamKey, lock: asyncio.Lock) -> None:
    """What the recorder says of the stream: at once, then whenever it says something else."""
    told: tuple[object, ...] | None = None
    while True:
        state = rooms.recorder.streams(stream.camera).get(stream.stream)
        if state is not None and told != (now := (state["state"], state["error"], state["gap"], state["codec"])):
            told = now
            async with lock:
                await socket.send_text(LiveState(**stream_state_shape(state).model_dump()).model_dump_json())
        await asyncio.sleep(_STATE_S)
