"""Whether known objects explain how two pictures differ, so that nothing between them need be seen.

An object is known to have *stayed* when it is found where it was. It is known to have *walked on* when it is slow, is
found where it was going, and could be no other: one object near one track, both ways. What is fast, doubtful, new or
gone explains nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from basira.analysis.boxes import Box, Detection, alike, covered, hull, overlap
from basira.analysis.coco import ALIKE_CLASSES
from basira.analysis.gate import Change
from basira.analysis.tracker import BEGIN_CHANGED, Track, likeness
from basira.analysis.zones import ZoneRules
from basira.base.clock import NS_PER_S

STAYED_OVERLAP: Final = 0.5
AROUND: Final = 0.15
_AROUND_MOVING: Final = 0.5  # what a moving object uncovers moves too
_EXPLAINED: Final = 0.6
# In its own sizes a second. Somebody who walks does about one of their widths; a car, many of its lengths.
_SLOW: Final = 1.0
_LONGEST_WALK_NS: Final = 2_500_000_000
_NEAR_SIZES: Final = 1.0
_LIKE_IN_SIZE: Final = (0.6, 1.7)


def explained(
    tracks: Sequence[Track],
    change: Change | None,
    found: Sequence[Detection],
    utc_ns: int,
    threshold: float,
    rules: ZoneRules,
) -> bool:
    """Whether every track is believed and stayed or walked on, and all that moved is they.

    ``found`` is what is in the later picture, ``utc_ns`` its time; ``threshold`` the score of a sure detection. Nobody
    walks through an alert zone unseen.
    """
    places: list[Box] = []
    claimed: list[Detection] = []
    for track in tracks:
        if not track.confirmed:
            return False
        stayed = max(found, key=lambda one: overlap(track.box, one.box), default=None)
        if stayed is not None and overlap(track.box, stayed.box) >= STAYED_OVERLAP:
            claimed.append(stayed)
            places.append(track.box.grown(AROUND))
            continue
        here = walked_on(track, tracks, found, utc_ns)
        if here is None or rules.passes_through(track.label, track.box, here.box, utc_ns):
            return False
        claimed.append(here)
        places.append(hull((track.box, here.box)).grown(AROUND))
    if change is None or change.light:
        return True
    new = [one for one in found if one.score >= threshold and one.changed >= BEGIN_CHANGED and one not in claimed]
    return not new and all(_is_covered(moved, places) for moved in change.moved_regions())


def walked_on(track: Track, tracks: Sequence[Track], found: Sequence[Detection], utc_ns: int) -> Detection | None:
    """The one detection that is this track a walk later; None when there is none, or any doubt which."""
    passed_s = (utc_ns - track.last_utc_ns) / NS_PER_S
    if not 0 < utc_ns - track.last_utc_ns <= _LONGEST_WALK_NS or not _is_slow(track):
        return None
    near = [one for one in found if likeness(track, one, utc_ns) > 0]
    if len(near) != 1 or any(other is not track and likeness(other, near[0], utc_ns) > 0 for other in tracks):
        return None
    here = near[0]
    expected = track.box.moved(track.velocity[0] * passed_s, track.velocity[1] * passed_s)
    size = max(track.box.width, track.box.height)
    off = max(abs(a - b) for a, b in zip(expected.centre, here.box.centre, strict=True))
    smallest, largest = _LIKE_IN_SIZE
    ratio = here.box.area / track.box.area if track.box.area else 0.0
    return here if off <= _NEAR_SIZES * size and smallest <= ratio <= largest else None


def is_calm(tracks: Sequence[Track], change: Change | None) -> bool:
    """Whether all that moves in this picture is objects that are believed and were seen in it."""
    if change is None or not tracks or not all(track.confirmed and not track.looks_missed for track in tracks):
        return False
    return all_within(change.moved_regions(), [track.box for track in tracks])


def foretold(
    tracks: Sequence[Track], coming: Sequence[Detection], utc_ns: int, threshold: float, rules: ZoneRules
) -> list[Detection] | None:
    """Of what is found in the keyframe to come, at ``utc_ns``, what each track foretells; None unless that is all.

    As for :func:`explained`, nobody walks through an alert zone unseen.
    """
    claimed: list[Detection] = []
    for track in tracks:
        here = [one for one in coming if overlap(track.box, one.box) >= STAYED_OVERLAP and _same(track, one)]
        if len(here) == 1:
            claimed += here
            continue
        one = walked_on(track, tracks, coming, utc_ns)
        if one is None or rules.passes_through(track.label, track.box, one.box, utc_ns):
            return None
        claimed.append(one)
    if all(one in claimed for one in coming if one.score >= threshold and one.changed >= BEGIN_CHANGED):
        return claimed
    return None


def all_within(regions: Sequence[Box], places: Sequence[Box]) -> bool:
    """Whether each region is part of what is around one of the places."""
    around = [place.grown(_AROUND_MOVING) for place in places]
    return all(_is_covered(region, around) for region in regions)


def _same(track: Track, one: Detection) -> bool:
    return alike(track.label, one.label, ALIKE_CLASSES)


def _is_slow(track: Track) -> bool:
    across, down = track.velocity
    return (
        abs(across) <= _SLOW * track.box.width + _SLOW * track.box.height / 2 and abs(down) <= _SLOW * track.box.height
    )


def _is_covered(moved: Box, places: Sequence[Box]) -> bool:
    return any(covered(moved, place) >= _EXPLAINED for place in places)
