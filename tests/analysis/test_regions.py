from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from basira.analysis.boxes import Box, covered
from basira.analysis.pictures import Region
from basira.analysis.regions import parts_to_look_at, pixels_needed

_boxes = st.builds(
    lambda x, y, w, h: Box(x, y, min(1.0, x + w), min(1.0, y + h)),
    st.floats(0, 0.95), st.floats(0, 0.95), st.floats(0.01, 0.6), st.floats(0.01, 0.6),
)  # fmt: skip


@given(st.lists(_boxes, max_size=12))
def test_the_parts_cover_everything_are_few_and_lie_in_the_picture(boxes: list[Box]) -> None:
    parts = parts_to_look_at(boxes, 16 / 9)
    assert len(parts) <= 3
    for part in parts:
        assert part.clipped() == part
    for box in boxes:
        assert max(covered(box, part) for part in parts) > 0.999


def test_nothing_to_look_at_is_nothing() -> None:
    assert parts_to_look_at([], 16 / 9) == []


def test_a_small_thing_is_looked_at_with_its_surroundings() -> None:
    (part,) = parts_to_look_at([Box(0.5, 0.5, 0.51, 0.52)], 16 / 9)
    assert part.height >= 0.29
    assert part.area < 0.1


def test_two_things_far_apart_are_looked_at_one_by_one() -> None:
    assert len(parts_to_look_at([Box(0.05, 0.1, 0.1, 0.2), Box(0.9, 0.8, 0.95, 0.9)], 16 / 9)) == 2


def test_a_picture_full_of_change_is_looked_at_whole() -> None:
    scattered = [Box(x / 4, y / 4, x / 4 + 0.1, y / 4 + 0.1) for x in range(4) for y in range(4)]
    assert parts_to_look_at(scattered, 16 / 9) == [Box(0, 0, 1, 1)]


def test_a_part_is_given_the_pixels_that_its_smallest_object_needs() -> None:
    part, region = Box(0, 0, 1, 1), Region(0, 0, 1920, 1080)
    large, half, tiny = Box(0.3, 0, 0.6, 1), Box(0.3, 0.2, 0.4, 0.5), Box(0.3, 0.2, 0.31, 0.22)
    assert pixels_needed(part, region, [large]) == 192
    assert pixels_needed(part, region, [large, tiny]) == pixels_needed(part, region, [tiny]) == 320
    assert pixels_needed(part, region, [large]) <= pixels_needed(part, region, [half]) <= 320


def test_what_lies_in_another_part_needs_no_pixels_of_this_one() -> None:
    left, region = Box(0, 0, 0.5, 1), Region(0, 0, 960, 1080)
    assert pixels_needed(left, region, [Box(0.1, 0.1, 0.4, 0.9), Box(0.8, 0.1, 0.81, 0.12)]) == 192
