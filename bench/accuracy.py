"""``python -m bench.accuracy``: what the cascade finds, beside what looking at everything finds, and labels by hand.

*Full rate* decodes every picture and gives five a second to the detector, the whole picture and the parts that changed;
tracker and rules are the same. Costs are CPU-ms per camera-second of the analysis alone, one thread, offline.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import cv2

from basira.analysis.boxes import WHOLE, Box, Detection
from basira.analysis.cascade import Cascade
from basira.analysis.detector import LONGEST, Detector, Detects, model_path
from basira.analysis.event import Event
from basira.analysis.gate import Change, Gate
from basira.analysis.gops import Gop, Interval
from basira.analysis.pictures import Picture, Region
from basira.analysis.zones import ZoneRules
from basira.base.clock import NS_PER_S
from bench.coverage import FOUND, points_seen
from bench.plots import draw
from bench.scenes import SCENES, LabelledScene
from tests.analysis.clips import START, STREAM, intervals_of
from tests.analysis.scoring import labelled, score

FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"
_VEHICLES = frozenset({"car", "bus", "truck", "train", "motorcycle"})


class FullRate(Cascade):
    """The upper bound: nothing is left out to save work."""

    def due(self, interval: Interval) -> list[Interval]:
        return [interval]

    def _explained(self, *_: Any, **__: Any) -> bool:
        return False

    def _is_foreseen(self, *_: Any, **__: Any) -> bool:
        return False

    def _is_calm(self, *_: Any, **__: Any) -> bool:
        return False

    def _parts(self, picture: Picture, change: Change | None) -> tuple[list[Box], list[Box]]:
        return [], [WHOLE, *super()._parts(picture, change)[1]]


class Timed:
    """A detector that counts its CPU time, and is given ``least`` pixels of everything."""

    def __init__(self, detector: Detects, least: int) -> None:
        self.name = detector.name
        self.cpu_s = 0.0
        self._detector = detector
        self._least = least

    def detect(self, picture: Picture, region: Region, threshold: float, longest: int = LONGEST) -> list[Detection]:
        began = time.thread_time()
        try:
            return self._detector.detect(picture, region, threshold, max(longest, self._least))
        finally:
            self.cpu_s += time.thread_time() - began


@dataclasses.dataclass(frozen=True)
class Found:
    """What one way of looking found, and what each stage of it cost."""

    events: tuple[Event, ...]
    seconds: float
    cpu_ms: float
    detector_ms: float
    decoder_ms: float
    gate_ms: float
    opened: float
    looks: int


@contextmanager
def _stopwatch(owner: type, *names: str) -> Iterator[list[float]]:
    """CPU seconds spent in these methods."""
    spent = [0.0]
    kept = {name: getattr(owner, name) for name in names}

    def timed(method: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            began = time.thread_time()
            try:
                result = method(*arguments, **options)
                return _each(result, spent) if isinstance(result, Iterator) else result
            finally:
                spent[0] += time.thread_time() - began

        return call

    for name, method in kept.items():
        setattr(owner, name, timed(method))
    try:
        yield spent
    finally:
        for name, method in kept.items():
            setattr(owner, name, method)


def _each(items: Iterator[Any], spent: list[float]) -> Iterator[Any]:
    while True:
        began = time.thread_time()
        item = next(items, None)
        spent[0] += time.thread_time() - began
        if item is None:
            return
        yield item


def look(kind: type[Cascade], clip: Path, detector: Detects, threshold: float = 0.4) -> Found:
    """Run one way of looking over a clip."""
    timed = Timed(detector, LONGEST if kind is FullRate else 0)
    cascade = kind(STREAM, timed, threshold, ZoneRules([], ZoneInfo("Asia/Baghdad")))
    intervals = list(intervals_of(clip))
    events: dict[str, Event] = {}
    with _stopwatch(Gop, "keyframe", "frames") as decoder, _stopwatch(Gate, "change", "learn", "foreground") as gate:
        began = time.thread_time()
        for interval in intervals:
            for due in cascade.due(interval):
                events |= {event.id: event for event in cascade.advance(due)}
        spent_s = time.thread_time() - began
    seconds = (intervals[-1].gop.end_utc_ns - START) / NS_PER_S
    scale = 1000 / seconds
    return Found(
        tuple(_as_labelled(event) for event in events.values()),
        seconds,
        spent_s * scale,
        timed.cpu_s * scale,
        decoder[0] * scale,
        gate[0] * scale,
        cascade.work.groups_decoded / max(1, cascade.work.groups),
        cascade.work.parts_looked_at,
    )


def _as_labelled(event: Event) -> Event:
    return dataclasses.replace(event, label="vehicle") if event.label in _VEHICLES else event


def compare(scene: LabelledScene, full: Found, cascade: Found) -> dict[str, Any]:
    """Recall and lateness against full rate, by place (``coverage.py``); precision and recall of both by the labels.

    Where there are labels, what full rate found is the labelled visits that it found; else it is all its events.
    """
    visits = labelled(scene.labels) if scene.labels is not None else ()
    of_full, of_cascade = score(visits, full.events, START), score(visits, cascade.events, START)
    told = [event for _, event in of_full.pairs] if scene.labels is not None else list(full.events)
    seen = [(event, points_seen(event, cascade.events)) for event in told]
    late = sorted(
        (points[0] - event.start_utc_ns) / NS_PER_S for event, points in seen if len(points) >= FOUND * len(event.path)
    )
    row: dict[str, Any] = {
        "scene": scene.name,
        "full_events": len(full.events),
        "events": len(cascade.events),
        "found_by_full": len(told),
        "found_by_both": len(late),
        "recall_of_full": round(len(late) / len(told), 3) if told else None,
        "late_median_s": round(late[len(late) // 2], 2) if late else None,
        "late_most_s": round(late[-1], 2) if late else None,
        "late_over_1s": sum(one > 1.0 for one in late),
    }
    if scene.labels is not None:
        row["labels"] = len(visits)
        for name, result in (("full", of_full), ("cascade", of_cascade)):
            row |= {f"{name}_recall": round(result.recall, 3), f"{name}_precision": round(result.precision, 3)}
    for name, found in (("full", full), ("cascade", cascade)):
        row[f"{name}_ms"] = {
            "all": round(found.cpu_ms, 1),
            "decoder": round(found.decoder_ms, 1),
            "detector": round(found.detector_ms, 1),
            "gate": round(found.gate_ms, 1),
        }
    row["opened"] = round(cascade.opened, 2)
    row["looks"] = cascade.looks
    return row


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as Markdown."""
    lines = [
        "| scene | labels | full rate: P / R | cascade: P / R | recall of full rate | first seen late, median / most "
        "| full rate, CPU-ms / camera-s | cascade | of which decoder / detector / gate | groups decoded whole |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        full, cascade = row["full_ms"], row["cascade_ms"]
        by_labels = (
            f"{row['labels']} | {row['full_precision']:.2f} / {row['full_recall']:.2f} "
            f"| {row['cascade_precision']:.2f} / {row['cascade_recall']:.2f}"
            if "labels" in row
            else "– | – | –"
        )
        lines.append(
            f"| {row['scene']} | {by_labels} "
            f"| {row['recall_of_full']} ({row['found_by_both']} of {row['found_by_full']}) "
            f"| {row['late_median_s']} / {row['late_most_s']} s | {full['all']:.0f} | {cascade['all']:.1f} "
            f"| {cascade['decoder']:.1f} / {cascade['detector']:.1f} / {cascade['gate']:.1f} | {row['opened']:.0%} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", nargs="+", default=[scene.name for scene in SCENES])
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=Path(".cache/bench"))
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    parser.add_argument("--model", type=Path, default=model_path("nanodet-g", in_bytes=True))
    parser.add_argument("--full-model", type=Path, default=None, help="of the full-rate run; the same by default")
    parser.add_argument("--no-full", action="store_true", help="the cascade against the labels only")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    detector = Detector(arguments.model, ["CPUExecutionProvider"])
    full_detector = Detector(arguments.full_model or arguments.model, ["CPUExecutionProvider"])
    rows: list[dict[str, Any]] = []
    for scene in SCENES:
        if scene.name not in arguments.scenes:
            continue
        clip = scene.clip(arguments.footage, arguments.cache)
        cascade = look(Cascade, clip, detector)
        full = cascade if arguments.no_full else look(FullRate, clip, full_detector)
        rows.append(compare(scene, full, cascade))
        print(table(rows[-1:]).splitlines()[-1], cascade.looks, "parts looked at", flush=True)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "accuracy.md").write_text(table(rows))
    (arguments.results / "accuracy.json").write_text(json.dumps(rows, indent=1) + "\n")
    draw(arguments.results)


if __name__ == "__main__":
    main()
