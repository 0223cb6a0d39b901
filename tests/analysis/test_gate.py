from __future__ import annotations

import cv2
import numpy as np
import pytest

from basira.analysis.boxes import Box, covered
from basira.analysis.gate import Gate, regions_of
from basira.analysis.memory import pack_memory, unpack_memory
from basira.analysis.pictures import Pixels

SHAPE = (180, 320)


def room(seed: int, light: int = 0) -> Pixels:
    """The same room with the noise of another moment."""
    random = np.random.default_rng(seed)
    base = 100 + np.add.outer(np.arange(SHAPE[0]) // 6, np.arange(SHAPE[1]) // 16)
    return np.clip(base + light + random.normal(0, 1.5, SHAPE), 0, 255).astype(np.uint8)


def with_thing(picture: Pixels, box: Box, level: int = 40) -> Pixels:
    copy = picture.copy()
    copy[round(box.y0 * 180) : round(box.y1 * 180), round(box.x0 * 320) : round(box.x1 * 320)] = level
    return copy


@pytest.fixture
def gate() -> Gate:
    """One that knows the empty room."""
    made = Gate()
    for seed in range(20):
        made.learn(room(seed), [], light=False)
    return made


DOOR = Box(0.4, 0.4, 0.5, 0.8)


def test_noise_is_no_change(gate: Gate) -> None:
    for seed in range(100, 150):
        change = gate.change(room(seed))
        assert change is not None
        assert change.moved_regions() == []
        assert change.new_regions() == []


def test_a_thing_is_found_where_it_is(gate: Gate) -> None:
    change = gate.change(with_thing(room(50), DOOR))
    assert change is not None
    (region,) = change.new_regions()
    assert covered(DOOR, region) > 0.95
    assert region.area < DOOR.area * 2
    assert change.share(DOOR) > 0.9


def test_a_small_distant_thing_is_found_too(gate: Gate) -> None:
    change = gate.change(with_thing(room(50), Box(0.5, 0.5, 0.5 + 4 / 320, 0.5 + 10 / 180)))
    assert change is not None
    assert len(change.new_regions()) == 1


def test_a_thing_that_stays_no_longer_moves_but_is_still_new(gate: Gate) -> None:
    gate.learn(with_thing(room(50), DOOR), [DOOR], light=False)
    change = gate.change(with_thing(room(51), DOOR))
    assert change is not None
    assert change.moved_regions() == []
    assert len(change.new_regions()) == 1


def test_what_is_occupied_is_not_learnt_and_what_is_left_alone_is(gate: Gate) -> None:
    for seed in range(60):
        gate.learn(with_thing(room(seed), DOOR), [DOOR], light=False)
    assert gate.foreground(with_thing(room(99), DOOR)).any()
    for seed in range(100):
        gate.learn(with_thing(room(seed), DOOR), [], light=False)
    assert not gate.foreground(with_thing(room(99), DOOR)).any()


def test_what_came_to_stay_is_taken_in_at_once(gate: Gate) -> None:
    gate.adopt(with_thing(room(50), DOOR), DOOR)
    assert not gate.foreground(with_thing(room(51), DOOR)).any()


def test_a_change_of_light_is_said_to_be_one_and_learnt_at_once(gate: Gate) -> None:
    change = gate.change(room(50, light=60))
    assert change is not None
    assert change.light
    gate.learn(room(50, light=60), [], light=True)
    change = gate.change(room(51, light=60))
    assert change is not None
    assert not change.light
    assert change.new_regions() == []


def test_a_cloud_that_comes_slowly_is_learnt_on_the_way(gate: Gate) -> None:
    for step in range(60):
        change = gate.change(room(step, light=step // 2))
        assert change is not None
        assert change.new_regions() == []
        gate.learn(room(step, light=step // 2), [], light=False)


def test_where_leaves_always_move_less_is_made_of_it() -> None:
    gate = Gate()
    random = np.random.default_rng(3)

    def windy(seed: int) -> Pixels:
        picture = room(seed)
        picture[:60, :80] = np.clip(picture[:60, :80] + random.normal(0, 8, (60, 80)), 0, 255)
        return picture

    for seed in range(80):
        gate.learn(windy(seed), [], light=False)
    regions = [region for seed in range(20) if (change := gate.change(windy(seed))) for region in change.new_regions()]
    assert len(regions) <= 2


def test_nothing_is_seen_in_an_ignored_part() -> None:
    gate = Gate([[(0.3, 0.3), (0.6, 0.3), (0.6, 0.9), (0.3, 0.9)]])
    gate.learn(room(1), [], light=False)
    change = gate.change(with_thing(room(2), DOOR))
    assert change is not None
    assert not change.moved.any()
    assert not change.new.any()


def test_a_picture_of_another_size_is_compared_with_nothing(gate: Gate) -> None:
    assert gate.change(np.zeros((90, 160), np.uint8)) is None
    gate.learn(np.zeros((90, 160), np.uint8), [], light=False)
    assert gate.change(np.zeros((90, 160), np.uint8)) is not None


def test_a_saved_gate_goes_on_as_the_same(gate: Gate) -> None:
    again = Gate()
    _, arrays = unpack_memory(pack_memory({}, gate.save()))
    again.load(arrays)
    for seed in range(5):
        for one in (gate, again):
            one.learn(with_thing(room(seed), DOOR), [Box(0, 0, 0.1, 0.1)], light=False)
    assert pack_memory({}, again.save()) == pack_memory({}, gate.save())


@pytest.mark.parametrize("seed", range(8))
def test_regions_are_the_patches_that_labelling_finds(seed: int) -> None:
    random = np.random.default_rng(seed)
    mask = np.zeros((90, 160), np.uint8)
    for _ in range(12):
        x, y, size = random.integers(0, 160), random.integers(0, 90), random.integers(3, 18)
        # Rings too, with something inside some of them: a patch within a hole is one of its own.
        cv2.circle(mask, (int(x), int(y)), int(size), 255, int(random.choice([-1, 2])))
    joined = cv2.dilate(mask, np.ones((5, 5), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    expected = sorted(
        (x / 160, y / 90, (x + wide) / 160, (y + high) / 90) for x, y, wide, high, _ in stats[1:].tolist()
    )
    assert [tuple(box) for box in regions_of(mask)] == expected
