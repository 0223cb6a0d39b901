"""How the C library keeps the memory of pictures.

A decoder is made for every group of pictures and gives its buffers back when it is done: some megabytes each, which
glibc by default returns to the kernel at once, to be asked for again, and zeroed page by page, for the next one. That
was a quarter of what decoding a 1080p keyframe cost (bench/NOTES.md).
"""

from __future__ import annotations

import ctypes
from typing import Final

# Parameters of mallopt(3), from malloc.h.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_LARGEST_PICTURE_BYTES: Final = 64 << 20
_KEPT_BYTES: Final = 64 << 20


def keep_freed_memory() -> bool:
    """Let freed buffers be used again by this process, up to 64 MiB of them; whether the C library can.

    Holds for the whole process; call it before the first picture.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False  # not glibc: musl has no such thing, and other habits
    return all(
        mallopt(*setting) for setting in ((_MMAP_THRESHOLD, _LARGEST_PICTURE_BYTES), (_TRIM_THRESHOLD, _KEPT_BYTES))
    )
