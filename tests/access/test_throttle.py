"""Guessing gets slower and slower; an operator who mistypes hardly notices, and is never locked out for long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.access.throttle import PER_ADDRESS, PER_USER, Backoff, LoginThrottle
from basira.base.clock import NS_PER_S, SimulatedClock
from basira.base.errors import BasiraError


def _wait_s(throttle: LoginThrottle, address: str, user: str) -> int:
    try:
        throttle.check(address, user)
    except BasiraError as error:
        assert error.code == "login_throttled"
        return int(error.params["wait_s"])
    return 0


def test_waits_double_and_are_bounded() -> None:
    assert [PER_USER.wait_s(failures) for failures in range(4, 13)] == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert PER_ADDRESS.wait_s(10_000) == 900


@given(st.integers(0, 100_000), st.integers(0, 50))
def test_no_wait_is_ever_longer_than_said_or_shorter_than_the_one_before(failures: int, free: int) -> None:
    backoff = Backoff(free, 1.0, 60.0)
    assert 0 <= backoff.wait_s(failures) <= backoff.wait_s(failures + 1) <= 60


def test_one_user_guessed_at_from_many_addresses_waits_but_others_do_not() -> None:
    throttle = LoginThrottle(SimulatedClock())
    for number in range(6):
        throttle.failed(f"10.0.0.{number}", "noor")
    assert _wait_s(throttle, "10.0.1.1", "NOOR") == 2
    assert _wait_s(throttle, "10.0.1.1", "zaid") == 0


def test_one_address_that_guesses_at_many_users_waits_but_other_addresses_do_not() -> None:
    throttle = LoginThrottle(SimulatedClock())
    for number in range(12):
        throttle.failed("10.0.0.1", f"user{number}")
    assert _wait_s(throttle, "10.0.0.1", "anybody") == 4
    assert _wait_s(throttle, "10.0.0.2", "anybody") == 0


def test_waiting_or_succeeding_opens_the_door_again() -> None:
    clock = SimulatedClock()
    throttle = LoginThrottle(clock)
    for _ in range(5):
        throttle.failed("a", "noor")
    assert _wait_s(throttle, "a", "noor") == 1
    clock.advance(NS_PER_S)
    assert _wait_s(throttle, "a", "noor") == 0
    throttle.succeeded("a", "noor")
    throttle.failed("a", "noor")
    assert _wait_s(throttle, "a", "noor") == 0


def test_setting_the_wall_clock_opens_nothing() -> None:
    clock = SimulatedClock()
    throttle = LoginThrottle(clock)
    for _ in range(8):
        throttle.failed("a", "noor")
    clock.step(10**18)
    assert _wait_s(throttle, "a", "noor") == 8


def test_failures_are_forgotten_after_an_hour() -> None:
    clock = SimulatedClock()
    throttle = LoginThrottle(clock)
    for _ in range(20):
        throttle.failed("a", "noor")
    clock.advance(3601 * NS_PER_S)
    throttle.failed("a", "noor")
    assert _wait_s(throttle, "a", "noor") == 0


def test_memory_is_bounded_whatever_strangers_send() -> None:
    throttle = LoginThrottle(SimulatedClock(), capacity=100)
    for number in range(1_000):
        throttle.failed(f"address {number}", "x" * 10_000 + str(number))
    assert len(throttle._records) <= 100


@pytest.mark.parametrize("name", ["", "x" * 300, "٤", "\0"])
def test_any_name_can_be_counted(name: str) -> None:
    throttle = LoginThrottle(SimulatedClock())
    throttle.failed("a", name)
    throttle.check("a", name)
