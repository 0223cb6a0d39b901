"""Live view: recorded fragments handed to viewers as they are committed, for Media Source Extensions.

One tail per watched stream, read by one thread for all streams; viewers of a stream share its bytes. A viewer that
cannot keep up loses whole groups of pictures, never memory.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Final

import structlog

from basira.base.clock import NS_PER_S, NS_PER_US, Clock, SystemClock
from basira.base.identifiers import StreamKey
from basira.recording.layout import VIDEO_TIMESCALE
from basira.replay.footage import Footage
from basira.replay.tail import Skipped, Tail, TailFragment, TailSegment, live_cursor

_log = structlog.get_logger()

POLL_S: Final = 0.04
# Once this much waits for a viewer, it goes on at the next keyframe.
_BEHIND_S: Final = 3.0
# And this much never waits, however far apart keyframes are.
_MOST_BYTES: Final = 48 * 1024**2
_RETRY_NS: Final = NS_PER_S
# A reader that was away for longer (the machine slept) begins again at the live edge instead of catching up.
AWAY_NS: Final = 5 * NS_PER_S


@dataclass(frozen=True, slots=True)
class LiveInit:
    """Initialisation section of the segment that the following fragments belong to.

    ``transcoded``: what follows is a view made for this viewer, not the recording.
    """

    codecs: str
    segment: str
    start_utc_ns: int
    width: int
    height: int
    data: bytes
    transcoded: bool = False

    def header(self) -> dict[str, object]:
        """The text message that precedes the bytes."""
        return {
            "type": "init",
            "codecs": self.codecs,
            "segment": self.segment,
            "start_us": self.start_utc_ns // NS_PER_US,
            "width": self.width,
            "height": self.height,
            "transcoded": self.transcoded,
        }


@dataclass(frozen=True, slots=True)
class LiveFragment:
    """One fragment; ``dts_s`` counts from the last init. ``skipped``: fragments before it were dropped."""

    start_utc_ns: int
    duration_ns: int
    dts_s: float
    keyframe: bool
    data: bytes
    skipped: bool = False

    def header(self, sent_utc_ns: int) -> dict[str, object]:
        """The text message that precedes the bytes."""
        return {
            "type": "fragment",
            "start_us": self.start_utc_ns // NS_PER_US,
            "duration_us": self.duration_ns // NS_PER_US,
            "dts_s": self.dts_s,
            "keyframe": self.keyframe,
            "skipped": self.skipped,
            "sent_us": sent_utc_ns // NS_PER_US,
        }


LiveMessage = LiveInit | LiveFragment


def init_message(segment: TailSegment) -> LiveInit:
    stored = segment.stored
    return LiveInit(
        stored.codecs,
        f"{stored.key.recording}/{stored.key.segment}",
        stored.start_utc_ns,
        stored.width,
        stored.height,
        segment.init,
    )


def fragment_message(fragment: TailFragment) -> LiveFragment:
    commit = fragment.commit
    return LiveFragment(
        fragment.start_utc_ns,
        fragment.end_utc_ns - fragment.start_utc_ns,
        commit.dts / VIDEO_TIMESCALE,
        commit.starts_with_keyframe,
        fragment.data,
    )


class Viewer:
    """The queue of one viewer. All but :meth:`offer` belong to the event loop it was made in."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.waiting: deque[LiveMessage] = deque()
        self._filled = asyncio.Event()
        self._needs_keyframe = True
        self._has_skipped = False

    def offer(self, messages: list[LiveMessage]) -> None:
        """Queue messages, from any thread. Does nothing once the loop is closed."""
        try:
            self._loop.call_soon_threadsafe(self._put, messages)
        except RuntimeError:
            if not self._loop.is_closed():
                raise

    async def next(self) -> LiveMessage:
        while not self.waiting:
            self._filled.clear()
            await self._filled.wait()
        return self.waiting.popleft()

    def _put(self, messages: list[LiveMessage]) -> None:
        for message in messages:
            if isinstance(message, LiveFragment):
                if message.keyframe and self._waiting_s() > _BEHIND_S:
                    self._drop()
                elif self.waiting_bytes > _MOST_BYTES:
                    self._drop()
                    self._needs_keyframe = True
                if self._needs_keyframe and not message.keyframe:
                    continue
                self._needs_keyframe = False
                if self._has_skipped:
                    message, self._has_skipped = replace(message, skipped=True), False
            self.waiting.append(message)
        self._filled.set()

    def _waiting_s(self) -> float:
        return sum(message.duration_ns for message in self.waiting if isinstance(message, LiveFragment)) / 1e9

    @property
    def waiting_bytes(self) -> int:
        return sum(len(message.data) for message in self.waiting)

    def _drop(self) -> None:
        """Forget all that waits but the newest initialisation section."""
        inits = [message for message in self.waiting if isinstance(message, LiveInit)]
        self.waiting = deque(inits[-1:])
        self._has_skipped = True


class Channel:
    """Fan-out of one stream: what a viewer who joins now needs first, and everybody's next message. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._viewers: set[Viewer] = set()
        self._init: LiveInit | None = None
        self._group: list[LiveMessage] = []

    def join(self, viewer: Viewer) -> None:
        with self._lock:
            self._viewers.add(viewer)
            if self._init is not None:
                viewer.offer([self._init, *self._group])

    def leave(self, viewer: Viewer) -> bool:
        """Whether nobody is left."""
        with self._lock:
            self._viewers.discard(viewer)
            return not self._viewers

    def publish(self, messages: list[LiveMessage]) -> None:
        if not messages:
            return
        with self._lock:
            for message in messages:
                if isinstance(message, LiveInit):
                    self._init, self._group = message, []
                elif message.keyframe:
                    self._group = [message]
                else:
                    self._group.append(message)
            for viewer in self._viewers:
                viewer.offer(messages)


class Followed:
    """A stream being watched, read by the hub's thread."""

    def __init__(self, footage: Footage, stream: StreamKey, clock: Clock) -> None:
        self.channel = Channel()
        self._footage = footage
        self._stream = stream
        self._clock = clock
        self._tail: Tail | None = None
        self._segment: TailSegment | None = None
        self._retry_ns = 0
        self._pumped_ns = 0
        self._failing = False

    def pump(self) -> None:
        """Publish what is new. Trouble (a disk error, a locked index) is told, tried again in a second, and is not
        the other streams'."""
        now_ns = self._clock.mono_ns()
        if now_ns < self._retry_ns:
            return
        if now_ns - self._pumped_ns > AWAY_NS:
            self.close()
        self._pumped_ns = now_ns
        try:
            self._publish_new()
            self._failing = False
        except Exception:  # noqa: BLE001 (one stream must not end the thread of all)
            if not self._failing:
                _log.exception("live_stream_unreadable", camera=self._stream.camera, stream=self._stream.stream)
            self._failing = True
            self.close()
            self._retry_ns = self._clock.mono_ns() + _RETRY_NS

    def _publish_new(self) -> None:
        if self._tail is None:
            self._tail = Tail(self._footage, self._stream, live_cursor(self._footage, self._stream), self._clock)
        messages: list[LiveMessage] = []
        for item in self._tail.available():
            if isinstance(item, Skipped):
                continue
            if item.segment is not self._segment:
                self._segment = item.segment
                messages.append(init_message(item.segment))
            messages.append(fragment_message(item))
        self.channel.publish(messages)

    def close(self) -> None:
        if self._tail is not None:
            self._tail.close()
            self._tail = None


class LiveHub:
    """Live streams for any number of viewers. ``watch`` belongs to event loops; the rest is thread-safe."""

    def __init__(self, footage: Footage, clock: Clock | None = None, poll_s: float = POLL_S) -> None:
        self._footage = footage
        self._clock = clock or SystemClock()
        self._poll_s = poll_s
        self._lock = threading.Lock()
        self._followed: dict[StreamKey, Followed] = {}
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the thread; viewers get nothing more."""
        self._stopped = True
        self._wake.set()
        self._thread.join()

    def is_watched(self, stream: StreamKey) -> bool:
        with self._lock:
            return stream in self._followed

    async def watch(self, stream: StreamKey) -> AsyncGenerator[LiveMessage]:
        """An init, the fragments since the newest keyframe, then all that follow, with a new init per segment.

        Waits for ever while nothing is recorded. To be closed (``contextlib.aclosing``).
        """
        viewer = Viewer()
        with self._lock:
            followed = self._followed.get(stream)
            if followed is None:
                followed = self._followed[stream] = Followed(self._footage, stream, self._clock)
            followed.channel.join(viewer)
        self._wake.set()
        try:
            while True:
                yield await viewer.next()
        finally:
            with self._lock:
                if followed.channel.leave(viewer) and self._followed.get(stream) is followed:
                    del self._followed[stream]

    def _run(self) -> None:
        active: list[Followed] = []
        while not self._stopped:
            with self._lock:
                gone = [followed for followed in active if followed not in self._followed.values()]
                active = list(self._followed.values())
            for followed in gone:
                followed.close()
            for followed in active:
                followed.pump()
            if active:
                self._clock.sleep(self._poll_s)
            else:
                self._wake.wait()
                self._wake.clear()
        for followed in active:
            followed.close()
