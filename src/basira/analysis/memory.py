"""An analyser's memory as bytes: numbers and text as JSON, pictures as raw arrays, compressed. No code is loaded."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

# Raised when the meaning of what is remembered changes; older memories are then not taken up again.
MEMORY_VERSION: Final = 2

_LENGTH: Final = struct.Struct(">I")
_MOST_BYTES: Final = 32 << 20
_TYPES: Final = ("uint8", "uint16")


def pack_memory(values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    """Exact: floats come back as the very same numbers."""
    described = [(name, str(array.dtype), list(array.shape)) for name, array in arrays.items()]
    head = json.dumps({"values": values, "arrays": described}, allow_nan=False).encode()
    parts = [_LENGTH.pack(len(head)), head, *(np.ascontiguousarray(array).tobytes() for array in arrays.values())]
    return zlib.compress(b"".join(parts), 1)


def unpack_memory(packed: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Inverse of :func:`pack_memory`. Raises ValueError, or zlib.error, for what it did not make."""
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(packed, _MOST_BYTES)
    if not unpacking.eof:
        raise ValueError("a memory that is cut short or too large")
    try:
        return _unpack(content)
    except (struct.error, KeyError, TypeError, IndexError, RecursionError) as error:
        raise ValueError(f"no memory: {type(error).__name__}") from error


def _unpack(content: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    (length,) = _LENGTH.unpack_from(content)
    at = _LENGTH.size + length
    head = json.loads(content[_LENGTH.size : at])
    arrays: dict[str, NDArray[Any]] = {}
    for name, kind, shape in head["arrays"]:
        if kind not in _TYPES:
            raise ValueError(f"array of {kind}")
        dtype = np.dtype(kind).newbyteorder("<")
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(content, dtype, count, at).reshape(shape).astype(kind)
        at += count * dtype.itemsize
    return head["values"], arrays
