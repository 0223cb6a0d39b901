"""What happens, told to whoever follows, as it happens: events, alarms, cameras, exports."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Final

from basira.alerting.alarms import Alarm
from basira.analysis.event import Event
from basira.catalogue.exports import Export

# A follower that is this far behind has lost its connection without knowing.
_MOST_WAITING: Final = 1_000


@dataclass(frozen=True, slots=True)
class CameraChanged:
    """What the recorder says of a camera now, by stream, as :mod:`basira.alerting.recorder` keeps it."""

    camera: str
    streams: dict[str, Any]


FeedItem = Event | Alarm | Export | CameraChanged


class TooFarBehind(Exception):
    """The follower did not take what was told; it should ask anew for what it shows."""


class _Follower:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[FeedItem] = asyncio.Queue(_MOST_WAITING)
        self._overflowed = False

    def offer(self, item: FeedItem) -> None:
        try:
            self._loop.call_soon_threadsafe(self._put, item)
        except RuntimeError:
            if not self._loop.is_closed():
                raise

    def _put(self, item: FeedItem) -> None:
        if self._waiting.full():
            self._overflowed = True
        else:
            self._waiting.put_nowait(item)

    async def next(self) -> FeedItem:
        if self._overflowed:
            raise TooFarBehind
        return await self._waiting.get()


class Feed:
    """Fan-out in memory. ``publish`` from any thread never blocks; ``follow`` belongs to event loops."""

    def __init__(self) -> None:
        self._followers: set[_Follower] = set()
        self._lock = threading.Lock()

    def publish(self, item: FeedItem) -> None:
        with self._lock:
            followers = tuple(self._followers)
        for follower in followers:
            follower.offer(item)

    async def follow(self) -> AsyncGenerator[FeedItem]:
        """Everything published from now on. Raises TooFarBehind. To be closed (``contextlib.aclosing``)."""
        follower = _Follower()
        with self._lock:
            self._followers.add(follower)
        try:
            while True:
                yield await follower.next()
        finally:
            with self._lock:
                self._followers.discard(follower)
