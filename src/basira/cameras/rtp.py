"""RTP packets to access units of H.264 and H.265 (RFC 3550, RFC 6184, RFC 7798), and what sender reports say."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from basira.base.clock import NS_PER_S
from basira.cameras.parameter_sets import VideoCodec

_START_CODE: Final = b"\x00\x00\x00\x01"
_SENDER_REPORT: Final = 200
_EPOCHS_APART_S: Final = 2_208_988_800  # from 1900, where NTP begins, to 1970
_MOST_BYTES: Final = 32 * 1024 * 1024


class RtpPacket(NamedTuple):
    """``timestamp`` and ``sequence`` as sent, of 32 and 16 bits."""

    payload_type: int
    sequence: int
    timestamp: int
    payload: bytes


class SenderReport(NamedTuple):
    """The sender's clock, nanoseconds since 1970, at an RTP timestamp."""

    utc_ns: int
    timestamp: int


def read_rtp(data: bytes) -> RtpPacket | None:
    """None for what is no RTP packet."""
    if len(data) < 12 or data[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp = struct.unpack_from(">BBHI", data)
    begin = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < begin + 4:
            return None
        begin += 4 + 4 * int.from_bytes(data[begin + 2 : begin + 4], "big")
    end = len(data) - (data[-1] if first & 0x20 else 0)
    if begin >= end:
        return None
    return RtpPacket(second & 0x7F, sequence, timestamp, data[begin:end])


def read_sender_report(data: bytes) -> SenderReport | None:
    """The report that a compound RTCP packet begins with; None where it begins with another, or tells no time."""
    if len(data) < 20 or data[0] >> 6 != 2 or data[1] != _SENDER_REPORT:
        return None
    seconds, fraction, timestamp = struct.unpack_from(">III", data, 8)
    utc_ns = (seconds - _EPOCHS_APART_S) * NS_PER_S + (fraction * NS_PER_S >> 32)
    return SenderReport(utc_ns, timestamp) if utc_ns > 0 else None


class Units:
    """Payloads to network abstraction layer units. After a lost packet a unit ends where it is: what came is kept."""

    def __init__(self, codec: VideoCodec) -> None:
        self._codec = codec
        self._pieces: list[bytes] = []
        self._bytes = 0

    @property
    def is_amid(self) -> bool:
        """Whether a unit has begun and not ended."""
        return bool(self._pieces)

    def is_middle(self, payload: bytes) -> bool:
        """Whether a payload is the middle of the unit in hand, neither its beginning nor its end, as nearly all are."""
        head = self.fragment_head
        fragment = payload[0] & 0x1F == 28 if self._codec == "h264" else payload[0] >> 1 & 0x3F == 49
        return fragment and self.is_amid and len(payload) > head and not payload[head - 1] & 0xC0

    @property
    def fragment_head(self) -> int:
        """How many bytes of a fragment's payload are not the unit's."""
        return 2 if self._codec == "h264" else 3

    def extend(self, piece: bytes) -> bool:
        """Take the next piece of the unit in hand; False when that would be too long for a unit."""
        if self._bytes + len(piece) > _MOST_BYTES:
            return False
        self._pieces.append(piece)
        self._bytes += len(piece)
        return True

    def feed(self, payload: bytes) -> Iterator[bytes]:
        """The units that this payload ends."""
        kind = payload[0] & 0x1F if self._codec == "h264" else payload[0] >> 1 & 0x3F
        aggregate, fragment, head = (24, 28, 1) if self._codec == "h264" else (48, 49, 2)
        if kind == fragment:
            yield from self._fragment(payload, head)
        elif kind == aggregate:
            yield from self.cut()
            at = head
            while at + 2 < len(payload):
                length = int.from_bytes(payload[at : at + 2], "big")
                if unit := payload[at + 2 : at + 2 + length]:
                    yield unit
                at += 2 + length
        elif kind < aggregate:
            yield from self.cut()
            yield payload

    def cut(self) -> Iterator[bytes]:
        """The unit in hand, whole or not."""
        if self._pieces:
            unit, self._pieces, self._bytes = b"".join(self._pieces), [], 0
            yield unit

    def _fragment(self, payload: bytes, head: int) -> Iterator[bytes]:
        if len(payload) <= head + 1:
            return
        flags = payload[head]
        if flags & 0x80:
            yield from self.cut()
            self._pieces = [self._header(payload, flags)]
        if not self._pieces:
            return  # its beginning was lost
        self._pieces.append(payload[head + 1 :])
        self._bytes += len(payload)
        if flags & 0x40 or self._bytes > _MOST_BYTES:
            yield from self.cut()

    def _header(self, payload: bytes, flags: int) -> bytes:
        """The fragmented unit's own header, out of the fragments'."""
        if self._codec == "h264":
            return bytes((payload[0] & 0xE0 | flags & 0x1F,))
        return bytes((payload[0] & 0x81 | (flags & 0x3F) << 1, payload[1]))


class AccessUnit(NamedTuple):
    """One picture in Annex B, its timestamp without end, and when its first bytes came."""

    data: bytes
    timestamp: int
    keyframe: bool
    arrived: tuple[int, int]


class AccessUnits:
    """Units to access units (H.264 §7.4.1.2.3, H.265 §7.4.2.4.4), each told when the next begins.

    A marker is not believed: there are cameras that set it on every packet. Neither are timestamps alone: there are
    cameras that give parameter sets the time of the picture before, and some that give two pictures one.
    """

    def __init__(self, codec: VideoCodec) -> None:
        self._codec = codec
        self._units = Units(codec)
        self._parts: list[bytes] = []
        self._bytes = 0
        self._has_picture = False
        self._keyframe = False
        self._timestamp = 0
        self._arrived = (0, 0)
        self._began = (0, 0)
        self._sequence: int | None = None
        self._unwrapped: int | None = None

    def feed(self, packet: RtpPacket, arrived: tuple[int, int]) -> Iterator[AccessUnit]:
        """The access units that this packet shows to be over. ``arrived``: wall clock and monotonic nanoseconds."""
        timestamp = self.unwrap(packet.timestamp)
        if self._sequence is not None and packet.sequence != self._sequence + 1 & 0xFFFF:
            yield from self._take(self._units.cut(), self._unwrapped or timestamp, arrived)
        self._sequence, self._unwrapped = packet.sequence, timestamp
        if self._has_picture and timestamp != self._timestamp:
            yield from self._take(self._units.cut(), self._timestamp, arrived)
            yield from self.end()
        if not self._units.is_amid:
            self._began = arrived
        yield from self._take(self._units.feed(packet.payload), timestamp, arrived)

    def feed_like(self, data: bytes, following: Callable[[bytes], bytes | None]) -> None:
        """After ``data``, a whole RTP packet, was fed: take those that differ from it in their sequence number alone.

        They are most of a large picture. ``following`` gives what comes after a head, if that is what comes next.
        """
        at = 12 + self._units.fragment_head
        if data[0] != 0x80 or len(data) <= at or not self._units.is_middle(data[12 : at + 1]):
            return
        before, after = data[:2], data[4:at]
        assert self._sequence is not None
        while True:
            sequence = self._sequence + 1 & 0xFFFF
            piece = following(before + sequence.to_bytes(2, "big") + after)
            if piece is None or not self._units.extend(piece):
                return
            self._sequence = sequence

    def end(self) -> Iterator[AccessUnit]:
        """What is in hand, whole or not."""
        for unit in self._units.cut():
            self._add(unit, self._timestamp)
        yield from self._hand_over()

    def unwrap(self, timestamp: int) -> int:
        """A timestamp of 32 bits as one that never starts again, next to the newest."""
        before = self._unwrapped
        if before is None:
            return timestamp
        return before + ((timestamp - before + 0x80000000) % 0x100000000) - 0x80000000

    def _take(self, units: Iterator[bytes], timestamp: int, arrived: tuple[int, int]) -> Iterator[AccessUnit]:
        for unit in units:
            if self._has_picture and self._begins_another(unit):
                yield from self._hand_over()
            self._add(unit, timestamp)
            self._began = arrived

    def _hand_over(self) -> Iterator[AccessUnit]:
        if self._has_picture:
            yield AccessUnit(b"".join(self._parts), self._timestamp, self._keyframe, self._arrived)
        self._parts, self._bytes, self._has_picture, self._keyframe = [], 0, False, False

    def _add(self, unit: bytes, timestamp: int) -> None:
        if not self._parts:
            self._arrived = self._began
        if self._bytes > _MOST_BYTES:
            return
        self._parts += (_START_CODE, unit)
        self._bytes += len(unit)
        self._timestamp = timestamp
        self._has_picture = self._has_picture or self._is_picture(unit)
        self._keyframe = self._keyframe or self._is_keyframe(unit)

    def _is_picture(self, unit: bytes) -> bool:
        if self._codec == "h264":
            return 1 <= unit[0] & 0x1F <= 5
        return unit[0] >> 1 & 0x3F < 32

    def _begins_another(self, unit: bytes) -> bool:
        """Whether a unit that follows a picture's first belongs to the next picture."""
        if self._codec == "h264":
            kind = unit[0] & 0x1F
            return kind in (6, 7, 8, 9) or (kind in (1, 5) and len(unit) > 1 and bool(unit[1] & 0x80))
        kind = unit[0] >> 1 & 0x3F
        return kind in (32, 33, 34, 35, 39) or (kind < 32 and len(unit) > 2 and bool(unit[2] & 0x80))

    def _is_keyframe(self, unit: bytes) -> bool:
        if self._codec == "h264":
            return unit[0] & 0x1F == 5 or (unit[0] & 0x1F == 6 and _has_recovery_point(unit))
        return 16 <= unit[0] >> 1 & 0x3F <= 23


def _has_recovery_point(unit: bytes) -> bool:
    """Whether a unit of supplemental information says that decoding may begin here: an intra picture that is no IDR."""
    at = 1
    while at + 1 < len(unit) and unit[at] != 0x80:
        kind = size = 0
        while at < len(unit) and unit[at] == 0xFF:
            kind, at = kind + 255, at + 1
        kind, at = kind + (unit[at] if at < len(unit) else 0), at + 1
        while at < len(unit) and unit[at] == 0xFF:
            size, at = size + 255, at + 1
        size, at = size + (unit[at] if at < len(unit) else 0), at + 1
        if kind == 6:
            return True
        at += size
    return False
