"""What the encoder tells for nothing: a group whose pictures cost it more than usual had something moving in it.

Between two keyframes that look alike something may have come and gone. An encoder spends more bytes on those pictures
or, where its rate is held, more of their quality: both are read from the container and from slice headers, without
decoding (``quantiser.py``). The usual spread is learnt, so that a camera whose figures swing by themselves makes this
hint say nothing rather than cry wolf.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any, Final

_REMEMBERED: Final = 64
_LEAST_KNOWN: Final = 5
_PICTURES: Final = 5  # in a row, of which the highest does not count: one odd picture says nothing
_RATIO: Final = 1.1
_SPREADS: Final = 6
_LEAST_SPREAD: Final = 0.005  # of the usual: grain costs an encoder much, and nearly the same in each group
_LEAST_BYTES: Final = 100


class EffortHint:
    """Two figures of a group, each compared with what quiet groups had: its mean, and its highest few in a row."""

    def __init__(self) -> None:
        self._means: list[int] = []
        self._peaks: list[int] = []

    @property
    def knows(self) -> bool:
        """Whether it has learnt enough to say anything."""
        return len(self._means) >= _LEAST_KNOWN

    def suspicious(self, efforts: Sequence[int]) -> bool:
        """Whether a group's efforts are unlike those of quiet groups before it."""
        if not self.knows or not efforts:
            return False
        return _unusual(_mean(efforts), self._means) or _unusual(_peak(efforts), self._peaks)

    def learn(self, efforts: Sequence[int]) -> None:
        """Take in a group in which nothing was found."""
        if not efforts:
            return
        for figure, known in ((_mean(efforts), self._means), (_peak(efforts), self._peaks)):
            known.append(figure)
            del known[:-_REMEMBERED]

    def save(self) -> list[list[int]]:
        return [self._means, self._peaks]

    def load(self, saved: list[Any]) -> None:
        self._means, self._peaks = ([int(value) for value in values] for values in saved)


def _unusual(figure: int, known: Sequence[int]) -> bool:
    usual = median(known)
    spread = max(median(abs(value - usual) for value in known), usual * _LEAST_SPREAD)
    return figure > max(usual * _RATIO, usual + _SPREADS * spread, usual + _LEAST_BYTES)


def _mean(efforts: Sequence[int]) -> int:
    return sum(efforts) // len(efforts)


def _peak(efforts: Sequence[int]) -> int:
    """The highest mean of a few in a row, the highest of them left out."""
    count = min(_PICTURES, len(efforts))
    runs = (efforts[start : start + count] for start in range(len(efforts) - count + 1))
    return max(sum(run) - max(run) for run in runs) // max(1, count - 1)
