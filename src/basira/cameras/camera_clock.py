"""The camera's own clock, out of its RTCP sender reports."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any, Final

import av

from basira.base.clock import NS_PER_S, NS_PER_US

_PRODUCER_TIME: Final = struct.Struct("<q")  # first field of AVProducerReferenceTime: µs since 1970


class CameraClock:
    """The camera's clock as FFmpeg derives it from RTCP sender reports; 0 before the first one.

    FFmpeg joins packets into access units and gives a unit what came with the first packet of the next: the unit in
    front of a report gets the time of the unit behind it. There the time is reckoned from the unit before.
    """

    def __init__(self, time_base: Fraction) -> None:
        self._ns_per_tick = float(time_base * NS_PER_S)
        self._known: tuple[int, int] | None = None  # pts and nanoseconds
        self._of_next_ns: int | None = None
        self._report = b""

    def of(self, packet: av.Packet[Any]) -> int:
        """Nanoseconds since 1970 by the camera's clock; ask once for each video packet, in order."""
        if packet.pts is None or not packet.has_sidedata("prft"):
            return 0
        told_ns = int(_PRODUCER_TIME.unpack_from(bytes(packet.get_sidedata("prft")))[0]) * NS_PER_US
        report = bytes(packet.get_sidedata("rtcp_sr")) if packet.has_sidedata("rtcp_sr") else self._report
        if self._of_next_ns is not None:
            self._known, self._of_next_ns = (packet.pts, self._of_next_ns), None
        elif report == self._report:
            self._known = packet.pts, told_ns
        if report != self._report:
            self._report, self._of_next_ns = report, told_ns
        if self._known is None:
            return 0
        pts, known_ns = self._known
        return known_ns + round((packet.pts - pts) * self._ns_per_tick)
