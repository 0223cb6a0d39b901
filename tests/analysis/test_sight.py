"""A camera that is covered, turned or frozen is noticed; light, weather and whoever walks by are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from basira.analysis.gate import small_scale
from basira.analysis.pictures import Pixels
from basira.analysis.sight import Sight
from basira.base.clock import NS_PER_S
from tests.analysis.clips import START

Scene = NDArray[np.float64]
_EVERY_S = 2


class Viewer:
    """Shows pictures to a :class:`Sight`, two seconds apart, with a camera's noise."""

    def __init__(self) -> None:
        self.sight = Sight()
        self.utc_ns = START
        self._noise = np.random.default_rng(3)

    def show(self, *scenes: Scene, every_s: int = _EVERY_S) -> set[str]:
        """The states it went through."""
        states: set[str] = set()
        for scene in scenes:
            noisy = np.clip(scene + self._noise.normal(0, 2, scene.shape), 0, 255).astype(np.uint8)
            self.sight.look(noisy, self.utc_ns)
            self.utc_ns += every_s * NS_PER_S
            states.add(self.sight.state)
        return states


def yard(number: int) -> Scene:
    """Walls, windows and a path, with somebody on it."""
    picture = np.full((180, 320), 150.0)
    picture[:70] = 95
    picture[20:50, 40:80] = picture[20:50, 120:160] = 45
    picture[20:50, 220:300] = 200
    picture[70:, 100:180] = 190
    picture[110:160, 230:290] = 60
    left = number * 23 % 300
    picture[80:150, left : left + 20] = 30
    return picture


def _learnt() -> Viewer:
    viewer = Viewer()
    assert viewer.show(*map(yard, range(60))) == {""}
    return viewer


COVERED: dict[str, Callable[[Scene], Scene]] = {
    "a hand": lambda scene: np.full(scene.shape, 12.0),
    "a bag": lambda scene: np.full(scene.shape, 170.0) + np.linspace(0, 30, scene.shape[1]),
    "spray": lambda scene: np.asarray(cv2.GaussianBlur(scene, (0, 0), 45)),
}
TURNED: dict[str, Callable[[Scene], Scene]] = {
    "aside": lambda scene: np.roll(scene, 110, axis=1),
    "down": lambda scene: np.roll(scene, 70, axis=0),
}


@pytest.mark.parametrize("how", COVERED)
def test_a_covered_camera_is_told_within_half_a_minute_and_that_it_is_free_again(how: str) -> None:
    viewer = _learnt()
    began_ns = viewer.utc_ns
    assert viewer.show(*(COVERED[how](yard(n)) for n in range(15))) == {"", "camera_covered"}
    assert viewer.sight.since_utc_ns == began_ns
    viewer.show(*map(yard, range(4)))
    assert viewer.sight.state == ""


@pytest.mark.parametrize("how", TURNED)
def test_a_turned_camera_is_told_within_half_a_minute(how: str) -> None:
    assert _learnt().show(*(TURNED[how](yard(n)) for n in range(15))) == {"", "camera_turned"}


def test_a_view_that_stays_for_an_hour_is_the_usual_one() -> None:
    viewer = _learnt()
    viewer.show(*(TURNED["aside"](yard(n)) for n in range(185)), every_s=20)
    assert viewer.sight.state == ""
    assert viewer.show(*(TURNED["aside"](yard(n)) for n in range(60))) == {""}
    assert viewer.show(*map(yard, range(20))) == {"", "camera_turned"}


def test_nightfall_and_dawn_are_nothing() -> None:
    viewer = _learnt()
    ramp = [*np.linspace(1, 0.06, 150), *np.full(60, 0.06), *np.linspace(0.06, 1, 150)]
    assert viewer.show(*(yard(n) * share for n, share in enumerate(ramp))) == {""}


@pytest.mark.parametrize("change", [0.3, 1.4], ids=["infrared goes on", "a lamp goes on"])
def test_light_that_changes_at_once_is_nothing(change: float) -> None:
    viewer = _learnt()
    assert viewer.show(*(yard(n) * change for n in range(30))) == {""}


def test_something_large_that_parks_in_front_for_long_is_nothing() -> None:
    def with_lorry(number: int) -> Scene:
        picture = yard(number)
        picture[40:, :120] = 225
        return picture

    assert _learnt().show(*map(with_lorry, range(60))) == {""}


def test_a_hand_before_the_lens_for_ten_seconds_is_nothing() -> None:
    viewer = _learnt()
    assert viewer.show(*(COVERED["a hand"](yard(n)) for n in range(5)), *map(yard, range(20))) == {""}


def test_of_a_camera_that_always_pans_nothing_is_said() -> None:
    viewer = Viewer()
    assert viewer.show(*(np.roll(yard(n), n * 37, axis=1) for n in range(120))) == {""}


def test_the_very_same_picture_for_a_minute_is_frozen_until_it_moves() -> None:
    viewer = _learnt()
    still: Pixels = yard(7).astype(np.uint8)
    for _ in range(35):
        viewer.sight.look(still, viewer.utc_ns)
        viewer.utc_ns += _EVERY_S * NS_PER_S
    assert viewer.sight.state == "camera_picture_frozen"
    assert viewer.show(yard(8)) == {""}


def test_a_camera_that_never_showed_anything_else_is_not_frozen() -> None:
    sight = Sight()
    for number in range(100):
        sight.look(yard(7).astype(np.uint8), START + number * _EVERY_S * NS_PER_S)
    assert sight.state == ""


def test_what_is_remembered_across_a_restart_is_enough_to_notice() -> None:
    viewer = _learnt()
    values, arrays = viewer.sight.save()
    viewer.sight = Sight()
    viewer.sight.load(values, arrays)
    assert viewer.show(*(TURNED["aside"](yard(n)) for n in range(15))) == {"", "camera_turned"}


def _keyframes(path: Path) -> list[Scene]:
    """Small grey pictures of a film, two seconds apart."""
    found: list[Any] = []
    film = cv2.VideoCapture(str(path))
    every = max(1, round(film.get(cv2.CAP_PROP_FPS) * _EVERY_S))
    number = 0
    while film.grab():
        if number % every == 0:
            grey = cv2.cvtColor(film.retrieve()[1], cv2.COLOR_BGR2GRAY)
            scale = small_scale(grey.shape[1])
            size = grey.shape[1] // scale, grey.shape[0] // scale
            found.append(cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float64))
        number += 1
    return found


@pytest.mark.parametrize("film", ["highway.avi", "one-by-one-person.mp4", "vtest.avi"])
def test_on_real_footage_covers_and_turns_are_told_and_nothing_else(shared_footage: Path, film: str) -> None:
    scenes = _keyframes(shared_footage / film)
    usual = [scenes[n % len(scenes)] for n in range(60)]
    viewer = Viewer()
    assert viewer.show(*usual) == {""}
    assert viewer.show(*(scene * 0.2 for scene in usual[:20]), *usual[:20]) == {""}
    for cover in COVERED.values():
        assert viewer.show(*map(cover, usual[:15])) == {"", "camera_covered"}
        viewer.show(*usual)
        assert viewer.sight.state == ""
    assert viewer.show(*(np.roll(scene, scene.shape[1] // 3, axis=1) for scene in usual[:15])) == {"", "camera_turned"}
