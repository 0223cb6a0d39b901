"""Live view for browsers that cannot play what is recorded: one decoder and encoder a stream, however many watch."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator
from typing import Final

import structlog

from basira.base.clock import Clock, SystemClock
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey
from basira.recording.layout import VIDEO_TIMESCALE, CommitFlag
from basira.replay.footage import Footage
from basira.replay.live import AWAY_NS, Channel, LiveFragment, LiveInit, LiveMessage, Viewer, init_message
from basira.replay.samples import read_samples, read_tracks
from basira.replay.tail import Skipped, Tail, TailFragment, TailSegment, live_cursor
from basira.replay.transcoder import Transcoder

_log = structlog.get_logger()
_POLL_S: Final = 0.05
_RETRY_S: Final = 1.0
# Further behind than this, whole groups of pictures are left out.
_BEHIND_S: Final = 2.0


class TranscodedLive:
    """As ``live.LiveHub``, in H.264; every init says ``transcoded``. At most ``streams`` streams at a time."""

    def __init__(self, footage: Footage, streams: int = 2, clock: Clock | None = None) -> None:
        self._footage = footage
        self._streams = streams
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._running: dict[StreamKey, _Stream] = {}

    def close(self) -> None:
        with self._lock:
            running, self._running = list(self._running.values()), {}
        for stream in running:
            stream.close()

    async def watch(self, stream: StreamKey) -> AsyncGenerator[LiveMessage]:
        """As ``LiveHub.watch``. Raises BasiraError ``transcode_busy``."""
        viewer = Viewer()
        with self._lock:
            running = self._running.get(stream)
            if running is None:
                if len(self._running) >= self._streams:
                    raise BasiraError("transcode_busy", status=503)
                running = self._running[stream] = _Stream(self._footage, stream, self._clock)
            running.channel.join(viewer)
        try:
            while True:
                yield await viewer.next()
        finally:
            with self._lock:
                unwatched = running.channel.leave(viewer)
                if unwatched and self._running.get(stream) is running:
                    del self._running[stream]
            if unwatched:
                running.stop()


class _Stream:
    """The thread that transcodes one stream while somebody watches it."""

    def __init__(self, footage: Footage, stream: StreamKey, clock: Clock) -> None:
        self.channel = Channel()
        self._footage = footage
        self._stream = stream
        self._clock = clock
        self._stop = threading.Event()
        self._segment: TailSegment | None = None
        self._transcoder: Transcoder | None = None
        self._thread = threading.Thread(target=self._run, name=f"transcode-{stream.camera}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End soon; does not wait."""
        self._stop.set()

    def close(self) -> None:
        self.stop()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            tail: Tail | None = None
            try:
                tail = Tail(self._footage, self._stream, live_cursor(self._footage, self._stream), self._clock)
                read_ns = self._clock.mono_ns()
                while not self._stop.wait(_POLL_S) and self._clock.mono_ns() - read_ns < AWAY_NS:
                    read_ns = self._clock.mono_ns()
                    self._take(tail)
            except Exception:  # noqa: BLE001 (watching goes on when the camera or the disk has recovered)
                _log.exception("live_transcode_failed", camera=self._stream.camera, stream=self._stream.stream)
                self._stop.wait(_RETRY_S)
            finally:
                if tail is not None:
                    tail.close()

    def _take(self, tail: Tail) -> None:
        fragments = [item for item in tail.available() if not isinstance(item, Skipped)]
        for fragment in newest_groups(fragments):
            if self._stop.is_set():
                return
            self.channel.publish(self._messages(fragment))

    def _messages(self, fragment: TailFragment) -> list[LiveMessage]:
        messages: list[LiveMessage] = []
        if fragment.segment is not self._segment:
            self._segment = fragment.segment
            messages.append(self._begin(fragment.segment))
        assert self._transcoder is not None
        samples = read_samples(fragment.data, self._tracks)
        last = CommitFlag.LAST_OF_SEGMENT in fragment.commit.flags
        stored = fragment.segment.stored
        for made in self._transcoder.fragments(samples, fragment.data, last=last):
            start_utc_ns = stored.utc_ns(made.dts)
            duration_ns = stored.utc_ns(made.dts + made.duration) - start_utc_ns
            dts_s = made.dts / VIDEO_TIMESCALE
            messages.append(LiveFragment(start_utc_ns, duration_ns, dts_s, made.keyframe, made.data))
        return messages

    def _begin(self, segment: TailSegment) -> LiveInit:
        self._tracks = read_tracks(segment.init)
        self._transcoder = Transcoder(self._tracks, segment.stored.width, segment.stored.height, encoder_threads=2)
        source = init_message(segment)
        return LiveInit(
            self._transcoder.codecs,
            source.segment,
            source.start_utc_ns,
            self._transcoder.width,
            self._transcoder.height,
            self._transcoder.init,
            transcoded=True,
        )


def newest_groups(fragments: list[TailFragment]) -> list[TailFragment]:
    """All of them, or when they are more than can be caught up with, those from the newest keyframe on."""
    waiting_ns = sum(fragment.end_utc_ns - fragment.start_utc_ns for fragment in fragments)
    if waiting_ns <= _BEHIND_S * 1e9:
        return fragments
    keyframes = [number for number, fragment in enumerate(fragments) if fragment.commit.starts_with_keyframe]
    return fragments[keyframes[-1] :] if keyframes else fragments
