"""Events held against labels made by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from basira.analysis.event import Event
from basira.base.clock import NS_PER_S

LABELS = Path(__file__).parents[1] / "footage" / "labels"


@dataclass(frozen=True)
class Visit:
    """One labelled visit, seconds since the footage begins."""

    label: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Score:
    """``pairs``: each visit with the one event that found it. An event of nothing, or a second one, is not in it."""

    visits: tuple[Visit, ...]
    events: tuple[Event, ...]
    pairs: tuple[tuple[Visit, Event], ...]
    start_utc_ns: int

    @property
    def recall(self) -> float:
        return len(self.pairs) / len(self.visits)

    @property
    def precision(self) -> float:
        return len(self.pairs) / len(self.events) if self.events else 0.0

    @property
    def late_s(self) -> list[float]:
        """How much later than it appeared each was first seen."""
        return [(event.start_utc_ns - self.start_utc_ns) / NS_PER_S - visit.start_s for visit, event in self.pairs]

    @property
    def left_s(self) -> list[float]:
        """How much before (negative) or after it disappeared each was last seen."""
        return [(event.end_utc_ns - self.start_utc_ns) / NS_PER_S - visit.end_s for visit, event in self.pairs]

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f}, recall {self.recall:.3f} ({len(self.visits)} visits, "
            f"{len(self.events)} events), first seen at most {max(self.late_s, default=0):.1f} s late"
        )


def labelled(name: str) -> tuple[Visit, ...]:
    content = json.loads((LABELS / f"{name}.json").read_text("utf-8"))
    return tuple(Visit(visit["class"], visit["start_s"], visit["end_s"]) for visit in content["visits"])


def score(visits: tuple[Visit, ...], events: Iterable[Event], start_utc_ns: int) -> Score:
    """Each visit gets the event of its class that covers it most, if any; each event is given once."""
    left = sorted(events, key=lambda event: event.start_utc_ns)
    everything = tuple(left)
    pairs = []
    for visit in visits:
        best = max(left, key=lambda event: _common_s(visit, event, start_utc_ns), default=None)
        if best is not None and _common_s(visit, best, start_utc_ns) > 0:
            pairs.append((visit, best))
            left.remove(best)
    return Score(visits, everything, tuple(pairs), start_utc_ns)


def _common_s(visit: Visit, event: Event, start_utc_ns: int) -> float:
    if event.label != visit.label:
        return 0.0
    start_s = (event.start_utc_ns - start_utc_ns) / NS_PER_S
    end_s = (event.end_utc_ns - start_utc_ns) / NS_PER_S
    return min(visit.end_s, end_s) - max(visit.start_s, start_s)
