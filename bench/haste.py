"""``python -m bench.haste``: what is still found when a part of the groups is passed over for want of time.

The more a machine is asked to do beyond what it can, the larger that part (``basira.analysis.haste``). Parts are spread
evenly here, so that figures can be repeated.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2

from basira.analysis.cascade import Cascade
from basira.analysis.detector import Detector, model_path
from basira.analysis.event import Event
from basira.analysis.gops import Interval
from bench.accuracy import FOOTAGE, look
from bench.scenes import SCENES
from tests.analysis.clips import START
from tests.analysis.scoring import labelled, score

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def hurried(share: float) -> type[Cascade]:
    """A cascade in haste for this share of its groups."""

    class Hurried(Cascade):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self._owed = 0.0

        def advance(self, interval: Interval, *, in_haste: bool = False) -> list[Event]:
            self._owed += share
            in_haste = self._owed >= 1
            self._owed -= in_haste
            return super().advance(interval, in_haste=in_haste)

    return Hurried


def table(rows: Sequence[Sequence[str]]) -> str:
    """The rows as Markdown."""
    titles = ["scene", "labels", *(f"{share:.0%} passed over: R / P, CPU-ms / camera-s" for share in SHARES)]
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    labelled_scenes = [scene.name for scene in SCENES if scene.labels is not None]
    parser.add_argument("--scenes", nargs="+", default=labelled_scenes, choices=labelled_scenes)
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=Path(".cache/bench"))
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    detector = Detector(model_path("nanodet-g", in_bytes=True), ["CPUExecutionProvider"])
    rows = []
    for scene in SCENES:
        if scene.name not in arguments.scenes:
            continue
        visits = labelled(str(scene.labels))
        clip = scene.clip(arguments.footage, arguments.cache)
        row = [scene.name, str(len(visits))]
        for share in SHARES:
            found = look(hurried(share), clip, detector)
            result = score(visits, found.events, START)
            row.append(f"{result.recall:.2f} / {result.precision:.2f}, {found.cpu_ms:.0f}")
        rows.append(row)
        print(" | ".join(row), flush=True)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "haste.md").write_text(table(rows))


if __name__ == "__main__":
    main()
