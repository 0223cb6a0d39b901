"""A step of the wall clock is noticed once; slewing is followed."""

from __future__ import annotations

import pytest

from basira.base.clock import NS_PER_MS, NS_PER_S, SimulatedClock
from basira.recording.clock import ClockWatch, Synchronisation, kernel_synchronised


@pytest.mark.parametrize("step_ns", [NS_PER_S, -NS_PER_S, 3600 * NS_PER_S, -1_000_000_000 * NS_PER_S])
def test_a_step_is_found_once(step_ns: int) -> None:
    clock = SimulatedClock()
    watch = ClockWatch(clock)
    clock.advance(10 * NS_PER_S)
    assert watch.step() == 0
    clock.step(step_ns)
    assert watch.step() == step_ns
    assert watch.step() == 0


def test_slewing_is_no_step_however_long_it_lasts() -> None:
    clock = SimulatedClock()
    watch = ClockWatch(clock)
    for _ in range(10_000):
        clock.advance(NS_PER_S)
        clock.step(NS_PER_MS // 2)
        assert watch.step() == 0


def test_the_kernel_is_asked_whether_the_clock_is_right() -> None:
    assert Synchronisation(SimulatedClock())() == kernel_synchronised()
