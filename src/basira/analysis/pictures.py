"""A decoded frame as the analysis wants it: a small grey picture of all of it, a colour picture of a part.

Nothing converts the whole frame to colour: of 1080p that alone costs more than decoding it.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from basira.analysis.boxes import Box

Pixels = NDArray[np.uint8]
_PLANAR: Final = frozenset({"yuv420p", "yuvj420p"})
_JPEG_QUALITY: Final = 80


class Region(NamedTuple):
    """A part of the frame in whole pixels; sides are even, so that the colour planes can be cut there too."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0


class Picture:
    """One frame and when it was. Cheap to make; planes are read when asked for."""

    def __init__(self, frame: VideoFrame, utc_ns: int) -> None:
        self.utc_ns = utc_ns
        self._small: dict[int, Pixels] = {}
        self._frame = frame if frame.format.name in _PLANAR else frame.reformat(format="yuv420p")
        # The decoder pads to even; one odd row or column is not looked at.
        self.width, self.height = frame.width // 2 * 2, frame.height // 2 * 2

    def small_luma(self, scale: int) -> Pixels:
        """Brightness of the whole frame, each pixel the mean of ``scale`` × ``scale``. Not to be written to."""
        if scale not in self._small:
            self._small[scale] = self._shrunk(scale)
        return self._small[scale]

    def _shrunk(self, scale: int) -> Pixels:
        width, height = max(1, self.width // scale), max(1, self.height // scale)
        plane = self._plane(0)[: height * scale, : width * scale]
        if scale == 1:
            return plane.copy()
        return _pixels(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA))

    def region(self, box: Box) -> Region:
        """The pixels of a box, widened to even sides inside the frame; at least 2 × 2."""
        inside = box.clipped()
        x0, y0 = (int(inside.x0 * self.width) // 2 * 2, int(inside.y0 * self.height) // 2 * 2)
        x0, y0 = min(x0, self.width - 2), min(y0, self.height - 2)
        x1 = max(x0 + 2, min(self.width, -(-int(inside.x1 * self.width) // 2) * 2))
        y1 = max(y0 + 2, min(self.height, -(-int(inside.y1 * self.height) // 2) * 2))
        return Region(x0, y0, x1, y1)

    def bgr(self, region: Region, width: int, height: int) -> Pixels:
        """A part of the frame in colour, resized; ``width`` and ``height`` must be even."""
        x0, y0, x1, y1 = region
        how = cv2.INTER_AREA if width < region.width else cv2.INTER_LINEAR
        luma, quarter = width * height, width * height // 4
        stacked = np.empty(luma + 2 * quarter, np.uint8)  # I420: the three planes one after the other
        cv2.resize(
            self._plane(0)[y0:y1, x0:x1], (width, height), dst=stacked[:luma].reshape(height, width), interpolation=how
        )
        for index, start in ((1, luma), (2, luma + quarter)):
            half = stacked[start : start + quarter].reshape(height // 2, width // 2)
            part = self._plane(index)[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2]
            cv2.resize(part, (width // 2, height // 2), dst=half, interpolation=how)
        return _pixels(cv2.cvtColor(stacked.reshape(height * 3 // 2, width), cv2.COLOR_YUV2BGR_I420))

    def jpeg(self, region: Region, longest: int) -> bytes:
        """A part of the frame as a JPEG whose longer side is at most ``longest``."""
        scale = min(1.0, longest / max(region.width, region.height))
        width = max(4, round(region.width * scale / 2) * 2)
        height = max(4, round(region.height * scale / 2) * 2)
        written, content = cv2.imencode(
            ".jpg", self.bgr(region, width, height), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
        )
        assert written
        return content.tobytes()

    def _plane(self, index: int) -> Pixels:
        plane = self._frame.planes[index]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        return rows[: plane.height, : plane.width]


def _pixels(array: Any) -> Pixels:
    return array  # type: ignore[no-any-return]
