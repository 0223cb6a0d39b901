"""Frames that were sent and are in no file: read from the files by FFmpeg, and from the index between files."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import groupby, pairwise
from pathlib import Path

import av

from basira.base.settings import Settings

# A step this much longer than a frame has a frame missing.
_STEP = 1.5
_EVERY_S = 15.0
_TIMES_ALONE = {"analyzeduration": "0", "probesize": "32"}  # else pictures are decoded to learn about them
_LEAST_PRIORITY = 19
_FINISHED = "SELECT path, camera, stream, start_utc_ns, end_utc_ns FROM segments WHERE state != 'open'"
_ALL = "SELECT camera, stream, start_utc_ns, end_utc_ns FROM segments"
Span = tuple[str, str, int, int]
"""Camera, stream, start and end of a segment, UTC nanoseconds."""


def frames_lost(work: Path, rate: int) -> int | None:
    """Missing frames in everything recorded below ``work``; None when nothing was recorded."""
    files = sorted(work.rglob("*.mp4"))
    if not files:
        return None
    index = work / "data" / "index.db"
    between = _between(_spans(index), rate) if index.exists() else 0
    return sum(_inside(path, rate) for path in files) + between


class LossWatch:
    """The same for a node whose retention deletes footage meanwhile: each segment is read soon after its end."""

    def __init__(self, work: Path, rate: int) -> None:
        self._index = work / "data" / "index.db"
        self._footage = Settings(data_dir=work / "data").footage_path
        self._rate = rate
        self._inside: dict[str, int] = {}  # frames missing, by path
        self._spans: set[Span] = set()
        self._unread = 0
        self._over = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look from time to time, in a thread of its own."""
        thread = threading.Thread(target=self._run, name="losses", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def look(self) -> None:
        """Count in the segments that were finished since."""
        with closing(sqlite3.connect(f"file:{self._index}?mode=ro", uri=True)) as connection:
            rows = connection.execute(_FINISHED).fetchall()
        for path, *span in rows:
            if path in self._inside:
                continue
            file = self._footage / path
            self._unread += not file.exists()
            self._inside[path] = _inside(file, self._rate)
            self._spans.add(tuple(span))

    def total(self) -> int:
        """Once the node has stopped. Raises RuntimeError when a segment was deleted before it was read."""
        self.look()
        if self._unread:
            raise RuntimeError(f"{self._unread} segments were deleted before they were read")
        return sum(self._inside.values()) + _between(self._spans, self._rate)

    def _run(self) -> None:
        # Of this thread alone: what is measured comes first.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LEAST_PRIORITY)
        while not self._over.wait(_EVERY_S):
            self.look()


def _inside(path: Path, rate: int) -> int:
    try:
        with av.open(str(path), options=_TIMES_ALONE) as container:
            times = sorted(float(p.pts * p.time_base) for p in container.demux(video=0) if p.pts is not None)
    except av.FFmpegError:
        return 0  # a peer that was stopped leaves its last file without an end
    return sum(round((after - before) * rate) - 1 for before, after in pairwise(times) if after - before > _STEP / rate)


def _spans(index: Path) -> list[Span]:
    with closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True)) as connection:
        return connection.execute(_ALL).fetchall()


def _between(spans: Iterable[Span], rate: int) -> int:
    lost = 0
    for _, segments in groupby(sorted(spans, key=lambda span: (*span[:2], span[2])), key=lambda span: span[:2]):
        for (*_, end_ns), (*_, start_ns, _) in pairwise(segments):
            missing_s = (start_ns - end_ns) / 1e9
            lost += max(0, round(missing_s * rate)) if missing_s > (_STEP - 1) / rate else 0
    return lost


def gap_seconds(work: Path) -> dict[str, float]:
    """Seconds of gaps by what the recorder says they are due to; empty for what has no such index."""
    index = work / "data" / "index.db"
    if not index.exists():
        return {}
    statement = "SELECT cause, sum(end_utc_ns - start_utc_ns) FROM gaps WHERE end_utc_ns IS NOT NULL GROUP BY cause"
    with sqlite3.connect(f"file:{index}?mode=ro", uri=True) as connection:
        return {f"gap_{cause}_s": round(ns / 1e9, 1) for cause, ns in connection.execute(statement)}
