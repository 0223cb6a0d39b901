"""``python -m bench.plots``: what was measured, drawn from the ``*.json`` that runs left in ``results/``."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib

from bench.runners import NAMES

matplotlib.use("svg")
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_ACTIVITY = {"quiet": 0.0, "quarter": 0.25, "half": 0.5, "busy": 1.0}
_SCENES = {"busy": "busy", "half": "half of them quiet", "quiet": "quiet"}

Row = dict[str, Any]
Points = list[tuple[float, float]]


def draw(folder: Path) -> None:
    """Cost by cameras, cost by activity and accuracy by cost, as far as the folder has figures."""
    costs: list[Row] = []
    for path in sorted(folder.glob("*.json")):
        rows = json.loads(path.read_text())
        if isinstance(rows, list):
            costs += [row for row in rows if "cpu_ms_per_camera_s" in row]
    by_cameras = _lines(
        (row for row in costs if row["scene"] in _SCENES),
        lambda row: f"{NAMES[row['runner']]}, {_SCENES[row['scene']]}",
        lambda row: row["cameras"],
        lambda row: row["cpu_ms_per_camera_s"] * row["cameras"],
    )
    if by_cameras:
        _plot(by_cameras, "cameras", "CPU-ms a second, all cameras", folder / "cost-by-cameras.svg")
    fewest = min((row["cameras"] for row in costs), default=0)
    by_activity = _lines(
        (row for row in costs if row["scene"] in _ACTIVITY and row["cameras"] == fewest),
        lambda row: NAMES[row["runner"]],
        lambda row: _ACTIVITY[row["scene"]],
        lambda row: row["cpu_ms_per_camera_s"],
    )
    if by_activity:
        across = f"share of {fewest} cameras that see something happen"
        _plot(by_activity, across, "CPU-ms / camera-s", folder / "cost-by-activity.svg")
    if (folder / "accuracy.json").exists():
        _plot_accuracy(json.loads((folder / "accuracy.json").read_text()), folder / "accuracy-by-cost.svg")


def _lines(
    rows: Iterable[Row], name: Callable[[Row], str], x: Callable[[Row], float], y: Callable[[Row], float]
) -> dict[str, Points]:
    """Medians where a turn was repeated; no line of a single point."""
    values: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        values[name(row)][x(row)].append(y(row))
    return {
        one: sorted((at, median(all_)) for at, all_ in points.items())
        for one, points in values.items()
        if len(points) > 1
    }


def _plot_accuracy(rows: list[Row], path: Path) -> None:
    """What cascade and full rate cost in each scene, and what the one finds of what the other does."""
    rows = [row for row in rows if row["recall_of_full"] is not None][::-1]
    figure, axes = pyplot.subplots(figsize=(8, 0.6 + 0.28 * len(rows)))
    cheap, dear = ([row[f"{which}_ms"]["all"] for row in rows] for which in ("cascade", "full"))
    axes.hlines(range(len(rows)), cheap, dear, color="0.8")
    axes.plot(dear, range(len(rows)), "o", color="0.5", label="full rate")
    axes.plot(cheap, range(len(rows)), "o", label="cascade")
    axes.set_yticks(range(len(rows)), [row["scene"] for row in rows])
    for at, row in enumerate(rows):
        found = f"{row['found_by_both']} of {row['found_by_full']}"
        axes.annotate(found, (dear[at], at), xytext=(8, -3), textcoords="offset points", fontsize=8)
    axes.set_xlim(right=1.15 * max(dear))
    axes.set_xlabel("CPU-ms / camera-s of the analysis; behind it, what the cascade finds of what full rate finds")
    _finish(figure, axes, path)


def _plot(lines: dict[str, Points], across: str, up: str, path: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    for name, points in lines.items():
        axes.plot([x for x, _ in points], [y for _, y in points], marker="o", label=name.replace("`", ""))
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_ylim(bottom=0)
    _finish(figure, axes, path)


def _finish(figure: Figure, axes: Axes, path: Path) -> None:
    """Written as SVG that is the same for the same figures."""
    matplotlib.rcParams["svg.hashsalt"] = "basira"
    axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    draw(parser.parse_args().results)


if __name__ == "__main__":
    main()
