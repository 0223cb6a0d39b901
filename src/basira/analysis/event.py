"""An event: one object's visit to one camera's picture."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from basira.analysis.path import PathPoint
from basira.base.identifiers import StreamKey
from basira.replay.tail import Cursor


@dataclass(frozen=True, slots=True)
class Event:
    """One visit. ``label`` is the class, by majority of what was seen; ``score`` is the best picture's.

    ``start_utc_ns`` and ``end_utc_ns`` are the first and the last time it was seen (so far, while ``ongoing``).
    ``progress`` is how far the recording was read to say so. ``jpeg`` is the best picture, empty when unread.
    """

    id: str
    stream_key: StreamKey
    recording: int
    label: str
    score: float
    start_utc_ns: int
    end_utc_ns: int
    ongoing: bool
    alert: bool
    zones: tuple[str, ...]
    path: tuple[PathPoint, ...]
    snapshot_utc_ns: int
    progress: int
    jpeg: bytes = b""
    change: int = 0
    alert_change: int | None = None

    @property
    def camera(self) -> str:
        return self.stream_key.camera

    @property
    def stream(self) -> str:
        return self.stream_key.stream


def progress_at(cursor: Cursor, *, ended: bool = False) -> int:
    """A place in a stream's recording as one number that grows along it.

    ``ended``: after all that is before the cursor was looked at *and* given up waiting for more.
    """
    return ((cursor.recording << 42 | cursor.segment << 20 | cursor.fragment) << 1) + ended


def event_id(stream: StreamKey, recording: int, start_utc_ns: int, label: str, ordinal: int) -> str:
    """The same for the same visit whenever the footage is read: ``ev-`` and 80 bits in hexadecimal.

    ``label`` is the class it was first taken for; ``ordinal`` tells apart those first seen in one picture.
    """
    name = "\n".join((*stream, str(recording), str(start_utc_ns), label, str(ordinal)))
    return f"ev-{hashlib.sha256(name.encode()).hexdigest()[:20]}"
