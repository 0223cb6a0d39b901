"""What happens, as it happens, over a WebSocket."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Final

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool

from basira.alerting.alarms import Alarm
from basira.alerting.feed import CameraChanged, FeedItem, TooFarBehind
from basira.analysis.event import Event
from basira.web.rooms import Rooms, TheRooms
from basira.web.shapes.cameras import state_shape
from basira.web.shapes.common import us
from basira.web.shapes.events import event_shape
from basira.web.shapes.exports import export_shape
from basira.web.shapes.feed import FeedAlarm, FeedCamera, FeedEvent, FeedExport, FeedMessage, FeedTime
from basira.web.shapes.health import alarm_shape
from basira.web.sockets import CLOSED_BY_SLOWNESS, serve

router = APIRouter(prefix="/feed", tags=["feed"])

TIME_EVERY_S: Final = 5.0


@router.websocket("")
async def follow_feed(socket: WebSocket, rooms: TheRooms) -> None:
    """Text messages, ``FeedMessage`` of the OpenAPI document. Closed with 4408 when the browser falls behind."""
    await socket.accept()
    await serve(socket, rooms, _push(socket, rooms), "feed")


async def _push(socket: WebSocket, rooms: Rooms) -> None:
    lock = asyncio.Lock()
    async with asyncio.TaskGroup() as tasks:
        clock = tasks.create_task(_tell_time(socket, rooms, lock))
        try:
            async with aclosing(rooms.feed.follow()) as items:
                async for item in items:
                    message = await _message(rooms, item)
                    async with lock:
                        await socket.send_text(message.model_dump_json())
        except TooFarBehind:
            clock.cancel()
            await socket.close(CLOSED_BY_SLOWNESS)


async def _tell_time(socket: WebSocket, rooms: Rooms, lock: asyncio.Lock) -> None:
    while True:
        async with lock:
            await socket.send_text(FeedTime(now_us=us(rooms.clock.utc_ns())).model_dump_json())
        await asyncio.sleep(TIME_EVERY_S)


async def _message(rooms: Rooms, item: FeedItem) -> FeedMessage:
    if isinstance(item, Event):
        reviews = await run_in_threadpool(rooms.reviews.of_events, [item.id])
        return FeedEvent(type="alert" if item.alert else "event", event=event_shape(item, reviews.get(item.id)))
    if isinstance(item, Alarm):
        return FeedAlarm(alarm=alarm_shape(item))
    if isinstance(item, CameraChanged):
        return FeedCamera(camera=item.camera, state=state_shape(item.streams))
    return FeedExport(export=export_shape(item))
