"""Whether what one way of looking found was seen by another, as the accuracy benchmark counts it."""

from __future__ import annotations

import pytest

from basira.analysis.boxes import Box
from basira.analysis.event import Event
from basira.analysis.path import PathPoint
from basira.base.clock import NS_PER_S
from basira.base.identifiers import StreamKey
from bench.coverage import FOUND, box_at, points_seen


def walk(first_s: int, last_s: int, x0: float, x1: float, step_s: int = 1, label: str = "person") -> Event:
    """Somebody from one place to another at an even pace."""
    times = range(first_s, last_s + 1, step_s)
    path = tuple(
        PathPoint(second * NS_PER_S, at(x0 + (x1 - x0) * (second - first_s) / (last_s - first_s)), 0.8)
        for second in times
    )
    return Event(
        id=f"{first_s}-{x0}",
        stream_key=StreamKey("basra", "gate", "main"),
        recording=1,
        label=label,
        score=0.8,
        start_utc_ns=path[0].utc_ns,
        end_utc_ns=path[-1].utc_ns,
        ongoing=False,
        alert=False,
        zones=(),
        path=path,
        snapshot_utc_ns=path[0].utc_ns,
        progress=0,
        jpeg=b"",
    )


def at(x: float) -> Box:
    return Box(x, 0.4, x + 0.1, 0.7)


def test_between_two_points_somebody_is_on_the_straight_way() -> None:
    assert box_at(walk(0, 10, 0.1, 0.6, step_s=5), 2 * NS_PER_S) == pytest.approx(at(0.2))
    assert box_at(walk(0, 10, 0.1, 0.6), 11 * NS_PER_S) is None


def test_who_was_elsewhere_at_the_same_time_has_not_been_seen_for_another() -> None:
    assert points_seen(walk(0, 10, 0.1, 0.3), [walk(0, 10, 0.6, 0.8)]) == []
    assert points_seen(walk(0, 10, 0.1, 0.3), [walk(0, 10, 0.1, 0.3, label="dog")]) == []


def test_who_is_followed_in_two_pieces_was_seen_all_the_same() -> None:
    whole = walk(0, 10, 0.1, 0.6)
    pieces = [walk(2, 5, 0.2, 0.35), walk(6, 10, 0.4, 0.6)]
    seen = points_seen(whole, pieces)
    assert seen == [second * NS_PER_S for second in range(2, 11)]
    assert len(seen) >= FOUND * len(whole.path)


def test_two_who_pass_each_other_and_are_taken_for_one_another_were_both_seen() -> None:
    east, west = walk(0, 10, 0.1, 0.8), walk(0, 10, 0.8, 0.1)
    swapped = [
        walk(0, 5, 0.1, 0.45),
        walk(0, 5, 0.8, 0.45),
        walk(6, 10, 0.52, 0.8),
        walk(6, 10, 0.38, 0.1),
    ]
    assert len(points_seen(east, swapped)) == len(points_seen(west, swapped)) == 11
