from __future__ import annotations

import av
import cv2
import numpy as np
import pytest

from basira.analysis.boxes import Box
from basira.analysis.pictures import Picture


def gradient(width: int = 322, height: int = 182) -> Picture:
    rows, columns = np.mgrid[:height, :width]
    bgr = np.stack([columns * 255 // width, rows * 255 // height, np.full_like(rows, 90)], axis=2).astype(np.uint8)
    return Picture(av.VideoFrame.from_ndarray(bgr, "bgr24").reformat(format="yuv420p"), 7)


def test_a_part_of_the_frame_has_the_colours_of_that_part() -> None:
    picture = gradient()
    part = picture.bgr(picture.region(Box(0.5, 0.5, 1, 1)), 80, 46)
    assert part.shape == (46, 80, 3)
    blue, green, red = part.reshape(-1, 3).mean(axis=0)
    assert blue == pytest.approx(191, abs=6)
    assert green == pytest.approx(191, abs=6)
    assert red == pytest.approx(90, abs=6)


def test_small_luma_is_the_mean_of_each_square() -> None:
    picture = gradient(320, 160)
    full = picture.small_luma(1).astype(float)
    small = picture.small_luma(4)
    assert small.shape == (40, 80)
    np.testing.assert_allclose(small, full.reshape(40, 4, 80, 4).mean(axis=(1, 3)), atol=0.51)


@pytest.mark.parametrize(
    "box", [Box(0, 0, 1, 1), Box(-1, -1, 2, 2), Box(0.999, 0.999, 1, 1), Box(0.3, 0.31, 0.3, 0.31)]
)
def test_a_region_has_even_sides_inside_the_frame(box: Box) -> None:
    picture = gradient()
    region = picture.region(box)
    assert region.width >= 2
    assert region.height >= 2
    assert all(side % 2 == 0 for side in region)
    assert 0 <= region.x0 < region.x1 <= picture.width
    assert 0 <= region.y0 < region.y1 <= picture.height


def test_other_pixel_formats_are_read_too() -> None:
    frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 200, np.uint8), "bgr24").reformat(format="yuv444p10le")
    picture = Picture(frame, 0)
    assert picture.bgr(picture.region(Box(0, 0, 1, 1)), 32, 32).mean() == pytest.approx(200, abs=4)


def test_a_jpeg_is_no_larger_than_asked() -> None:
    picture = gradient()
    content = picture.jpeg(picture.region(Box(0, 0, 1, 1)), 160)
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert max(decoded.shape) == 160
