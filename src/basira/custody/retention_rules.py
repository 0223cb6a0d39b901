"""Whether what was deleted might be deleted: old enough by the rule of its own day, and not on hold.

A change of policy is not retroactive: the retention that counts is the longest that was in force from the moment
the segment was logged. A deletion's age is judged twice: by the node's clock, and by the witnesses' brackets, which
the node cannot move.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from basira.custody.entries import Camera, Deletion, Hold, HoldLifted, Retention, Segment
from basira.custody.findings import Finding
from basira.custody.logged import LoggedEntry, of_kind
from basira.custody.recording_rules import segment_text

Report = Callable[[Finding], None]
SPACE_REASONS = frozenset({"size", "floor"})


@dataclass(slots=True)
class _Rules:
    """Retention in force over time, by place in the log."""

    default: list[tuple[tuple[int, int], int]] = field(default_factory=list)
    cameras: list[tuple[tuple[int, int], str, int | None]] = field(default_factory=list)

    def at(self, place: tuple[int, int], camera: str) -> int | None:
        own = [us for at, name, us in self.cameras if name == camera and at <= place]
        if own and own[-1] is not None:
            return own[-1]
        general = [us for at, us in self.default if at <= place]
        return general[-1] if general else None


def check_deletions(logged: list[LoggedEntry], report: Report, notice: Report) -> None:
    """Every deletion among the entries against the holds and the retention among them."""
    rules = _Rules(
        [(one.place, entry.retention_us) for one, entry in of_kind(logged, Retention)],
        [(one.place, entry.camera, entry.retention_us) for one, entry in of_kind(logged, Camera)],
    )
    segments = {entry.key(): one for one, entry in of_kind(logged, Segment)}
    for one, deletion in of_kind(logged, Deletion):
        where = segment_text(deletion.key())
        hold = _hold_over(logged, one, deletion)
        if hold is not None:
            report(Finding("held_deletion", where, f"hold {hold}"))
            continue
        made = segments.get(deletion.key())
        required_us = rules.at(made.place if made is not None else one.place, deletion.camera)
        if deletion.why in SPACE_REASONS:
            notice(Finding("deleted_for_space", where, deletion.why))
        elif required_us is not None and _too_early(deletion, made, one, required_us):
            report(Finding("early_deletion", where, f"retention {required_us // 86_400_000_000} days"))
        else:
            notice(Finding("segment_deleted", where, deletion.why))


def _hold_over(logged: Sequence[LoggedEntry], at: LoggedEntry, deletion: Deletion) -> str | None:
    """A hold that was in force over the segment when its deletion was logged."""
    held: dict[str, Hold] = {}
    for one in logged:
        if one.place >= at.place:
            break
        if isinstance(one.entry, Hold):
            held[one.entry.hold] = one.entry
        elif isinstance(one.entry, HoldLifted):
            held.pop(one.entry.hold, None)
    for hold in held.values():
        touches = hold.start_us < deletion.end_us and hold.end_us > deletion.start_us
        if hold.camera == deletion.camera and touches:
            return hold.hold
    return None


def _too_early(deletion: Deletion, made: LoggedEntry | None, at: LoggedEntry, required_us: int) -> bool:
    if deletion.deleted_us - deletion.end_us < required_us:
        return True
    if made is None or made.bracket.not_before_s is None or at.bracket.not_after_s is None:
        return False
    # The segment was committed after not_before, its deletion before not_after: it cannot have been older than this.
    return (at.bracket.not_after_s - made.bracket.not_before_s) * 1_000_000 < required_us
