"""Network abstraction layer units of H.264 and H.265: start codes and length prefixes."""

from __future__ import annotations

import struct
from typing import Final

_START: Final = b"\x00\x00\x01"


def split_annex_b(data: bytes) -> list[bytes]:
    """The units of an Annex B byte stream, without start codes and without the zeros that may trail a unit."""
    units: list[bytes] = []
    begin = data.find(_START)
    while begin >= 0:
        begin += 3
        end = data.find(_START, begin)
        unit = data[begin : end if end >= 0 else len(data)].rstrip(b"\x00")
        if unit:
            units.append(unit)
        begin = end
    return units


def split_length_prefixed(data: bytes, length_size: int = 4) -> list[bytes]:
    """The units of an MP4 sample. Raises ValueError when the lengths do not add up."""
    units: list[bytes] = []
    at = 0
    while at < len(data):
        begin = at + length_size
        at = begin + int.from_bytes(data[at:begin], "big")
        if at > len(data) or begin > len(data):
            raise ValueError("unit runs past the end of its sample")
        units.append(data[begin:at])
    return units


def join_length_prefixed(units: list[bytes]) -> bytes:
    """An MP4 sample: each unit after its length in four bytes."""
    parts: list[bytes] = []
    for unit in units:
        parts.append(struct.pack(">I", len(unit)))
        parts.append(unit)
    return b"".join(parts)


def annex_b_to_sample(data: bytes) -> bytes:
    """An access unit with start codes as an MP4 sample; the units' own bytes are not touched."""
    return join_length_prefixed(split_annex_b(data))
