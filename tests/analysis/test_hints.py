from __future__ import annotations

import random

from basira.analysis.hints import EffortHint


def quiet(number: int, pictures: int = 30) -> list[int]:
    source = random.Random(number)
    return [1000 + source.randrange(-150, 150) for _ in range(pictures)]


def learnt() -> EffortHint:
    hint = EffortHint()
    for number in range(20):
        hint.learn(quiet(number))
    return hint


def test_quiet_groups_are_not_suspicious() -> None:
    assert not any(learnt().suspicious(quiet(number)) for number in range(100, 200))


def test_a_second_of_larger_pictures_is() -> None:
    sizes = quiet(100)
    sizes[10:20] = [size * 2 for size in sizes[10:20]]
    assert learnt().suspicious(sizes)


def test_a_little_more_is_where_grain_costs_nearly_the_same_in_each_group() -> None:
    hint = EffortHint()
    for number in range(20):
        hint.learn(quiet(number, 300))  # in the mean of so many pictures hardly anything is left of their noise
    sizes = quiet(100, 300)
    assert not hint.suspicious(sizes)
    assert hint.suspicious([size * 6 // 5 for size in sizes])


def test_one_odd_picture_is_not() -> None:
    sizes = quiet(100)
    sizes[10] = 1900
    assert not learnt().suspicious(sizes)


def test_nothing_is_said_before_quiet_is_known() -> None:
    hint = EffortHint()
    hint.learn(quiet(1))
    assert not hint.suspicious([50_000] * 30)


def test_a_camera_whose_sizes_swing_by_themselves_is_learnt() -> None:
    hint = EffortHint()
    for number in range(40):
        hint.learn([size * (1 + number % 3) for size in quiet(number)])
    assert not hint.suspicious([size * 3 for size in quiet(7)])


def test_a_group_of_one_picture_says_nothing() -> None:
    hint = learnt()
    hint.learn([])
    assert not hint.suspicious([])
