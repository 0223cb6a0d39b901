"""What packet sizes tell for nothing: a group whose pictures suddenly cost more bytes had something moving in it.

Between two keyframes that look alike something may have come and gone. An encoder without a tight rate cap spends
more bytes on those pictures; that is read from the container, without decoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any, Final

_REMEMBERED: Final = 64
_LEAST_KNOWN: Final = 5
_PICTURES: Final = 3  # in a row, so that one odd picture does not count
_RATIO: Final = 1.7
_OVER_HIGHEST: Final = 1.1
_LEAST_BYTES: Final = 150


class SizeHint:
    """Largest mean size of a few pictures in a row, compared with what quiet groups had."""

    def __init__(self) -> None:
        self._quiet: list[int] = []

    def suspicious(self, sizes: Sequence[int]) -> bool:
        """Whether a group's sizes are unlike those of quiet groups before it."""
        if len(self._quiet) < _LEAST_KNOWN:
            return False
        usual = median(self._quiet)
        highest = sorted(self._quiet)[-1 - len(self._quiet) // 10]  # all but a tenth
        peak = _peak(sizes)
        return peak > max(usual * _RATIO, highest * _OVER_HIGHEST, usual + _LEAST_BYTES)

    def learn(self, sizes: Sequence[int]) -> None:
        """Take in a group in which nothing was found."""
        self._quiet.append(_peak(sizes))
        del self._quiet[:-_REMEMBERED]

    def save(self) -> list[int]:
        return self._quiet

    def load(self, saved: list[Any]) -> None:
        self._quiet = [int(value) for value in saved]


def _peak(sizes: Sequence[int]) -> int:
    count = min(_PICTURES, len(sizes))
    if count == 0:
        return 0
    return max(sum(sizes[start : start + count]) for start in range(len(sizes) - count + 1)) // count
