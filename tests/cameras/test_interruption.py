from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import av.container.core
import pytest

from basira.cameras.interruption import Interruption


def pyav_clock() -> float:
    return float(vars(av.container.core)["time"].monotonic())


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    made = Interruption()
    yield made
    made.leave()


def test_pyav_is_told_the_true_time_while_nobody_is_interrupted(interruption: Interruption) -> None:
    interruption.enter()
    assert vars(av.container.core)["time"] is time


def test_time_is_over_at_once_for_an_interrupted_thread_even_for_a_call_begun_after(
    interruption: Interruption,
) -> None:
    interruption.enter()
    interruption.set()
    began = pyav_clock()
    assert pyav_clock() > began + 1_000_000


def test_a_thread_interrupted_before_it_enters_is_interrupted(interruption: Interruption) -> None:
    interruption.set()
    interruption.enter()
    assert pyav_clock() > time.monotonic() + 1_000_000


def test_other_threads_go_on_by_the_true_clock(interruption: Interruption) -> None:
    interruption.enter()
    interruption.set()
    seen: list[float] = []
    other = threading.Thread(target=lambda: seen.append(pyav_clock()))
    other.start()
    other.join()
    assert abs(seen[0] - time.monotonic()) < 60


@contextmanager
def forgotten() -> Iterator[None]:
    """A source of this thread that was interrupted and never closed."""
    left_behind = Interruption()
    left_behind.enter()
    left_behind.set()
    yield
    left_behind.leave()


def test_a_source_is_not_interrupted_by_one_that_was_never_closed(interruption: Interruption) -> None:
    with forgotten():
        interruption.enter()
        assert abs(pyav_clock() - time.monotonic()) < 60
