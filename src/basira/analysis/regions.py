"""Where to look: a few parts of the picture that hold everything that changed and everything that is tracked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import Final

from basira.analysis.boxes import WHOLE, Box, covered
from basira.analysis.pictures import Region

_MOST_PARTS: Final = 3
_MARGIN: Final = 0.35
# The detector was trained on objects with something around them: a part is never smaller than this share of the
# picture's height.
_LEAST_SIDE: Final = 0.3
# An object of so many pixels is recognised; more cost without telling more.
_OBJECT_PIXELS: Final = 64
_LEAST_PIXELS: Final = 192
_MOST_PIXELS: Final = 320
_Sides = tuple[float, float, float, float]
_WHOLE_FROM: Final = 0.6


def parts_to_look_at(boxes: Sequence[Box], aspect: float) -> list[Box]:
    """Parts of the picture that together cover ``boxes`` with a margin; the whole when that is most of it.

    ``aspect`` is the picture's width over its height. The parts overlap little and are at most three.
    """
    parts = _joined([_roomy(box, aspect) for box in boxes])
    if sum(part.area for part in parts) > _WHOLE_FROM:
        return [WHOLE]
    return sorted(parts)


def pixels_needed(part: Box, region: Region, boxes: Sequence[Box]) -> int:
    """How many pixels the longer side of a part must have for the smallest thing of interest in it to be recognised."""
    longer = max(region.width, region.height)
    across, down = region.width / part.width, region.height / part.height
    smallest = min(
        (max(box.width * across, box.height * down) for box in boxes if covered(box, part) > 0.5), default=longer
    )
    return min(_MOST_PIXELS, max(_LEAST_PIXELS, math.ceil(_OBJECT_PIXELS * longer / smallest / 32) * 32))


def _roomy(box: Box, aspect: float) -> Box:
    """The box with a margin and no smaller than the detector likes, pushed inside the picture."""
    grown = box.grown(_MARGIN)
    width = min(1.0, max(grown.width, _LEAST_SIDE / aspect))
    height = min(1.0, max(grown.height, _LEAST_SIDE))
    x, y = grown.centre
    x0, y0 = min(max(0.0, x - width / 2), 1 - width), min(max(0.0, y - height / 2), 1 - height)
    return Box(x0, y0, x0 + width, y0 + height)


def _joined(parts: list[Box]) -> list[Box]:
    """Parts joined, the two whose joining wastes least first, until few are left and joining any wastes some."""
    there: dict[int, _Sides] = dict(enumerate(parts))
    # What joining each pair wastes; among equals the first in order. What was joined meanwhile is passed over.
    pairs = [(_waste(there[one], there[other]), one, other) for other in range(len(parts)) for one in range(other)]
    heapify(pairs)
    made = len(parts)
    while pairs:
        waste, one, other = heappop(pairs)
        if one not in there or other not in there:
            continue
        if waste > 0 and len(there) <= _MOST_PARTS:
            break
        (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = there.pop(one), there.pop(other)
        joined = min(ax0, bx0), min(ay0, by0), max(ax1, bx1), max(ay1, by1)
        for number, sides in there.items():
            heappush(pairs, (_waste(joined, sides), number, made))
        there[made] = joined
        made += 1
    return [Box(*sides) for sides in there.values()]


def _waste(one: _Sides, other: _Sides) -> float:
    """How much more the hull of two boxes covers than they do, counting twice what both cover."""
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = one, other
    left, inner_left = (ax0, bx0) if ax0 < bx0 else (bx0, ax0)
    top, inner_top = (ay0, by0) if ay0 < by0 else (by0, ay0)
    inner_right, right = (ax1, bx1) if ax1 < bx1 else (bx1, ax1)
    inner_bottom, bottom = (ay1, by1) if ay1 < by1 else (by1, ay1)
    across, down = inner_right - inner_left, inner_bottom - inner_top
    shared = across * down if across > 0 and down > 0 else 0.0
    areas = (ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0)
    return (right - left) * (bottom - top) - (areas - shared) - shared
