"""Tables and plots of what was measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

import matplotlib

from bench.meter import Cost
from bench.runners import NAMES

matplotlib.use("svg")
from matplotlib import pyplot

ACTIVITY = {"quiet": 0.0, "quarter": 0.25, "half": 0.5, "busy": 1.0}


def write_costs(costs: Sequence[Cost], folder: Path, name: str) -> None:
    """``NAME.md``, and the plots that these costs give."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(cost_table(costs))
    by_cameras = [cost for cost in costs if cost.scene == "busy"]
    if len({cost.cameras for cost in by_cameras}) > 1:
        lines = _lines(by_cameras, lambda cost: cost.cameras, lambda cost: cost.cpu_ms_per_camera_s * cost.cameras)
        plot(lines, "cameras", "CPU-ms a second, all cameras", folder / f"{name}-by-cameras.svg")
    by_activity = [cost for cost in costs if cost.scene in ACTIVITY]
    if len({cost.scene for cost in by_activity}) > 1:
        lines = _lines(by_activity, lambda cost: ACTIVITY[cost.scene], lambda cost: cost.cpu_ms_per_camera_s)
        plot(
            lines, "share of cameras that see something happen", "CPU-ms / camera-s", folder / f"{name}-by-activity.svg"
        )


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


Points = list[tuple[float, float]]


def _lines(costs: Iterable[Cost], x: object, y: object) -> dict[str, Points]:
    assert callable(x) and callable(y)
    values: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for cost in costs:
        values[NAMES[cost.runner]][x(cost)].append(y(cost))
    return {name: sorted((at, median(all_)) for at, all_ in points.items()) for name, points in values.items()}


def plot(lines: dict[str, Points], across: str, up: str, path: Path) -> None:
    """Lines through points, as SVG that is the same for the same figures."""
    matplotlib.rcParams["svg.hashsalt"] = "basira"
    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    for name, points in lines.items():
        axes.plot([x for x, _ in points], [y for _, y in points], marker="o", label=name.replace("`", ""))
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
