"""``python -m bench.between``: somebody who comes and goes between two keyframes. At which interval are they missed?

A real visit of fourteen seconds, played so fast that it lasts 1.7 s, six times in an empty room, each time at another
place between the keyframes; sent as a camera with a variable rate does, and as one whose rate is held hard. (Played in
0.9 s, full rate itself finds a third.)
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import av
import cv2

from basira.analysis.cascade import Cascade
from basira.analysis.detector import Detector, model_path
from basira.base.clock import NS_PER_S
from bench.accuracy import FullRate, look
from bench.run import CACHE, FOOTAGE
from tests.analysis.clips import START

RATE = 15
SIZE = (640, 360)
VISITS = 6
LENGTH_S = 1.7
_APART_S = 70.0
_EMPTY, _VISIT = (0.0, 5.5), (5.8, 19.9)  # seconds of the footage
RATES = {"variable": ["-crf", "26"], "held": ["-b:v", "800k", "-maxrate", "800k", "-bufsize", "400k"]}


def starts_s(interval_s: float) -> list[float]:
    """When the visits begin: wholly between two keyframes where that is long enough, else wherever."""
    room_s = max(0.0, interval_s - LENGTH_S)
    places = [0.05 * interval_s + 0.9 * room_s * number / (VISITS - 1) for number in range(VISITS)]
    bases = (round((number + 1) * _APART_S / interval_s) * interval_s for number in range(VISITS))
    return [base + place for base, place in zip(bases, places, strict=True)]


def make(source: Path, target: Path, interval_s: float, rate: list[str]) -> None:
    """The clip."""
    empty, visit = _frames(source, *_EMPTY), _frames(source, *_VISIT)
    every, length = str(round(RATE * interval_s)), round(LENGTH_S * RATE)
    quick = [visit[len(visit) * number // length] for number in range(length)]
    begins = {round(start_s * RATE) for start_s in starts_s(interval_s)}
    command = [
        "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{SIZE[0]}x{SIZE[1]}",
        "-r", str(RATE), "-i", "-", "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency",
        "-pix_fmt", "yuv420p", "-g", every, "-keyint_min", every, "-sc_threshold", "0", *rate, str(target),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        for frame in _sequence(empty, quick, begins, round((VISITS + 1) * _APART_S * RATE)):
            encoder.stdin.write(frame.tobytes())


def _sequence(empty: list[Any], quick: list[Any], begins: set[int], count: int) -> Iterator[Any]:
    """The empty room, forth and back, with the visit laid over it where it begins."""
    since: int | None = None
    for shown, background in enumerate(islice(cycle([*empty, *reversed(empty)]), count)):
        since = 0 if shown in begins else since
        yield background if since is None or since >= len(quick) else quick[since]
        since = None if since is None else since + 1


def _frames(source: Path, start_s: float, end_s: float) -> list[Any]:
    with av.open(str(source)) as container:
        return [
            cv2.resize(frame.to_ndarray(format="bgr24"), SIZE, interpolation=cv2.INTER_AREA)
            for frame in container.decode(video=0)
            if start_s <= (frame.time or 0.0) < end_s
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--intervals", type=float, nargs="+", default=[2, 4, 8])
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    arguments = parser.parse_args()
    detector = Detector(model_path("nanodet-g", in_bytes=True), ["CPUExecutionProvider"])
    rows = ["| keyframes apart | rate | found by the cascade | by full rate | false |", "|---|---|---|---|---|"]
    arguments.cache.mkdir(parents=True, exist_ok=True)
    for interval_s in arguments.intervals:
        for name, rate in RATES.items():
            clip = arguments.cache / f"between-{LENGTH_S:g}-{interval_s:g}-{name}.mp4"
            if not clip.exists():
                make(arguments.footage / "one-by-one-person.mp4", clip, interval_s, rate)
            found = []
            false = 0
            for kind in (Cascade, FullRate):
                events = [(event.start_utc_ns - START) / NS_PER_S for event in look(kind, clip, detector).events]
                near = [any(-0.5 < at - start < 1.5 for at in events) for start in starts_s(interval_s)]
                found.append(sum(near))
                if kind is Cascade:
                    false = sum(not any(-0.5 < at - start < 1.5 for start in starts_s(interval_s)) for at in events)
            rows.append(f"| {interval_s:g} s | {name} | {found[0]} of {VISITS} | {found[1]} of {VISITS} | {false} |")
            print(rows[-1], flush=True)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "between.md").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
