"""A small scene to find things in, made of nothing but a photograph that comes with matplotlib."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib import cbook

WIDTH, HEIGHT = 480, 272
FRAME_RATE = 10


def person_who_comes_and_goes(
    path: Path, *, seconds: int, there: list[tuple[float, float]], keyframe_s: float, held_kbps: int | None = None
) -> Path:
    """A quiet room in which a person slides in from the left, stands, and slides out to the right.

    ``there``: when the person is wholly or partly in the picture, seconds. ``held_kbps``: the rate that the encoder
    holds hard; None for one quality at any rate.
    """
    portrait = _portrait(220)
    room = _room()
    every = str(round(FRAME_RATE * keyframe_s))
    held = f"{held_kbps}k"
    rate = ["-crf", "24"] if held_kbps is None else ["-b:v", held, "-maxrate", held, "-bufsize", f"{held_kbps // 2}k"]
    command = [
        "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{WIDTH}x{HEIGHT}",
        "-r", str(FRAME_RATE), "-i", "-", "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency",
        "-pix_fmt", "yuv420p", *rate, "-g", every, "-keyint_min", every, "-sc_threshold", "0", str(path),
    ]  # fmt: skip
    random = np.random.default_rng(1)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        for number in range(seconds * FRAME_RATE):
            picture = room.astype(np.int16) + random.integers(-3, 4, room.shape, np.int16)
            frame = np.clip(picture, 0, 255).astype(np.uint8)
            for start_s, end_s in there:
                _put(frame, portrait, _place(number / FRAME_RATE, start_s, end_s, portrait.shape[1]))
            encoder.stdin.write(frame.tobytes())
    assert encoder.returncode == 0
    return path


def _place(at_s: float, start_s: float, end_s: float, width: int) -> int | None:
    """Left edge of the person: a second and a half to the middle, standing, and the same out."""
    if not start_s <= at_s <= end_s:
        return None
    middle = (WIDTH - width) // 2
    coming, going = (at_s - start_s) / 1.5, (end_s - at_s) / 1.5
    if coming < 1:
        return round(-width + (middle + width) * coming)
    if going < 1:
        return round(WIDTH + (middle - WIDTH) * going)
    return middle


def _put(frame: Any, portrait: Any, left: int | None) -> None:
    if left is None:
        return
    x0, x1 = max(0, left), min(WIDTH, left + portrait.shape[1])
    if x0 < x1:
        frame[HEIGHT - portrait.shape[0] :, x0:x1] = portrait[:, x0 - left : x1 - left]


def _portrait(height: int) -> Any:
    picture = cv2.imread(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)))
    assert picture is not None
    return cv2.resize(picture, (picture.shape[1] * height // picture.shape[0], height), interpolation=cv2.INTER_AREA)


def _room() -> Any:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    grey = 120 + rows * 60 // HEIGHT + (columns // 60 % 2) * 8
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2).astype(np.uint8)
