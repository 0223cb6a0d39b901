"""The table a run of the fault matrix prints."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Row:
    """One kind of fault. ``broken`` names each invariant found broken; an empty list is the promise kept."""

    fault: str
    injected: int = 0
    acknowledged: int = 0
    lost: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def is_kept(self) -> bool:
        """Whether nothing acknowledged was lost and no invariant was broken."""
        return self.lost == 0 and not self.broken


@dataclass
class Matrix:
    """The rows of a whole run, and figures that are no row (memory, descriptors). Several tests may share a row."""

    rows: dict[str, Row] = field(default_factory=dict)
    figures: list[str] = field(default_factory=list)

    def row(self, fault: str) -> Row:
        return self.rows.setdefault(fault, Row(fault))


def table(rows: list[Row]) -> str:
    """Markdown."""
    lines = ["| fault | times | fragments acknowledged | fragments lost | invariants broken |", "|---|---|---|---|---|"]
    lines += [
        f"| {r.fault} | {r.injected} | {r.acknowledged} | {r.lost} | {', '.join(r.broken) or 'none'} |" for r in rows
    ]
    return "\n".join(lines) + "\n"
