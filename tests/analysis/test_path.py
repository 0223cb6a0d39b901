from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.analysis.boxes import Box
from basira.analysis.path import PathPoint, pack_path, unpack_path

_side = st.floats(0, 1)
_points = st.lists(
    st.builds(PathPoint, st.integers(0, 10**9), st.builds(Box, _side, _side, _side, _side), _side), max_size=20
)


@given(_points)
def test_a_path_survives_packing_to_the_precision_it_promises(points: list[PathPoint]) -> None:
    start = 1_760_000_000_000_000_000
    points = [PathPoint(start + t * 1_000_000, box, score) for t, box, score in sorted(points)]
    again = unpack_path(pack_path(points))
    assert [point.utc_ns for point in again] == [point.utc_ns for point in points]
    for one, other in zip(again, points, strict=True):
        assert one.box == pytest.approx(other.box, abs=1e-5)
        assert one.score == pytest.approx(other.score, abs=0.003)


def test_a_point_takes_thirteen_bytes() -> None:
    point = PathPoint(5, Box(0, 0, 1, 1), 0.5)
    assert len(pack_path([point, point])) - len(pack_path([point])) == 13
