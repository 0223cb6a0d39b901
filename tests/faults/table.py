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


def table(rows: list[Row]) -> str:
    """Markdown."""
    lines = ["| fault | times | fragments acknowledged | fragments lost | invariants broken |", "|---|---|---|---|---|"]
    lines += [
        f"| {r.fault} | {r.injected} | {r.acknowledged} | {r.lost} | {', '.join(r.broken) or 'none'} |" for r in rows
    ]
    return "\n".join(lines) + "\n"
