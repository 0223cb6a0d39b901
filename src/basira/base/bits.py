"""Single bits of H.264's and H.265's headers (ITU-T H.264 §7.4.1.1, §9.1)."""

from __future__ import annotations


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
            raise ValueError("header ends early")
        return (self._value >> self._left) & ((1 << count) - 1)

    def skip(self, count: int) -> None:
        self._left -= count

    def ue(self) -> int:
        """An unsigned Exp-Golomb code."""
        rest = self._value & ((1 << self._left) - 1)
        zeros = self._left - rest.bit_length()
        if zeros > 32:
            raise ValueError("Exp-Golomb code too long")
        self._left -= zeros
        return self.bits(zeros + 1) - 1

    def se(self) -> int:
        """A signed Exp-Golomb code."""
        value = self.ue()
        return (value + 1) // 2 if value % 2 else -(value // 2)
