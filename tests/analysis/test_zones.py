from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.analysis.boxes import Box
from basira.analysis.zones import ZoneRules, inside, on_duty
from basira.base.clock import NS_PER_S
from basira.catalogue.zones import ScheduleSpan, Zone

BAGHDAD = ZoneInfo("Asia/Baghdad")  # UTC+3 all year
BERLIN = ZoneInfo("Europe/Berlin")
SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS_PER_S


def standing_at(x: float, y: float) -> Box:
    return Box(x - 0.05, y - 0.3, x + 0.05, y)


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_a_point_is_in_the_left_or_the_right_half_never_in_both(x: float, y: float) -> None:
    left = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    right = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    assert inside(left, x, y) != inside(right, x, y)


def test_a_hollow_shape_is_hollow() -> None:
    horseshoe = ((0, 0), (1, 0), (1, 1), (0.7, 1), (0.7, 0.3), (0.3, 0.3), (0.3, 1), (0, 1))
    assert inside(horseshoe, 0.5, 0.1)
    assert not inside(horseshoe, 0.5, 0.7)


def test_it_counts_where_somebody_stands_not_where_the_head_is() -> None:
    rules = ZoneRules([Zone(id="z", name="z", kind="alert", polygon=SQUARE)], BAGHDAD)
    assert rules.alerts("person", standing_at(0.5, 0.7), 0) == ["z"]
    assert rules.alerts("person", standing_at(0.5, 0.9), 0) == []


def test_someone_cut_off_by_the_lower_edge_stands_in_a_zone_that_reaches_it() -> None:
    rules = ZoneRules([Zone(id="z", name="z", kind="alert", polygon=((0, 0.9), (1, 0.9), (1, 1), (0, 1)))], BAGHDAD)
    assert rules.alerts("person", standing_at(0.5, 1.0), 0) == ["z"]


def test_a_zone_for_vehicles_lets_people_be() -> None:
    rules = ZoneRules([Zone(id="z", name="z", kind="alert", polygon=SQUARE, classes=("car", "truck"))], BAGHDAD)
    assert rules.alerts("car", standing_at(0.5, 0.5), 0) == ["z"]
    assert rules.alerts("person", standing_at(0.5, 0.5), 0) == []


def test_a_disabled_zone_is_none() -> None:
    rules = ZoneRules([Zone(id="z", name="z", kind="ignore", polygon=SQUARE, enabled=False)], BAGHDAD)
    assert not rules.ignores("person", standing_at(0.5, 0.5), 0)
    assert rules.always_ignored() == []


def test_only_a_zone_that_ignores_everything_at_every_hour_is_never_looked_at() -> None:
    at_night = ScheduleSpan(days=EVERY_DAY, start="22:00", end="06:00")
    zones = [
        Zone(id="a", name="a", kind="ignore", polygon=SQUARE),
        Zone(id="b", name="b", kind="ignore", polygon=SQUARE, classes=("dog",)),
        Zone(id="c", name="c", kind="ignore", polygon=SQUARE, schedule=(at_night,)),
    ]
    assert ZoneRules(zones, BAGHDAD).always_ignored() == [SQUARE]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-03-02T04:59:59", False),  # a Monday, 07:59:59 in Basra
        ("2026-03-02T05:00:00", True),
        ("2026-03-02T12:59:59", True),
        ("2026-03-02T13:00:00", False),
        ("2026-03-01T06:00:00", False),  # a Sunday
        ("2026-03-01T21:30:00", False),  # Monday in Basra already, but half past midnight
    ],
)
def test_office_hours_are_the_sites_own(when: str, expected: bool) -> None:
    office = (ScheduleSpan(days=(0, 1, 2, 3, 4), start="08:00", end="16:00"),)
    assert on_duty(office, utc(when), BAGHDAD) is expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-03-06T18:30:00", False),  # Friday 21:30
        ("2026-03-06T19:00:00", True),  # Friday 22:00
        ("2026-03-07T02:59:00", True),  # Saturday 05:59, Friday's night still
        ("2026-03-07T03:00:00", False),
        ("2026-03-07T20:00:00", False),  # Saturday 23:00: not one of its days
    ],
)
def test_a_night_belongs_to_the_day_it_began_on(when: str, expected: bool) -> None:
    friday_night = (ScheduleSpan(days=(4,), start="22:00", end="06:00"),)
    assert on_duty(friday_night, utc(when), BAGHDAD) is expected


def test_equal_times_are_the_whole_day_round() -> None:
    always = (ScheduleSpan(days=EVERY_DAY, start="00:00", end="00:00"),)
    assert all(on_duty(always, utc(f"2026-05-05T{hour:02d}:13:00"), BAGHDAD) for hour in range(24))


def test_until_twenty_four_hours_is_until_midnight() -> None:
    evening = (ScheduleSpan(days=(0,), start="20:00", end="24:00"),)
    assert on_duty(evening, utc("2026-03-02T20:59:59"), BAGHDAD)
    assert not on_duty(evening, utc("2026-03-02T21:00:00"), BAGHDAD)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        # 29 March 2026 in Berlin: 02:00 is put forward to 03:00. The night from 23:00 to 03:00 is an hour shorter.
        ("2026-03-29T00:59:59", True),  # 01:59:59
        ("2026-03-29T01:00:00", False),  # 03:00:00
        # 25 October 2026: 03:00 is put back to 02:00; half past two comes twice, and both are on duty.
        ("2026-10-25T00:30:00", True),
        ("2026-10-25T01:30:00", True),
        ("2026-10-25T02:00:00", False),  # 03:00
    ],
)
def test_schedules_hold_when_clocks_are_changed(when: str, expected: bool) -> None:
    night = (ScheduleSpan(days=EVERY_DAY, start="23:00", end="03:00"),)
    assert on_duty(night, utc(when), BERLIN) is expected
