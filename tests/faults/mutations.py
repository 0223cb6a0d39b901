"""Bytes that were good once: what a failing disk, a lossy line or an enemy makes of them."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

T = TypeVar("T")
_MOST_BYTES = 96 << 20
_TELLING = [0, 1, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


@st.composite
def mutated(draw: st.DrawFn, good: bytes, edits: int = 4) -> bytes:
    """``good`` after a few edits: a byte or a number overwritten, a part cut out, doubled, or the end cut off."""
    data = bytearray(good)
    for _ in range(draw(st.integers(1, edits))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["byte", "number", "cut", "double", "end"])):
            case "byte":
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "number":
                data[at : at + 4] = struct.pack(">I", draw(st.sampled_from(_TELLING)))
            case "cut":
                del data[at : at + draw(st.integers(1, 64))]
            case "double":
                data[at:at] = data[at : at + draw(st.integers(1, 64))]
            case "end":
                del data[at:]
    return bytes(data)


def hold(examples: int, inputs: st.SearchStrategy[T], claim: Callable[[T], object]) -> None:
    """``claim`` raises for none of ``examples`` inputs, and takes no longer than ten seconds for one; see metered."""

    def claimed(value: T) -> None:
        metered(claim, value)

    run = settings(
        max_examples=examples, deadline=10_000, database=None, suppress_health_check=list(HealthCheck)
    )  # fmt: skip
    run(given(inputs)(claimed))()


def metered(claim: Callable[[T], object], value: T) -> None:
    """``claim`` of one input; while tracemalloc is on, it asks for no more than a little memory.

    Claim by claim, for what makes the inputs has an appetite of its own: it reads the sources of every new module.
    """
    if not tracemalloc.is_tracing():
        claim(value)
        return
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    claim(value)
    _, most = tracemalloc.get_traced_memory()
    assert most - before < _MOST_BYTES, f"{(most - before) >> 20} MiB"
