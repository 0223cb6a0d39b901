"""Where to look: a few parts of the picture that hold everything that changed and everything that is tracked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from basira.analysis.boxes import Box, covered, hull, intersection
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
    parts = [_roomy(box, aspect) for box in boxes]
    while True:
        pair = _nearest(parts)
        if pair is None:
            break
        one, other, waste = pair
        if waste > 0 and len(parts) <= _MOST_PARTS:
            break
        joined = hull((parts[one], parts[other]))
        parts = [part for index, part in enumerate(parts) if index not in (one, other)] + [joined]
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


def _nearest(parts: Sequence[Box]) -> tuple[int, int, float] | None:
    """The two parts whose joining wastes least, and how much more it covers than the two."""
    best: tuple[int, int, float] | None = None
    for one in range(len(parts)):
        for other in range(one + 1, len(parts)):
            both = parts[one].area + parts[other].area - intersection(parts[one], parts[other])
            waste = hull((parts[one], parts[other])).area - both - intersection(parts[one], parts[other])
            if best is None or waste < best[2]:
                best = one, other, waste
    return best
