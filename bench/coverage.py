"""What one way of looking saw of what another found, by place and time.

Where many are there at once, an event of the same time is mostly somebody else's: pairing by time alone told of people
found 24 s late who were seen at once. And whom one way follows from end to end the other may follow in two pieces, or
swap with somebody who passed: that is no worse for seeing that they were there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from basira.analysis.boxes import Box, overlap
from basira.analysis.event import Event

_SAME_PLACE: Final = 0.3  # intersection over union
# An event counts as found if so many of its path's points are in the place of another event of its class.
FOUND: Final = 0.5


def points_seen(event: Event, by: Sequence[Event]) -> list[int]:
    """The times (UTC ns) of an event's path at which any event of ``by``, of the same class, is in its place."""
    others = [other for other in by if other.label == event.label]
    return [
        point.utc_ns
        for point in event.path
        if any(
            (box := box_at(other, point.utc_ns)) is not None and overlap(box, point.box) >= _SAME_PLACE
            for other in others
        )
    ]


def box_at(event: Event, utc_ns: int) -> Box | None:
    """Where an event's object was then, between two points on the straight way; None before and after it."""
    path = event.path
    if not path or not path[0].utc_ns <= utc_ns <= path[-1].utc_ns:
        return None
    after = bisect_left([point.utc_ns for point in path], utc_ns)
    if path[after].utc_ns == utc_ns:
        return path[after].box
    one, other = path[after - 1], path[after]
    part = (utc_ns - one.utc_ns) / (other.utc_ns - one.utc_ns)
    return Box(*(side + (other_side - side) * part for side, other_side in zip(one.box, other.box, strict=True)))
