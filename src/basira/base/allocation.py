"""How the C library (glibc) keeps memory that was given back to it. Holds for the whole process; call it first."""

from __future__ import annotations

import ctypes
from typing import Final

# Parameters of mallopt(3), from malloc.h.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
_FEW: Final = 2


def keep_freed_memory(kept_bytes: int) -> bool:
    """Use freed buffers again, up to ``kept_bytes`` of them, and of up to that size; whether the C library can.

    By default glibc returns them to the kernel at once, to be asked for again, and zeroed page by page, for the next:
    a quarter of what decoding a 1080p keyframe cost (bench/NOTES.md), whose buffers are some megabytes.
    """
    return _set(_MMAP_THRESHOLD, kept_bytes) and _set(_TRIM_THRESHOLD, kept_bytes)


def share_arenas() -> bool:
    """Let all threads take their memory from two places instead of one each; whether the C library can.

    A place for each thread costs megabytes a camera, and spares waiting that Python's lock does anyway.
    """
    return _set(_ARENA_MAX, _FEW)


def give_back_freed_memory() -> bool:
    """Return to the kernel, now, all whole pages that nothing lies on; whether there were any.

    To be called now and then where :func:`keep_freed_memory` holds, so that a burst is not remembered for ever.
    """
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except (OSError, AttributeError):
        return False  # not glibc


def _set(parameter: int, value: int) -> bool:
    try:
        return bool(ctypes.CDLL(None).mallopt(parameter, value))
    except (OSError, AttributeError):
        return False  # not glibc: musl has no such thing, and other habits
