"""A number on the storage folder that only rises: the block that the minute's probe writes and reads back.

The index keeps the number too, written after the folder has it. So a folder with a lower number than the index knows
is an older copy of itself, even if it was copied within the present run.
"""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Final

_FILE: Final = ".basira-probe"
_BYTES: Final = 4096
_COUNT_BYTES: Final = 64


def read_beat(root: Path) -> int | None:
    """The folder's number; None where there is none or it cannot be told: that alone is no reason to refuse a disk."""
    try:
        with (root / _FILE).open("rb") as file:
            return int(json.loads(file.read(_COUNT_BYTES).split(b"\n")[0])["beat"])
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def write_beat(root: Path, beat: int) -> None:
    """Write the block, sync it, read it back past the cache as far as the kernel allows. Raises OSError."""
    count = (json.dumps({"beat": beat}) + "\n").encode().ljust(_COUNT_BYTES)
    block = count + os.urandom(_BYTES - _COUNT_BYTES)
    descriptor = os.open(root / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        if os.pwrite(descriptor, block, 0) != len(block):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fdatasync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        if os.pread(descriptor, len(block), 0) != block:
            raise OSError(errno.EIO, "read back other bytes than were written")
    finally:
        os.close(descriptor)
