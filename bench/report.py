"""Tables of what was measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from bench.meter import Cost
from bench.runners import NAMES


def cost_table(costs: Sequence[Cost]) -> str:
    """Medians as a Markdown table; with the spread where a turn was repeated."""
    groups: dict[tuple[str, int, str], list[Cost]] = defaultdict(list)
    for cost in costs:
        groups[cost.scene, cost.cameras, cost.runner].append(cost)
    rows = [
        "| scene | N | what | CPU-ms / camera-s | of which | PSS MB / camera (RSS) | MB written / camera-min "
        "| frames lost | analysis behind, s at most | passed over, of what was to be decoded "
        "| others' share of CPU | fixed work, ms |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (scene, count, runner), group in groups.items():
        rows.append(f"| {scene} | {count} | {NAMES[runner]} | {_cells(group)} |")
    return "\n".join(rows) + "\n"


def _cells(group: Sequence[Cost]) -> str:
    cpu = [cost.cpu_ms_per_camera_s for cost in group]
    spread = f" ({min(cpu):.1f}–{max(cpu):.1f})" if len(cpu) > 1 else ""
    parts = {part: median(cost.part_cpu_ms.get(part, 0.0) for cost in group) for part in group[0].part_cpu_ms}
    told = ", ".join(f"{part} {ms:.1f}" for part, ms in parts.items() if ms >= 0.05) if len(parts) > 1 else ""
    lost = [cost.frames_lost for cost in group]
    return " | ".join(
        (
            f"{median(cpu):.1f}{spread}",
            told,
            f"{median(c.pss_mb_per_camera for c in group):.0f} ({median(c.rss_mb_per_camera for c in group):.0f})",
            f"{median(c.written_mb_per_camera_minute for c in group):.1f}",
            "–" if None in lost else str(max(one for one in lost if one is not None)),
            _most(group, "furthest_behind_s", ".1f"),
            _most(group, "passed_over", ".1%"),
            f"{median(c.foreign for c in group):.0%}",
            f"{median(c.work_s for c in group) * 1000:.0f}",
        )
    )


def _most(group: Sequence[Cost], note: str, shown_as: str) -> str:
    told = [cost.notes[note] for cost in group if note in cost.notes]
    return format(max(told), shown_as) if told else "–"
