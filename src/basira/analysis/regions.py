"""Where to look: a few parts of the picture that hold everything that changed and everything that is tracked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from basira.analysis.boxes import Box, covered
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
_WHOLE: Final = Box(0.0, 0.0, 1.0, 1.0)
_WHOLE_FROM: Final = 0.6


def parts_to_look_at(boxes: Sequence[Box], aspect: float) -> list[Box]:
    """Parts of the picture that together cover ``boxes`` with a margin; the whole when that is most of it.

    ``aspect`` is the picture's width over its height. The parts overlap little and are at most three.
    """
    parts = _joined([_roomy(box, aspect) for box in boxes])
    if sum(part.area for part in parts) > _WHOLE_FROM:
        return [_WHOLE]
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
    if len(parts) < 2:
        return parts
    sides = np.array(parts, np.float64)
    waste = np.array([_waste(one, sides) for one in sides])
    # Each pair once, and among equals the first in order.
    waste[np.tril_indices(len(parts))] = np.inf
    while len(sides) > 1:
        one, other = divmod(int(waste.argmin()), len(sides))
        if waste[one, other] > 0 and len(sides) <= _MOST_PARTS:
            break
        both = sides[[one, other]]
        joined = np.concatenate((both[:, :2].min(axis=0), both[:, 2:].max(axis=0)))
        kept = np.ones(len(sides), bool)
        kept[[one, other]] = False
        sides = np.vstack((sides[kept], joined))
        grown = np.full((len(sides), len(sides)), np.inf)
        grown[:-1, :-1] = waste[np.ix_(kept, kept)]
        grown[:-1, -1] = _waste(joined, sides[:-1])
        waste = grown
    return [Box(*side) for side in sides.tolist()]


def _waste(one: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much more the hull of a box and each of the others covers than the two, counting twice what both cover."""
    x0, y0, x1, y1 = others.T
    across = np.minimum(one[2], x1) - np.maximum(one[0], x0)
    down = np.minimum(one[3], y1) - np.maximum(one[1], y0)
    shared = np.where((across > 0) & (down > 0), across * down, 0.0)
    hull = (np.maximum(one[2], x1) - np.minimum(one[0], x0)) * (np.maximum(one[3], y1) - np.minimum(one[1], y0))
    areas = (one[2] - one[0]) * (one[3] - one[1]) + (x1 - x0) * (y1 - y0)
    return np.asarray(hull - (areas - shared) - shared)
