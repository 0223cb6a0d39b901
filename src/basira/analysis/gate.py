"""The gate: did anything change between two keyframes, and where is something that was not there before?

Works on a small grey picture with integers only, so that every machine computes the same and its memory is a few bytes
a pixel: a running mean and a running deviation per pixel (the background), and the picture before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from basira.analysis.boxes import WHOLE, Box
from basira.analysis.pictures import Pixels

Mask = NDArray[np.uint8]  # 0 or 255
Array = NDArray[Any]

SMALL_WIDTH: Final = 320
_FRACTION: Final = 8  # bits after the point in mean and deviation
# Grey levels a pixel of the small picture must differ by. Noise of a camera is far below once averaged; the floor
# is for the blocks an encoder shifts about.
_LEAST_DIFFERENCE: Final = 10
_MOST_DIFFERENCE: Final = 40
_DEVIATIONS: Final = 4
_LEARNING_SHIFT: Final = 4  # a change is half learnt after 11 keyframes
_FIRST_DEVIATION: Final = 2
# A share of the picture that changes at once: light, not things.
_LIGHT_SHARE: Final = 0.45
_LEAST_REGION_SHARE: Final = 0.00025


@dataclass(slots=True)
class Background:
    """What the picture looks like when nothing is there; each pixel in 1/256 grey levels."""

    mean: NDArray[np.uint16]
    deviation: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Change:
    """Where a picture differs: masks over the small picture, and the regions in fractions of the whole.

    ``moved`` against the picture before, ``new`` against the background. ``light``: the whole picture changed, so
    neither says anything about things.
    """

    moved: Mask
    new: Mask
    light: bool

    def moved_regions(self) -> list[Box]:
        return regions_of(self.moved)

    def new_regions(self) -> list[Box]:
        return regions_of(self.new)

    def share(self, box: Box) -> float:
        """The part of ``box`` in which anything differs."""
        return share_of(self.moved | self.new, box)


def small_scale(width: int) -> int:
    """How many pixels of the frame make one of the small picture."""
    return max(1, round(width / SMALL_WIDTH))


class Gate:
    """The memory of one stream's picture. Pictures must come in order and be of one size; else :meth:`forget`."""

    def __init__(self, ignored: Sequence[Sequence[tuple[float, float]]] = ()) -> None:
        """``ignored``: polygons in fractions of the picture in which change is never looked at."""
        self.background: Background | None = None
        self.before: Pixels | None = None
        self._ignored = ignored
        self._watched: Mask | None = None
        self._differing: Pixels | None = None  # what a pixel must differ by; of the background's noise

    def forget(self) -> None:
        """Begin anew: the camera was moved, or the stream is another."""
        self.background = self._differing = None
        self.before = None

    def change(self, luma: Pixels) -> Change | None:
        """How ``luma`` differs from the picture before and from the background; None for the first picture."""
        if self.background is None or self.before is None or self.before.shape != luma.shape:
            return None
        moved = self._mask(cv2.absdiff(luma, self.before), self._threshold())
        new = self.foreground(luma)
        light = float(np.count_nonzero(moved)) > _LIGHT_SHARE * moved.size
        return Change(moved, new, light)

    def foreground(self, luma: Pixels) -> Mask:
        """Where ``luma`` differs from the background; nowhere while there is none."""
        if self.background is None or self.background.mean.shape != luma.shape:
            return np.zeros(luma.shape, np.uint8)
        mean = (self.background.mean >> _FRACTION).astype(np.uint8)
        return self._mask(cv2.absdiff(luma, mean), self._threshold())

    def differing(self, luma: Pixels, other: Pixels) -> list[Box]:
        """Where two pictures differ; everywhere while there is no background to say by how much they may."""
        if self.background is None or not luma.shape == other.shape == self.background.mean.shape:
            return [WHOLE]
        return regions_of(self._mask(cv2.absdiff(luma, other), self._threshold()))

    def ignore(self, polygons: Sequence[Sequence[tuple[float, float]]]) -> None:
        """Change inside these is not looked at from now on."""
        self._ignored, self._watched = polygons, None

    def step(self, luma: Pixels) -> None:
        """Make ``luma`` the picture before, without learning from it: for pictures between keyframes."""
        self.before = luma

    def learn(self, luma: Pixels, occupied: Sequence[Box], light: bool) -> None:
        """Take a keyframe into the background, except where something is (``occupied``)."""
        self._differing = None
        if self.background is None or self.background.mean.shape != luma.shape or light:
            # After a change of light nothing learnt before holds. Noise is a property of the camera and stays.
            deviation = np.full(luma.shape, _FIRST_DEVIATION << _FRACTION, np.uint16)
            if self.background is not None and self.background.mean.shape == luma.shape:
                deviation = self.background.deviation
            self.background = Background((luma.astype(np.uint16) << _FRACTION).astype(np.uint16), deviation)
        else:
            self._blend(self.background, luma, occupied)
        self.before = luma

    def adopt(self, luma: Pixels, box: Box) -> None:
        """Take what stands in a box for background at once: it has come to stay."""
        if self.background is not None and self.background.mean.shape == luma.shape:
            part = _slices(luma.shape, box)
            self.background.mean[part] = luma[part].astype(np.uint16) << _FRACTION

    def save(self) -> dict[str, Array]:
        """Everything remembered, as arrays."""
        saved: dict[str, Array] = {}
        if self.background is not None:
            saved |= {"mean": self.background.mean, "deviation": self.background.deviation}
        if self.before is not None:
            saved["before"] = self.before
        return saved

    def load(self, saved: dict[str, Array]) -> None:
        """Inverse of :meth:`save`."""
        self.background = Background(saved["mean"], saved["deviation"]) if "mean" in saved else None
        self._differing = None
        self.before = saved.get("before")

    def _blend(self, background: Background, luma: Pixels, occupied: Sequence[Box]) -> None:
        now = luma.astype(np.int32) << _FRACTION
        mean = background.mean.astype(np.int32)
        deviation = background.deviation.astype(np.int32)
        difference = now - mean
        free = np.ones(luma.shape, bool)
        for box in occupied:
            free[_slices(luma.shape, box)] = False
        step = difference >> _LEARNING_SHIFT
        background.mean = np.where(free, mean + step, mean).astype(np.uint16)
        # What is not background says nothing of its noise: deviations grow by a bounded step only.
        capped = np.minimum(np.abs(difference), deviation * 3 + (1 << _FRACTION))
        background.deviation = np.where(free, deviation + ((capped - deviation) >> _LEARNING_SHIFT), deviation).astype(
            np.uint16
        )

    def _threshold(self) -> Pixels:
        assert self.background is not None
        if self._differing is None:
            wide = (self.background.deviation.astype(np.uint32) * _DEVIATIONS) >> _FRACTION
            self._differing = np.asarray(np.clip(wide, _LEAST_DIFFERENCE, _MOST_DIFFERENCE), np.uint8)
        return self._differing

    def _mask(self, difference: object, threshold: Pixels) -> Mask:
        mask: Mask = (np.asarray(difference) > threshold).astype(np.uint8) * 255
        watched = self._watched_mask(mask.shape)
        if watched is not None:
            mask &= watched
        # A lone pixel is noise; three of a square of nine are something.
        return np.asarray(cv2.medianBlur(mask, 3), np.uint8)

    def _watched_mask(self, shape: tuple[int, ...]) -> Mask | None:
        if not self._ignored:
            return None
        if self._watched is None or self._watched.shape != shape:
            watched = np.full(shape, 255, np.uint8)
            for polygon in self._ignored:
                points = np.array([[x * shape[1], y * shape[0]] for x, y in polygon])
                cv2.fillPoly(watched, [np.round(points).astype(np.int32)], (0,))
            self._watched = watched
        return self._watched


def regions_of(mask: Mask) -> list[Box]:
    """Boxes around the patches of a mask, near ones together; in a fixed order."""
    if not mask.any():
        return []
    height, width = mask.shape
    joined = cv2.dilate(mask, np.ones((5, 5), np.uint8))
    # Outlines of patches and of holes in them: far cheaper than labelling every pixel.
    outlines, hierarchy = cv2.findContours(joined, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    least = max(6, _LEAST_REGION_SHARE * mask.size)
    regions = []
    for outline, (_, _, _, around) in zip(outlines, hierarchy[0].tolist(), strict=True):
        if around >= 0:
            continue  # a hole
        x, y, wide, high = cv2.boundingRect(outline)
        if np.count_nonzero(mask[y : y + high, x : x + wide]) >= least:
            regions.append(Box(x / width, y / height, (x + wide) / width, (y + high) / height))
    return sorted(regions)


def share_of(mask: Mask, box: Box) -> float:
    """The share of a box that is set in a mask."""
    part = mask[_slices(mask.shape, box)]
    return float(np.count_nonzero(part)) / part.size if part.size else 0.0


def _slices(shape: tuple[int, ...], box: Box) -> tuple[slice, slice]:
    height, width = shape
    inside = box.clipped()
    return (
        slice(int(inside.y0 * height), max(int(inside.y0 * height) + 1, round(inside.y1 * height))),
        slice(int(inside.x0 * width), max(int(inside.x0 * width) + 1, round(inside.x1 * width))),
    )
