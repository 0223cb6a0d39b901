"""That recording will stop is told hours ahead, and never while retention keeps up."""

from __future__ import annotations

from basira.base.clock import NS_PER_S
from basira.recording.forecast import EVERY_NS, RoomForecast

_GB = 10**9


def test_room_that_stays_foretells_nothing() -> None:
    forecast = RoomForecast()
    for turn in range(100):
        forecast.sample(turn * EVERY_NS, 50 * _GB)
    assert forecast.stops_in_s(_GB) is None


def test_room_that_shrinks_foretells_the_hour() -> None:
    forecast = RoomForecast()
    assert forecast.stops_in_s(0) is None
    for turn in range(7):  # 6 GB in an hour
        forecast.sample(turn * EVERY_NS, (31 - turn) * _GB)
    assert forecast.stops_in_s(_GB) == 24 * EVERY_NS / NS_PER_S


def test_what_is_long_past_counts_no_more() -> None:
    forecast = RoomForecast()
    forecast.sample(0, 1000 * _GB)
    for turn in range(1, 60):
        forecast.sample(turn * EVERY_NS, 50 * _GB)
    assert forecast.stops_in_s(_GB) is None
