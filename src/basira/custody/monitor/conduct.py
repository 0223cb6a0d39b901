"""What entries say about those who run and use the system: deletions, the chain of segments, unusual access."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Final

from basira.custody.entries import Access, Camera, Segment
from basira.custody.findings import Finding
from basira.custody.logged import LoggedEntry
from basira.custody.monitor.numbers import day_of
from basira.custody.recording_rules import segment_text
from basira.custody.retention_rules import RetentionJudge

# A day with fewer accesses is never unusual; above, it is when it is so many times the person's own ordinary day.
ORDINARY_AT_MOST: Final = 20
UNUSUAL_TIMES: Final = 5
MANY_EXPORTS: Final = 10
MANY_REFUSED: Final = 10

Note = Callable[[str, Finding], None]
_QUIET: Final = frozenset({"segment_deleted", "deleted_for_space"})  # lawful: they are in the numbers


class Conduct:
    """Takes every entry in order and tells findings with the month they belong to."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._month = ""
        self._retention = RetentionJudge(self._tell, self._tell_unless_quiet)
        self._cameras: set[str] = set()
        self._last: dict[tuple[str, str], Segment] = {}
        self._by_day: dict[str, Counter[str]] = defaultdict(Counter)
        self._exports: Counter[tuple[str, str]] = Counter()
        self._refused: Counter[tuple[str, str]] = Counter()

    def _tell(self, finding: Finding) -> None:
        self._note(self._month, finding)

    def _tell_unless_quiet(self, finding: Finding) -> None:
        if finding.code not in _QUIET:
            self._tell(finding)

    def take(self, one: LoggedEntry) -> None:
        entry = one.entry
        self._month = day_of(entry.at_us)[:7]
        self._retention.take(one)
        if isinstance(entry, Segment):
            self._follow(entry)
        elif isinstance(entry, Access):
            self._watch(entry)
        elif isinstance(entry, Camera):
            self._know(one, entry)

    def _know(self, one: LoggedEntry, entry: Camera) -> None:
        """A camera is added once. Verifiers believe that there is nothing to see of the time before."""
        if entry.change == "added" and entry.camera in self._cameras:
            self._tell(Finding("camera_added_again", entry.camera, one.name))
        self._cameras.add(entry.camera)

    def _follow(self, entry: Segment) -> None:
        """Each segment names the hash of the one before it in its stream."""
        before = self._last.get((entry.camera, entry.stream))
        self._last[entry.camera, entry.stream] = entry
        if before is None:
            return
        where = f"{segment_text(before.key())} … {segment_text(entry.key())}"
        if entry.key() == before.key():
            if entry.sha256 != before.sha256:
                self._tell(Finding("segment_twice", segment_text(entry.key())))
            return
        follows = entry.segment == before.segment + 1 if entry.recording == before.recording else entry.segment == 0
        if entry.key() < before.key():
            self._tell(Finding("segment_order", where))
        elif entry.previous != before.sha256 or not follows:
            self._tell(Finding("segment_missing", where))

    def _watch(self, entry: Access) -> None:
        day = day_of(entry.at_us)
        if entry.act == "login_refused":
            self._refused[entry.user, day] += 1
        elif entry.act != "login":
            self._by_day[entry.user][day] += 1
        if entry.act in ("export", "evidence"):
            self._exports[entry.user, day] += 1

    def finish(self) -> None:
        """Judge people's habits, once all is known."""
        for user in sorted(self._by_day):
            days = self._by_day[user]
            for day in sorted(days):
                others = [count for other, count in days.items() if other != day]
                ordinary = max(statistics.median(others) if others else 0, ORDINARY_AT_MOST / UNUSUAL_TIMES)
                if days[day] > UNUSUAL_TIMES * ordinary:
                    self._note(day[:7], Finding("many_accesses", f"{user}, {day}", str(days[day])))
        for counts, least, code in (
            (self._exports, MANY_EXPORTS, "many_exports"), (self._refused, MANY_REFUSED, "many_refused_logins"),
        ):  # fmt: skip
            for (user, day), count in sorted(counts.items()):
                if count >= least:
                    self._note(day[:7], Finding(code, f"{user}, {day}", str(count)))
