from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any, cast

from basira.cameras.camera_clock import CameraClock

FRAME = 6000  # 1/15 s at 90 kHz
START_US = 1_700_000_000_000_000
FRAME_US = 66_667


class Unit:
    """As much of a packet as the clock looks at."""

    def __init__(self, number: int, *, told: int | None, report: bytes = b"") -> None:
        self.pts: int | None = number * FRAME
        self._data = {} if told is None else {"prft": struct.pack("<qq", START_US + told * FRAME_US, 24)}
        if report:
            self._data["rtcp_sr"] = report

    def has_sidedata(self, kind: str) -> bool:
        return kind in self._data

    def get_sidedata(self, kind: str) -> bytes:
        return self._data[kind]


def frames_of(units: list[Unit]) -> list[float]:
    """The camera's time of each unit, counted in frames; -1 where it is unknown."""
    clock = CameraClock(Fraction(1, 90_000))
    times = [clock.of(cast(Any, unit)) for unit in units]
    return [round((time / 1000 - START_US) / FRAME_US, 1) if time else -1 for time in times]


def test_there_is_no_camera_time_before_the_first_report() -> None:
    assert frames_of([Unit(0, told=None), Unit(1, told=None)]) == [-1, -1]


def test_the_unit_in_front_of_a_report_is_not_given_the_time_of_the_one_behind_it() -> None:
    units = [
        Unit(0, told=1, report=b"a"), Unit(1, told=1, report=b"a"), Unit(2, told=2), Unit(3, told=3),
        Unit(4, told=5, report=b"b"), Unit(5, told=5, report=b"b"), Unit(6, told=6),
    ]  # fmt: skip
    assert frames_of(units) == [-1, 1, 2, 3, 4, 5, 6]


def test_a_camera_that_reports_with_every_frame_is_followed() -> None:
    units = [Unit(n, told=n + 1, report=bytes([n + 1])) for n in range(5)]
    assert frames_of(units) == [-1, 1, 2, 3, 4]
