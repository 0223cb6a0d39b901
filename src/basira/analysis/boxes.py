"""Boxes in fractions of the picture, and what a detector says of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple


class Box(NamedTuple):
    """Left, top, right, bottom, each 0 to 1 of the picture's width or height."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def foot(self) -> tuple[float, float]:
        """Where the object stands: the middle of the lower edge."""
        return (self.x0 + self.x1) / 2, self.y1

    def clipped(self) -> Box:
        """The part of it inside the picture."""
        return Box(*(min(1.0, max(0.0, side)) for side in self))

    def grown(self, share: float) -> Box:
        """Larger by ``share`` of its width and height on every side; may reach out of the picture."""
        across, down = self.width * share, self.height * share
        return Box(self.x0 - across, self.y0 - down, self.x1 + across, self.y1 + down)

    def moved(self, across: float, down: float) -> Box:
        return Box(self.x0 + across, self.y0 + down, self.x1 + across, self.y1 + down)


WHOLE: Final = Box(0.0, 0.0, 1.0, 1.0)  # picture


class Detection(NamedTuple):
    """What the detector says is in one picture. ``changed`` is the part of the box in which the picture changed."""

    label: str
    score: float
    box: Box
    changed: float = 0.0


def intersection(one: Box, other: Box) -> float:
    """Area that both cover."""
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    down = min(one.y1, other.y1) - max(one.y0, other.y0)
    return across * down if across > 0 and down > 0 else 0.0


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    both = intersection(one, other)
    return both / (one.area + other.area - both) if both else 0.0


def covered(inner: Box, outer: Box) -> float:
    """The share of ``inner`` that lies in ``outer``."""
    return intersection(inner, outer) / inner.area if inner.area else 0.0


def hull(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of them."""
    sides = list(zip(*boxes, strict=True))
    return Box(min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3]))


def suppress(detections: Sequence[Detection], groups: Sequence[frozenset[str]], threshold: float) -> list[Detection]:
    """Keep the best of those that overlap by more than ``threshold`` and are of one class, or alike by ``groups``.

    Best first; equal scores are ordered by box, so the outcome never depends on the order given.
    """
    kept: list[Detection] = []
    for found in sorted(detections, key=lambda one: (-one.score, one.box)):
        if not any(
            alike(found.label, best.label, groups) and overlap(found.box, best.box) > threshold for best in kept
        ):
            kept.append(found)
    return kept


def alike(one: str, other: str, groups: Sequence[frozenset[str]]) -> bool:
    """Whether two labels may be given to one object."""
    return one == other or any(one in group and other in group for group in groups)
