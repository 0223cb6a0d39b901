"""Whether what was deleted might be deleted: old enough by the rule of its own day, and not on hold.

A change of policy is not retroactive: the retention that counts is the one in force when the segment was logged. A
deletion's age is judged twice: by the node's clock, and by the brackets, which the node cannot move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from basira.base.identifiers import SegmentKey
from basira.custody.entries import Camera, Deletion, Hold, HoldLifted, Retention, Segment
from basira.custody.findings import Finding
from basira.custody.logged import LoggedEntry
from basira.custody.recording_rules import segment_text

Report = Callable[[Finding], None]
SPACE_REASONS = frozenset({"size", "floor"})


@dataclass(slots=True)
class RetentionJudge:
    """Takes entries in the order of the log and remembers no more of them than the rules in force need."""

    report: Report
    notice: Report
    _default_us: int | None = None
    _camera_us: dict[str, int | None] = field(default_factory=dict)
    _holds: dict[str, Hold] = field(default_factory=dict)
    _made: dict[SegmentKey, tuple[LoggedEntry, int | None]] = field(default_factory=dict)

    def take(self, one: LoggedEntry) -> None:
        entry = one.entry
        match entry:
            case Retention():
                self._default_us = entry.retention_us
            case Camera():
                self._camera_us[entry.camera] = entry.retention_us
            case Hold():
                self._holds[entry.hold] = entry
            case HoldLifted():
                self._holds.pop(entry.hold, None)
            case Segment():
                self._made.setdefault(entry.key(), (one, self._required_us(entry.camera)))
            case Deletion():
                self._judge(one, entry)
            case _:
                pass

    def _required_us(self, camera: str) -> int | None:
        own = self._camera_us.get(camera)
        return self._default_us if own is None else own

    def _judge(self, one: LoggedEntry, deletion: Deletion) -> None:
        where = segment_text(deletion.key())
        made, required_us = self._made.pop(deletion.key(), (None, self._required_us(deletion.camera)))
        hold = self._hold_over(deletion)
        if hold is not None:
            self.report(Finding("held_deletion", where, f"hold {hold}"))
        elif deletion.why in SPACE_REASONS:
            self.notice(Finding("deleted_for_space", where, deletion.why))
        elif required_us is not None and _too_early(deletion, made, one, required_us):
            self.report(Finding("early_deletion", where, f"retention {required_us // 86_400_000_000} days"))
        else:
            self.notice(Finding("segment_deleted", where, deletion.why))

    def _hold_over(self, deletion: Deletion) -> str | None:
        """A hold in force over the segment now."""
        for hold in self._holds.values():
            touches = hold.start_us < deletion.end_us and hold.end_us > deletion.start_us
            if hold.camera == deletion.camera and touches:
                return hold.hold
        return None


def check_deletions(logged: Iterable[LoggedEntry], report: Report, notice: Report) -> None:
    """Every deletion among the entries against the holds and the retention among them."""
    judge = RetentionJudge(report, notice)
    for one in logged:
        judge.take(one)


def _too_early(deletion: Deletion, made: LoggedEntry | None, at: LoggedEntry, required_us: int) -> bool:
    if deletion.deleted_us - deletion.end_us < required_us:
        return True
    if made is None or made.bracket.not_before_s is None or at.bracket.not_after_s is None:
        return False
    # The segment was committed after not_before, its deletion before not_after: it cannot have been older than this.
    return (at.bracket.not_after_s - made.bracket.not_before_s) * 1_000_000 < required_us
