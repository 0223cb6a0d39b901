from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from basira.analysis.memory import pack_memory, unpack_memory


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_come_back_to_the_last_bit(values: list[float]) -> None:
    assert unpack_memory(pack_memory({"x": values}, {}))[0] == {"x": values}


def test_arrays_come_back_as_they_were() -> None:
    arrays: dict[str, NDArray[Any]] = {
        "a": np.arange(12, dtype=np.uint16).reshape(3, 4),
        "b": np.zeros((0, 5), np.uint8),
    }
    _, again = unpack_memory(pack_memory({}, arrays))
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array)
        assert again[name].dtype == array.dtype


def test_what_it_did_not_make_is_refused() -> None:
    with pytest.raises((ValueError, zlib.error)):
        unpack_memory(b"something else")
