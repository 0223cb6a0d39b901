"""Still pictures out of the recording: previews for scrubbing, and the exact frame at an instant."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Final

from av.video.frame import VideoFrame

from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.base.identifiers import SegmentKey, StreamKey
from basira.recording.layout import Gop
from basira.replay.decoding import decode, encode_jpeg
from basira.replay.footage import Footage, StoredSegment
from basira.replay.ranges import Part, parts_of
from basira.replay.samples import media_time_of
from basira.replay.segment_file import SegmentFile

PREVIEW_REACH_NS: Final = 10 * NS_PER_S
_PENDING_LIMIT: Final = 64


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG and the instant of the frame it shows."""

    jpeg: bytes
    utc_ns: int


class Pictures:
    """Decodes on a bounded pool of threads; libav lets go of the interpreter while it works.

    The ``async`` methods raise BasiraError ``pictures_busy`` when too many wait, ``nothing_recorded`` when there is
    no frame, ``picture_undecodable`` and ``footage_deleted``. ``close`` waits for what is running.
    """

    def __init__(self, footage: Footage, workers: int = 2, cache_bytes: int = 64 * 1024**2) -> None:
        self._footage = footage
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="pictures")
        self._pending = 0
        self._cache = _Cache(cache_bytes)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    async def preview(self, stream: StreamKey, at_utc_ns: int, width: int = 160) -> Picture:
        """The keyframe nearest to an instant, at most ten seconds away."""
        return await self._run(lambda: self.preview_now(stream, at_utc_ns, width))

    async def snapshot(self, stream: StreamKey, at_utc_ns: int | None = None, width: int | None = None) -> Picture:
        """The very frame that was shown at an instant; the newest recorded when None."""
        return await self._run(lambda: self.snapshot_now(stream, at_utc_ns, width))

    async def _run(self, work: Callable[[], Picture]) -> Picture:
        if self._pending >= _PENDING_LIMIT:
            raise BasiraError("pictures_busy", status=503)
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._pending -= 1

    def preview_now(self, stream: StreamKey, at_utc_ns: int, width: int) -> Picture:
        """As :meth:`preview`, in the calling thread."""
        parts = parts_of(self._footage, stream, at_utc_ns - PREVIEW_REACH_NS, at_utc_ns + PREVIEW_REACH_NS)
        keyframes = ((part.segment, gop) for part in parts for gop in part.gops)
        nearest = min(keyframes, key=lambda found: abs(found[0].utc_ns(found[1].dts) - at_utc_ns), default=None)
        if nearest is None:
            raise BasiraError("nothing_recorded", status=404)
        segment, gop = nearest
        cached = self._cache.get((segment.key, gop.offset, width))
        if cached is None:
            frame, utc_ns = _keyframe(segment, gop)
            cached = Picture(encode_jpeg(frame, width, quality=6), utc_ns)
            self._cache.put((segment.key, gop.offset, width), cached)
        return cached

    def snapshot_now(self, stream: StreamKey, at_utc_ns: int | None, width: int | None) -> Picture:
        """As :meth:`snapshot`, in the calling thread."""
        part = self._part_at(stream, at_utc_ns)
        frame, utc_ns = _frame_at(part.segment, part.gops[-1], at_utc_ns)
        return Picture(encode_jpeg(frame, width, quality=2), utc_ns)

    def _part_at(self, stream: StreamKey, at_utc_ns: int | None) -> Part:
        if at_utc_ns is None:
            newest = self._footage.newest_segment(stream)
            at_utc_ns = 0 if newest is None else self._footage.end_utc_ns(newest) - 1
        parts = parts_of(self._footage, stream, at_utc_ns, at_utc_ns + 1)
        if not parts:
            raise BasiraError("nothing_recorded", status=404)
        return parts[-1]


def _keyframe(segment: StoredSegment, gop: Gop) -> tuple[VideoFrame, int]:
    with SegmentFile(segment) as file:
        return next(decode(file.video, islice(file.video_samples(gop), 1))), segment.utc_ns(gop.dts)


def _frame_at(segment: StoredSegment, gop: Gop, at_utc_ns: int | None) -> tuple[VideoFrame, int]:
    """The last frame shown at or before an instant, the GOP's first if its first is later; its last when None."""
    with SegmentFile(segment) as file:
        wanted = None if at_utc_ns is None else media_time_of(at_utc_ns, segment.start_utc_ns)
        shown: VideoFrame | None = None
        shown_time = delay = 0
        for frame in decode(file.video, file.video_samples(gop), threads=2):
            if shown is None:
                # The keyframe is shown at its decode time; where frames are reordered all are shown later than that.
                delay = (frame.pts or 0) - gop.dts
            time = (frame.pts or 0) - delay
            if shown is not None and wanted is not None and time > wanted:
                break
            shown, shown_time = frame, time
        assert shown is not None  # decode raises when nothing comes out
        return shown, segment.utc_ns(shown_time)


class _Cache:
    """The pictures asked for most recently, up to a number of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[SegmentKey, int, int], Picture] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[SegmentKey, int, int]) -> Picture | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[SegmentKey, int, int], picture: Picture) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = picture
            self._bytes += len(picture.jpeg)
            while self._bytes > self._limit and self._kept:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= len(dropped.jpeg)
