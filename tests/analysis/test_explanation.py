from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np

from basira.analysis.boxes import Box, Detection
from basira.analysis.explanation import explained, foretold, is_calm
from basira.analysis.gate import Change
from basira.analysis.tracker import Track
from basira.analysis.zones import ZoneRules
from basira.base.clock import NS_PER_S
from basira.catalogue.zones import Zone

AT = 100 * NS_PER_S
LATER = AT + 2 * NS_PER_S


def track(box: Box, *, velocity: tuple[float, float] = (0.0, 0.0), confirmed: bool = True) -> Track:
    return Track(1, "person", AT, AT, box, {"person": 2.0}, velocity=velocity, sightings=5, confirmed=confirmed)


def person(box: Box, changed: float = 0.8) -> Detection:
    return Detection("person", 0.8, box, changed)


def moved_in(*boxes: Box) -> Change:
    mask = np.zeros((180, 320), np.uint8)
    for box in boxes:
        mask[int(box.y0 * 180) : int(box.y1 * 180), int(box.x0 * 320) : int(box.x1 * 320)] = 255
    return Change(mask, np.zeros_like(mask), light=False)


HERE = Box(0.4, 0.3, 0.5, 0.7)
AHEAD = Box(0.52, 0.3, 0.62, 0.7)
FAR = Box(0.8, 0.3, 0.9, 0.7)
WALKING = (0.06, 0.0)
RULES = ZoneRules([], ZoneInfo("Asia/Baghdad"))


def test_one_who_stayed_explains_what_moves_in_their_place() -> None:
    assert explained([track(HERE)], moved_in(HERE), [person(HERE)], LATER, 0.4, RULES)


def test_one_who_walked_on_explains_both_places() -> None:
    assert explained([track(HERE, velocity=WALKING)], moved_in(HERE, AHEAD), [person(AHEAD)], LATER, 0.4, RULES)


def test_nobody_explains_what_moves_elsewhere() -> None:
    assert not explained([track(HERE)], moved_in(HERE, FAR), [person(HERE)], LATER, 0.4, RULES)


def test_somebody_new_is_not_explained_by_one_who_is_known() -> None:
    both = [person(HERE), person(FAR)]
    assert not explained([track(HERE)], moved_in(HERE), both, LATER, 0.4, RULES)


def test_one_who_has_gone_is_looked_for() -> None:
    assert not explained([track(HERE)], moved_in(HERE), [], LATER, 0.4, RULES)


def test_two_who_could_be_each_other_explain_nothing() -> None:
    one, other = track(HERE, velocity=WALKING), track(HERE.moved(0.05, 0), velocity=WALKING)
    there = [person(AHEAD), person(AHEAD.moved(0.05, 0))]
    assert not explained([one, other], moved_in(HERE, AHEAD), there, LATER, 0.4, RULES)


def test_what_is_fast_explains_nothing_for_the_next_one_looks_the_same() -> None:
    car = track(HERE, velocity=(0.4, 0.0))
    assert not explained([car], moved_in(HERE), [person(AHEAD)], LATER, 0.4, RULES)


def test_one_who_is_not_believed_yet_explains_nothing() -> None:
    assert not explained([track(HERE, confirmed=False)], moved_in(HERE), [person(HERE)], LATER, 0.4, RULES)


def test_a_walk_across_four_seconds_is_too_long_to_be_sure() -> None:
    later = AT + 4 * NS_PER_S
    assert not explained([track(HERE, velocity=(0.03, 0.0))], moved_in(HERE, AHEAD), [person(AHEAD)], later, 0.4, RULES)


def test_calm_is_when_only_the_known_move() -> None:
    assert is_calm([track(HERE)], moved_in(HERE))
    assert not is_calm([track(HERE)], moved_in(HERE, FAR))
    assert not is_calm([], moved_in(HERE))


def test_the_next_keyframe_is_foretold_if_it_holds_just_those_who_were_on_their_way() -> None:
    walker = track(HERE, velocity=WALKING)
    assert foretold([walker], [person(AHEAD)], LATER, 0.4, RULES) == [person(AHEAD)]
    assert foretold([walker], [], LATER, 0.4, RULES) is None
    assert foretold([walker], [person(AHEAD), person(FAR)], LATER, 0.4, RULES) is None
    assert foretold([], [], LATER, 0.4, RULES) == []


def test_nobody_walks_through_an_alert_zone_unseen() -> None:
    strip = Zone(id="line", name="line", kind="alert", polygon=((0.5, 0), (0.53, 0), (0.53, 1), (0.5, 1)))
    rules = ZoneRules([strip], ZoneInfo("Asia/Baghdad"))
    walker, change = track(HERE, velocity=WALKING), moved_in(HERE, AHEAD)
    assert not explained([walker], change, [person(AHEAD)], LATER, 0.4, rules)
    assert explained([walker], change, [person(AHEAD)], LATER, 0.4, RULES)
    assert foretold([walker], [person(AHEAD)], LATER, 0.4, rules) is None
