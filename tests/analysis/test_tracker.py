"""What counts as one object, and when it is over."""

from __future__ import annotations

import json

from basira.analysis.boxes import Box, Detection
from basira.analysis.tracker import Tracker
from basira.base.clock import NS_PER_S

STEP_NS = NS_PER_S // 5


def at(x: float, y: float = 0.5, label: str = "person", score: float = 0.7, changed: float = 0.6) -> Detection:
    return Detection(label, score, Box(x, y, x + 0.1, y + 0.3), changed)


def walk(tracker: Tracker, start: float, end: float, steps: int, first_ns: int = 0) -> int:
    """Somebody walks across; returns when."""
    for step in range(steps):
        tracker.update([at(start + (end - start) * step / (steps - 1))], first_ns + step * STEP_NS)
    return first_ns + (steps - 1) * STEP_NS


def test_someone_walking_is_one_track() -> None:
    tracker = Tracker(0.4)
    walk(tracker, 0.1, 0.7, 20)
    assert [(track.ordinal, track.sightings) for track in tracker.tracks] == [(1, 20)]


def test_a_track_is_confirmed_by_its_second_sure_sighting() -> None:
    tracker = Tracker(0.4)
    assert tracker.update([at(0.1)], 0).confirmed == []
    assert len(tracker.update([at(0.14)], STEP_NS).confirmed) == 1


def test_two_doubtful_sightings_are_not_enough_three_are() -> None:
    tracker = Tracker(0.4)
    tracker.update([at(0.1, score=0.45)], 0)
    assert tracker.update([at(0.14, score=0.45)], STEP_NS).confirmed == []
    assert len(tracker.update([at(0.18, score=0.45)], 2 * STEP_NS).confirmed) == 1


def test_a_cone_that_people_pass_in_front_of_is_not_confirmed() -> None:
    tracker = Tracker(0.4)
    for step in range(40):
        in_front = step % 10 < 2
        assert tracker.update([at(0.5, changed=0.5 if in_front else 0.0)], step * STEP_NS).confirmed == []
        tracker.expire(step * STEP_NS)


def test_someone_who_appears_and_stays_is_confirmed_though_never_moving() -> None:
    tracker = Tracker(0.4)
    confirmed = [bool(tracker.update([at(0.5)], step * STEP_NS).confirmed) for step in range(8)]
    assert confirmed.index(True) == 5


def test_a_second_box_on_somebody_does_not_go_on_in_their_stead() -> None:
    tracker = Tracker(0.4)
    last_ns = walk(tracker, 0.1, 0.3, 6)
    known, half = at(0.34), Detection("person", 0.6, Box(0.37, 0.5, 0.47, 0.7), 0.6)
    tracker.update([known, half], last_ns + STEP_NS)
    assert len(tracker.tracks) == 2
    # One box again, and it is more like the half than like the whole.
    tracker.update([Detection("person", 0.7, Box(0.38, 0.5, 0.48, 0.7), 0.6)], last_ns + 2 * STEP_NS)
    assert [(track.ordinal, track.looks_missed) for track in tracker.tracks] == [(1, 0), (2, 1)]


def test_what_is_seen_in_the_place_of_a_car_that_left_ends_with_the_car() -> None:
    tracker = Tracker(0.4)
    last_ns = walk(tracker, 0.3, 0.5, 10)
    ended = []
    for step in range(1, 40):
        tracker.update([at(0.5, score=0.3, changed=0.0)], last_ns + step * STEP_NS)
        ended += tracker.expire(last_ns + step * STEP_NS)
    assert [track.last_utc_ns for track in ended] == [last_ns]


def test_something_that_was_always_there_does_not_catch_a_track_that_passes() -> None:
    tracker = Tracker(0.4)
    last_ns = walk(tracker, 0.2, 0.4, 8)
    tracker.update([at(0.46, changed=0.0)], last_ns + STEP_NS)
    assert tracker.tracks[0].last_utc_ns == last_ns


def test_what_did_not_change_the_picture_begins_no_track() -> None:
    tracker = Tracker(0.4)
    for step in range(10):
        tracker.update([at(0.5, changed=0.05)], step * STEP_NS)
    assert tracker.tracks == []


def test_a_weak_detection_continues_a_track_but_begins_none() -> None:
    tracker = Tracker(0.4)
    tracker.update([at(0.5, score=0.3)], 0)
    assert tracker.tracks == []
    walk(tracker, 0.5, 0.55, 4)
    tracker.update([at(0.56, score=0.3, changed=0.0)], 4 * STEP_NS)
    assert tracker.tracks[0].sightings == 5


def test_two_people_passing_each_other_stay_two() -> None:
    tracker = Tracker(0.4)
    for step in range(21):
        share = step / 20
        tracker.update([at(0.1 + 0.7 * share, 0.3), at(0.8 - 0.7 * share, 0.45)], step * STEP_NS)
    assert len(tracker.tracks) == 2
    ends = {track.ordinal: track.box.x0 for track in tracker.tracks}
    assert sorted(round(x, 1) for x in ends.values()) == [0.1, 0.8]


def test_a_gap_of_a_few_seconds_is_the_same_visit() -> None:
    tracker = Tracker(0.4)
    last_ns = walk(tracker, 0.3, 0.4, 5)
    for step in range(1, 15):
        tracker.update([], last_ns + step * STEP_NS)
        assert tracker.expire(last_ns + step * STEP_NS) == []
    tracker.update([at(0.42)], last_ns + 16 * STEP_NS)
    assert [track.ordinal for track in tracker.tracks] == [1]


def test_unseen_for_longer_it_is_over_at_the_time_it_was_last_seen() -> None:
    tracker = Tracker(0.4)
    last_ns = walk(tracker, 0.3, 0.4, 5)
    ended = []
    for second in range(1, 10):
        tracker.update([], last_ns + second * NS_PER_S)
        ended += tracker.expire(last_ns + second * NS_PER_S)
    assert [(track.last_utc_ns, track.ended) for track in ended] == [(last_ns, True)]
    assert tracker.tracks == []


def test_someone_who_walked_out_of_the_picture_is_over_soon() -> None:
    tracker = Tracker(0.4)
    last_ns = walk(tracker, 0.5, 0.9, 8)
    for step in range(1, 7):
        tracker.update([], last_ns + step * STEP_NS)
    assert len(tracker.expire(last_ns + 6 * STEP_NS)) == 1


def test_someone_standing_still_whom_the_detector_loses_is_waited_for_while_the_place_is_not_empty() -> None:
    tracker = Tracker(0.4)
    for second in range(12):
        tracker.update([at(0.5)], second * NS_PER_S)
    for second in range(12, 32):
        tracker.update([], second * NS_PER_S)
        assert tracker.expire(second * NS_PER_S) == []
    assert len(tracker.expire(32 * NS_PER_S, empty=tracker.tracks)) == 1


def test_hair_at_the_edge_taken_for_a_cat_becomes_the_person_it_is() -> None:
    tracker = Tracker(0.4)
    tracker.update([Detection("cat", 0.5, Box(0.3, 0.85, 0.4, 1.0), 0.9)], 0)
    for step in range(1, 5):
        tracker.update([Detection("person", 0.8, Box(0.25, 0.8 - step / 10, 0.45, 1.0), 0.9)], step * STEP_NS)
    assert [track.label for track in tracker.tracks] == ["person"]


def test_a_van_called_car_and_truck_by_turns_is_one() -> None:
    tracker = Tracker(0.4)
    for step in range(9):
        tracker.update([at(0.1 + step * 0.03, label="truck" if step % 3 == 1 else "car")], step * STEP_NS)
    assert [track.label for track in tracker.tracks] == ["car"]


def test_a_saved_tracker_is_the_same_to_the_last_bit() -> None:
    tracker = Tracker(0.4)
    last_ns = walk(tracker, 0.1, 0.43, 7)
    again = Tracker(0.4)
    again.load(json.loads(json.dumps(tracker.save())))
    for one in (tracker, again):
        one.update([at(0.47), at(0.8)], last_ns + STEP_NS)
    assert again.save() == tracker.save()
