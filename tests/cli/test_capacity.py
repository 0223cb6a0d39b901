from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.cli.capacity import REFERENCE_WORK_S, Machine, Wish, fixed_work_s, plan

GB = 10**9
REFERENCE = Machine(cores=2, memory_bytes=16 * GB, work_s=REFERENCE_WORK_S)


def test_disk_is_bit_rate_times_time() -> None:
    assert plan(REFERENCE, Wish(10, bit_rate_mbps=2, retention_days=1)).disk_bytes == 10 * 250_000 * 86_400


def test_a_machine_half_as_fast_carries_about_half_as_many() -> None:
    slow = replace(REFERENCE, work_s=2 * REFERENCE_WORK_S)
    fast, half = plan(REFERENCE, Wish(1)).most_cameras, plan(slow, Wish(1)).most_cameras
    assert half == pytest.approx(fast / 2, abs=2)


def test_memory_ends_first_where_there_is_little() -> None:
    found = plan(replace(REFERENCE, memory_bytes=GB), Wish(1, analyse=False))
    assert (found.bound, found.fits) == ("memory", True)


def test_what_does_not_carry_the_node_itself_carries_no_camera() -> None:
    found = plan(replace(REFERENCE, memory_bytes=GB // 4), Wish(1))
    assert (found.most_cameras, found.fits) == (0, False)


def test_a_battery_is_not_drained_to_the_end() -> None:
    found = plan(REFERENCE, Wish(4, hours=8))
    assert found.battery_wh == pytest.approx(found.watts * 8 / 0.8)


@given(st.integers(0, 200), st.floats(0, 1), st.floats(0.1, 20))
def test_as_many_as_it_says_fit_and_one_more_does_not(cameras: int, busy: float, bit_rate: float) -> None:
    wish = Wish(cameras, busy=busy, bit_rate_mbps=bit_rate)
    found = plan(REFERENCE, wish)
    assert found.fits == (cameras <= found.most_cameras)
    assert plan(REFERENCE, replace(wish, cameras=found.most_cameras)).cores <= REFERENCE.cores


def test_the_fixed_work_takes_time() -> None:
    assert fixed_work_s() > 0
