"""Network abstraction layer units of H.264 and H.265: start codes, length prefixes and single bits."""

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


def unescape(unit: bytes) -> bytes:
    """The raw byte sequence payload: without emulation prevention bytes."""
    return unit.replace(b"\x00\x00\x03", b"\x00\x00")


class BitReader:
    """Reads bits, most significant first. Raises ValueError past the end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def bits(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("parameter set ends early")
        return (self._value >> self._left) & ((1 << count) - 1)

    def ue(self) -> int:
        """An unsigned Exp-Golomb code."""
        zeros = 0
        while not self.bits(1):
            zeros += 1
            if zeros > 32:
                raise ValueError("Exp-Golomb code too long")
        return (1 << zeros) - 1 + self.bits(zeros)
