"""Where a segment lies below the storage folder. No part of a path is a time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from basira.base.identifiers import SegmentKey

_RECORDING: Final = re.compile(r"[0-9]{8,18}")


def segment_path(key: SegmentKey) -> Path:
    """Relative to the storage folder."""
    return Path(key.camera, key.stream, f"{key.recording:08d}", f"{key.segment:06d}.mp4")


def highest_recording(stream_folder: Path) -> int:
    """The highest recording number that a folder of ``<camera>/<stream>`` holds, 0 when none."""
    if not stream_folder.is_dir():
        return 0
    numbers = (int(entry.name) for entry in stream_folder.iterdir() if _RECORDING.fullmatch(entry.name))
    return max(numbers, default=0)
