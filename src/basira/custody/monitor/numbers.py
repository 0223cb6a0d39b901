"""The numbers of each month: a function of the log's entries and of nothing else, so that anybody gets the same."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from basira.custody.entries import (
    Access,
    ClockStep,
    Deletion,
    Entry,
    Gap,
    Hold,
    HoldLifted,
    Segment,
    Software,
)

SILENCE_US: Final = 180_000_000  # the log speaks every minute, so after three somebody or something is amiss
_MAIN: Final = "main"

Days = dict[str, dict[str, int]]


def _days() -> Days:
    return defaultdict(lambda: defaultdict(int))


@dataclass(slots=True)
class Month:
    """Times in microseconds. ``…_by_day`` maps a day to what the name says, by camera, act or reason."""

    entries: int = 0
    recorded_us_by_day: Days = field(default_factory=_days)
    missing_us_by_day: Days = field(default_factory=_days)
    accesses_by_day: Days = field(default_factory=_days)
    deletions_by_day: Days = field(default_factory=_days)
    gap_us_by_cause: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    people: set[str] = field(default_factory=set)
    holds_set: int = 0
    holds_lifted: int = 0
    clock_steps: int = 0
    starts: int = 0
    silences: int = 0
    silence_us: int = 0

    def as_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**plain, "people": len(self.people)}


def day_of(at_us: int) -> str:
    """UTC day of an instant."""
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y-%m-%d")


class Tally:
    """Takes every entry of a log in order."""

    def __init__(self) -> None:
        self.months: dict[str, Month] = defaultdict(Month)
        self._last_us: int | None = None
        self.silences: list[tuple[int, int]] = []

    def _month(self, at_us: int) -> Month:
        return self.months[day_of(at_us)[:7]]

    def take(self, entry: Entry) -> None:
        month = self._month(entry.at_us)
        month.entries += 1
        self._listen(entry.at_us)
        day = day_of(entry.at_us)
        match entry:
            case Segment(stream="main"):
                self._month(entry.start_us).recorded_us_by_day[day_of(entry.start_us)][entry.camera] += (
                    entry.end_us - entry.start_us
                )
            case Gap(stream="main") if entry.end_us is not None:
                missed_us = entry.end_us - entry.start_us
                of_start = self._month(entry.start_us)
                of_start.missing_us_by_day[day_of(entry.start_us)][entry.camera] += missed_us
                of_start.gap_us_by_cause[entry.cause] += missed_us
            case Access():
                month.accesses_by_day[day][entry.act] += 1
                month.people.add(entry.user)
            case Deletion():
                month.deletions_by_day[day][entry.why] += 1
            case Hold():
                month.holds_set += 1
            case HoldLifted():
                month.holds_lifted += 1
            case ClockStep():
                month.clock_steps += 1
            case Software():
                month.starts += 1
            case _:
                pass

    def _listen(self, at_us: int) -> None:
        if self._last_us is not None and at_us - self._last_us > SILENCE_US:
            month = self._month(self._last_us)
            month.silences += 1
            month.silence_us += at_us - self._last_us
            self.silences.append((self._last_us, at_us))
        self._last_us = at_us

    @property
    def last_us(self) -> int | None:
        """The log's own time of its newest entry."""
        return self._last_us

    def encode(self, logs: list[dict[str, Any]]) -> bytes:
        """``numbers.json``. ``logs`` names each log and the size that was counted."""
        months = {name: self.months[name].as_json() for name in self.months}
        text = json.dumps({"v": 1, "logs": logs, "months": months}, sort_keys=True, indent=1, ensure_ascii=True)
        return text.encode() + b"\n"
