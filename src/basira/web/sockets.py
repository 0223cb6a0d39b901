"""What every WebSocket here does besides its own work: end when the browser leaves or the session ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from basira.web.guard import session_of
from basira.web.rooms import Rooms

SESSION_CHECK_S: Final = 15.0
# Of the range that applications may define: the page logs in again.
CLOSED_BY_LOGOUT: Final = 4401
CLOSED_BY_SLOWNESS: Final = 4408
CLOSED_BY_LACK_OF_ROOM: Final = 4503


async def serve(socket: WebSocket, rooms: Rooms, work: Coroutine[Any, Any, None], operation: str) -> None:
    """Run ``work`` on an accepted socket until it ends, the browser leaves, or the session does."""
    tasks = [
        asyncio.create_task(work),
        asyncio.create_task(_until_left(socket)),
        asyncio.create_task(_until_logged_out(socket, rooms)),
    ]
    opened = rooms.metrics.sockets.labels(operation)
    opened.inc()
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except WebSocketDisconnect:
        pass
    finally:
        opened.dec()
        for task in tasks:
            task.cancel()
        # Not gather: if this is cancelled meanwhile, it raises its children's cancellation instead of its own.
        ended, _ = await asyncio.wait(tasks)
        for task in ended:
            if not task.cancelled():
                task.exception()  # told above, if it was what ended the socket
    if socket.application_state is WebSocketState.CONNECTED and socket.client_state is WebSocketState.CONNECTED:
        await socket.close()


async def _until_left(socket: WebSocket) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return


async def _until_logged_out(socket: WebSocket, rooms: Rooms) -> None:
    while True:
        await asyncio.sleep(SESSION_CHECK_S)
        if await run_in_threadpool(session_of, socket, rooms) is None:
            await socket.close(CLOSED_BY_LOGOUT)
            return
