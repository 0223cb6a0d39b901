"""``python -m bench.between``: somebody who comes and goes between two keyframes. When are they missed?

A real visit of fourteen seconds, played so fast that it lasts 1.7 s, six times in an empty room, each time at another
place between the keyframes; near, far away and through grain, sent as a camera with a variable rate does, and as one
whose rate is held hard. (Played in 0.9 s, full rate itself finds a third.)
"""

from __future__ import annotations

import argparse
import math
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from basira.analysis.cascade import Cascade
from basira.analysis.detector import Detector, Detects, model_path
from basira.base.clock import NS_PER_S
from bench.accuracy import FullRate, look
from bench.run import CACHE, FOOTAGE
from tests.analysis.clips import START

RATE = 15
SIZE = (640, 360)
VISITS = 6
LENGTH_S = 1.7
_LEAST_APART_S = 20.0
_LEARNT = 7  # groups before the first visit: the hint learns from five what is usual
_EMPTY, _VISIT = (0.0, 5.5), (5.8, 19.9)  # seconds of the footage
_GREY = 0x6A


@dataclass(frozen=True)
class View:
    """How the camera sees the room: it takes ``share`` of the width, within grey; ``grain`` in grey levels."""

    share: float = 1.0
    grain: float = 0.0


VIEWS = {"near": View(), "far": View(share=0.3), "grain of 4": View(grain=4.0), "grain of 9": View(grain=9.0)}
RATES = {"variable": ["-crf", "26"], "held": ["-b:v", "800k", "-maxrate", "800k", "-bufsize", "400k"]}


def starts_s(interval_s: float) -> list[float]:
    """When the visits begin: wholly between two keyframes where that is long enough, else wherever."""
    room_s = max(0.0, interval_s - LENGTH_S)
    places = [0.05 * interval_s + 0.9 * room_s * number / (VISITS - 1) for number in range(VISITS)]
    apart = max(2, math.ceil(_LEAST_APART_S / interval_s))
    return [(_LEARNT + number * apart) * interval_s + place for number, place in enumerate(places)]


def make(source: Path, target: Path, interval_s: float, view: View, rate: list[str]) -> None:
    """The clip."""
    empty, visit = _frames(source, *_EMPTY, view.share), _frames(source, *_VISIT, view.share)
    every, length = str(round(RATE * interval_s)), round(LENGTH_S * RATE)
    quick = [visit[len(visit) * number // length] for number in range(length)]
    starts = starts_s(interval_s)
    partial = target.with_suffix(".partial.mp4")
    begins = {round(start_s * RATE) for start_s in starts}
    command = [
        "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{SIZE[0]}x{SIZE[1]}",
        "-r", str(RATE), "-i", "-", "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency",
        "-pix_fmt", "yuv420p", "-g", every, "-keyint_min", every, "-sc_threshold", "0", *rate, str(partial),
    ]  # fmt: skip
    grained = _grain(view.grain)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        for frame in _sequence(empty, quick, begins, round((starts[-1] + LENGTH_S + 2 * interval_s) * RATE)):
            encoder.stdin.write(grained(frame).tobytes())
    if encoder.returncode != 0:
        raise RuntimeError("FFmpeg could not encode the clip")
    partial.rename(target)


def _sequence(empty: list[Any], quick: list[Any], begins: set[int], count: int) -> Iterator[Any]:
    """The empty room, forth and back, with the visit laid over it where it begins."""
    since: int | None = None
    for shown, background in enumerate(islice(cycle([*empty, *reversed(empty)]), count)):
        since = 0 if shown in begins else since
        yield background if since is None or since >= len(quick) else quick[since]
        since = None if since is None else since + 1


def _frames(source: Path, start_s: float, end_s: float, share: float) -> list[Any]:
    with av.open(str(source)) as container:
        return [
            _shown(frame.to_ndarray(format="bgr24"), share)
            for frame in container.decode(video=0)
            if start_s <= (frame.time or 0.0) < end_s
        ]


def _shown(picture: Any, share: float) -> Any:
    width, height = round(SIZE[0] * share), round(SIZE[1] * share)
    shown = np.full((SIZE[1], SIZE[0], 3), _GREY, np.uint8)
    left, top = (SIZE[0] - width) // 2, (SIZE[1] - height) // 2
    shown[top : top + height, left : left + width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return shown


def _grain(deviation: float) -> Callable[[Any], Any]:
    """Lays other noise over each picture."""
    random = np.random.default_rng(5)
    size = (SIZE[1] * 2, SIZE[0] * 2)
    field = random.normal(0, deviation, (*size, 1)).astype(np.int16)

    def laid_over(picture: Any) -> Any:
        if not deviation:
            return picture
        top, left = (int(random.integers(side // 2)) for side in size)
        part = field[top : top + SIZE[1], left : left + SIZE[0]]
        return np.clip(picture + part, 0, 255).astype(np.uint8)

    return laid_over


def _found(kind: type[Cascade], clip: Path, detector: Detects, starts: list[float]) -> tuple[int, int]:
    """How many of the visits, and how many events that are none of them."""
    events = [(event.start_utc_ns - START) / NS_PER_S for event in look(kind, clip, detector).events]
    near = [any(-0.5 < at - start < 1.5 for at in events) for start in starts]
    return sum(near), sum(not any(-0.5 < at - start < 1.5 for start in starts) for at in events)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--intervals", type=float, nargs="+", default=[2, 8, 30])
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    arguments = parser.parse_args()
    detector = Detector(model_path("nanodet-g", in_bytes=True), ["CPUExecutionProvider"])
    rows = ["| keyframes apart | seen | rate | found | by full rate | false |", "|---|---|---|---|---|---|"]
    arguments.cache.mkdir(parents=True, exist_ok=True)
    by_full: dict[tuple[str, str], int] = {}
    for interval_s, (seen, view), (name, rate) in product(arguments.intervals, VIEWS.items(), RATES.items()):
        clip = arguments.cache / f"between-{LENGTH_S:g}-{interval_s:g}-{seen.replace(' ', '-')}-{name}.mp4"
        if not clip.exists():
            make(arguments.footage / "one-by-one-person.mp4", clip, interval_s, view, rate)
        starts = starts_s(interval_s)
        found, false = _found(Cascade, clip, detector, starts)
        if (seen, name) not in by_full:  # which looks at every picture, however far keyframes are apart
            by_full[seen, name], _ = _found(FullRate, clip, detector, starts)
        figures = f"{found} of {VISITS} | {by_full[seen, name]} of {VISITS} | {false}"
        rows.append(f"| {interval_s:g} s | {seen} | {name} | {figures} |")
        print(rows[-1], flush=True)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "between.md").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
