"""Whether a camera still sees what it usually sees: covered, turned away or frozen pictures, from keyframes alone.

What is compared is where the picture has edges, on a grid of 80 × 45 or so. The pattern of edges hardly changes when
the light does, so dusk, dawn and a cloud are nothing; a hand, a bag or a turn changes all of it at once. Where a scene
has no lasting pattern (a camera that pans, a dark room) nothing can be said, and nothing is.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from basira.analysis.pictures import Pixels
from basira.base.clock import NS_PER_S

SightState = Literal["", "camera_covered", "camera_turned", "camera_picture_frozen"]
Edges = NDArray[np.uint16]

_GRID: Final = 4  # pixels of the small picture to one of the grid
_FRACTION: Final = 4  # bits after the point in the pattern
_LEARNING_S: Final = 120.0
_LEARNT_AFTER_NS: Final = 60 * NS_PER_S
_LEARNT_AFTER_PICTURES: Final = 10
# Likeness of two patterns: 1 the same, 0 nothing in common.
_LOST: Final = 0.25
_FOUND: Final = 0.5
_USUAL_LEAST: Final = 0.6
_BARE: Final = 0.35  # share of the usual edges below which there is nothing left to see
_LASTING_NS: Final = 20 * NS_PER_S
_LASTING_PICTURES: Final = 4
_BACK_PICTURES: Final = 3
_FROZEN_NS: Final = 60 * NS_PER_S
_FROZEN_PICTURES: Final = 10
_ACCEPTED_NS: Final = 3600 * NS_PER_S


class Sight:
    """The memory of one stream's view. Keyframes in order; for one thread.

    A state begins when it has lasted 20 s (frozen: a minute) and ends when three keyframes in a row are as usual; a new
    view that stays for an hour is the usual one from then on. ``since_utc_ns`` is when the present state set in.
    """

    def __init__(self) -> None:
        self.state: SightState = ""
        self.since_utc_ns = 0
        self._pattern: Edges | None = None
        self._usual_likeness = 0.0
        self._began_utc_ns = 0
        self._pictures = 0
        self._seen_utc_ns = 0
        self._odd: tuple[int, int] = (0, 0)  # since when, and how many pictures
        self._usual_again = 0
        self._before: Pixels | None = None
        self._same: tuple[int, int] = (0, 0)
        self._moves = False

    def look(self, luma: Pixels, utc_ns: int) -> None:
        """The next keyframe, as the gate sees it."""
        frozen = self._is_frozen(luma, utc_ns)
        edges = edges_of(luma)
        if self._pattern is None or self._pattern.shape != edges.shape:
            self._begin(edges, utc_ns)
        else:
            self._compare(self._pattern, edges, utc_ns)
        self._seen_utc_ns = utc_ns
        if frozen and not self.state:
            self._turn("camera_picture_frozen", self._same[0])
        elif not frozen and self.state == "camera_picture_frozen":
            self._turn("", utc_ns)

    def save(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Everything remembered but the last picture: values, and arrays."""
        values = {
            "state": self.state, "since": self.since_utc_ns, "likeness": self._usual_likeness,
            "began": self._began_utc_ns, "pictures": self._pictures, "seen": self._seen_utc_ns, "odd": self._odd,
            "again": self._usual_again, "same": self._same, "moves": self._moves,
        }  # fmt: skip
        arrays: dict[str, NDArray[Any]] = {}
        if self._pattern is not None:
            arrays["sight_pattern"] = self._pattern
        if self._before is not None:
            arrays["sight_before"] = self._before
        return values, arrays

    def load(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Inverse of :meth:`save`."""
        self.state, self.since_utc_ns = values["state"], values["since"]
        self._usual_likeness, self._began_utc_ns = values["likeness"], values["began"]
        self._pictures, self._seen_utc_ns = values["pictures"], values["seen"]
        self._odd, self._usual_again = (values["odd"][0], values["odd"][1]), values["again"]
        self._same, self._moves = (values["same"][0], values["same"][1]), values["moves"]
        self._pattern = arrays.get("sight_pattern")
        self._before = arrays.get("sight_before")

    def _begin(self, edges: Edges, utc_ns: int) -> None:
        self._pattern = np.asarray(edges << _FRACTION, np.uint16)
        self._usual_likeness, self._pictures, self._began_utc_ns = 0.0, 0, utc_ns
        self._odd, self._usual_again = (0, 0), 0
        self._turn("", utc_ns)

    def _compare(self, pattern: Edges, edges: Edges, utc_ns: int) -> None:
        likeness = likeness_of(pattern, edges)
        is_learnt = (
            self._pictures >= _LEARNT_AFTER_PICTURES
            and utc_ns - self._began_utc_ns >= _LEARNT_AFTER_NS
            and self._usual_likeness >= _USUAL_LEAST
        )
        bare = float(edges.mean()) < _BARE * float(pattern.mean()) / (1 << _FRACTION)
        if is_learnt and likeness < (_FOUND if self._odd[1] or bare else _LOST):
            self._lose(edges, bare, utc_ns)
            return
        self._usual_again += 1
        if self._odd[1] and self._usual_again < _BACK_PICTURES:
            return
        self._odd = (0, 0)
        if self.state in ("camera_covered", "camera_turned"):
            self._turn("", utc_ns)
        self._learn(pattern, edges, likeness, utc_ns)

    def _lose(self, edges: Edges, bare: bool, utc_ns: int) -> None:
        """The pattern is gone: say so when that lasts, take the new view for the usual one when it stays."""
        since_ns, pictures = self._odd if self._odd[1] else (utc_ns, 0)
        self._odd, self._usual_again = (since_ns, pictures + 1), 0
        if utc_ns - since_ns >= _ACCEPTED_NS:
            self._begin(edges, utc_ns)
            return
        lasting = pictures + 1 >= _LASTING_PICTURES and utc_ns - since_ns >= _LASTING_NS
        if lasting and self.state not in ("camera_covered", "camera_turned"):
            self._turn("camera_covered" if bare else "camera_turned", since_ns)

    def _learn(self, pattern: Edges, edges: Edges, likeness: float, utc_ns: int) -> None:
        elapsed_s = max(0.0, (utc_ns - self._seen_utc_ns) / NS_PER_S)
        weight = min(0.25, max(elapsed_s / _LEARNING_S, 1.0 / (self._pictures + 2)))
        step = max(1, round(weight * 256))
        now = edges.astype(np.int32) << _FRACTION
        held = pattern.astype(np.int32)
        self._pattern = (held + ((now - held) * step >> 8)).astype(np.uint16)
        self._usual_likeness += (likeness - self._usual_likeness) * weight
        self._pictures += 1

    def _is_frozen(self, luma: Pixels, utc_ns: int) -> bool:
        """Whether the picture has been the very same for long, of a camera whose pictures are known to differ."""
        before, self._before = self._before, luma
        if before is None or before.shape != luma.shape or not np.array_equal(before, luma):
            self._moves = self._moves or before is not None
            self._same = utc_ns, 0
            return False
        self._same = self._same[0], self._same[1] + 1
        return self._moves and self._same[1] >= _FROZEN_PICTURES and utc_ns - self._same[0] >= _FROZEN_NS

    def _turn(self, state: SightState, utc_ns: int) -> None:
        if state != self.state:
            self.state, self.since_utc_ns = state, utc_ns


def edges_of(luma: Pixels) -> Edges:
    """How steep brightness is at each point of the grid, in grey levels a step."""
    width, height = max(3, luma.shape[1] // _GRID), max(3, luma.shape[0] // _GRID)
    grid = cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA)
    across, down = cv2.Sobel(grid, cv2.CV_16S, 1, 0), cv2.Sobel(grid, cv2.CV_16S, 0, 1)
    return np.asarray(np.abs(across) + np.abs(down), np.uint16)


def likeness_of(pattern: Edges, edges: Edges) -> float:
    """Correlation of two patterns, whatever the contrast of either; 0 where one of them has none."""
    a, b = pattern.astype(np.float64), edges.astype(np.float64)
    a -= a.mean()
    b -= b.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 0.0
