"""Frames that were sent and are in no file: read from the files by FFmpeg, and from the index between files."""

from __future__ import annotations

import sqlite3
from itertools import groupby, pairwise
from pathlib import Path

import av

# A step this much longer than a frame has a frame missing.
_STEP = 1.5


def frames_lost(work: Path, rate: int) -> int | None:
    """Missing frames in everything recorded below ``work``; None when nothing was recorded."""
    files = sorted(work.rglob("*.mp4"))
    if not files:
        return None
    index = work / "data" / "index.db"
    return sum(_inside(path, rate) for path in files) + (_between(index, rate) if index.exists() else 0)


def _inside(path: Path, rate: int) -> int:
    try:
        with av.open(str(path)) as container:
            times = sorted(float(p.pts * p.time_base) for p in container.demux(video=0) if p.pts is not None)
    except av.FFmpegError:
        return 0  # a peer that was stopped leaves its last file without an end
    return sum(round((after - before) * rate) - 1 for before, after in pairwise(times) if after - before > _STEP / rate)


def _between(index: Path, rate: int) -> int:
    statement = "SELECT camera, stream, start_utc_ns, end_utc_ns FROM segments ORDER BY camera, stream, start_utc_ns"
    with sqlite3.connect(f"file:{index}?mode=ro", uri=True) as connection:
        rows = connection.execute(statement).fetchall()
    lost = 0
    for _, segments in groupby(rows, key=lambda row: row[:2]):
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
