"""Footage with labels, as different cameras would have seen it: by night, in rain, in low light, at a low rate, small.

Every variant is derived from the same real footage, so its labels are those of the footage.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from tests.analysis.clips import as_camera

SIZE = "scale=1920:1080:force_original_aspect_ratio=increase,crop=1920:1080"
ROOM, ROAD, CAMPUS = "one-by-one-person.mp4", "highway.avi", "vtest.avi"
ROAD_PART = "crop=320:180:0:60"
# Two seconds in which nobody passes, forth and back, for as long as wanted.
EMPTY_ROAD = "trim=8:10,setpts=PTS-STARTPTS,split[a][b];[b]reverse[c];[a][c]concat,loop=-1:250,setpts=N/60/TB"


@dataclass(frozen=True)
class LabelledScene:
    """``labels``: name of a file of ``tests/footage/labels``; none where full-rate analysis is all there is to ask.

    ``filters`` are FFmpeg's, after scaling; ``rain`` streaks are drawn over the footage before.
    """

    name: str
    source: str
    labels: str | None
    filters: str = "null"
    bit_rate: str = "2500k"
    keyframe_s: float = 2.0
    rain: bool = False
    size: str = SIZE

    def clip(self, footage: Path, cache: Path) -> Path:
        """The footage as this camera sends it. Made once."""
        path = cache / f"scene-{self.name}.mp4"
        if not path.exists():
            cache.mkdir(parents=True, exist_ok=True)
            source = footage / self.source
            if self.rain:
                source = _rained_on(source, cache / f"rain-{self.source}.mkv")
            before = f"{ROAD_PART}," if self.source == ROAD else ""
            partial = path.with_suffix(".partial.mp4")
            filters = f"{before}{self.size},{self.filters}"
            as_camera(
                source, partial, frame_rate=15, keyframe_s=self.keyframe_s, bit_rate=self.bit_rate, filters=filters
            )
            partial.rename(path)
        return path


_NIGHT = "hue=s=0,eq=brightness=-0.28:contrast=0.6,noise=alls=14:allf=t,vignette=PI/4"
_LOW_LIGHT = "eq=brightness=-0.36:contrast=0.45:saturation=0.5,noise=alls=9:allf=t"
_FAR = (
    "scale=1920:1080:force_original_aspect_ratio=increase,crop=1920:1080,scale=640:360,pad=1920:1080:1100:500:0x6a6a6a"
)
_SUB = "scale=640:360:force_original_aspect_ratio=increase,crop=640:360"

SCENES = (
    LabelledScene("room", ROOM, "one-by-one-person"),
    LabelledScene("room-night", ROOM, "one-by-one-person", _NIGHT),
    LabelledScene("room-low-light", ROOM, "one-by-one-person", _LOW_LIGHT),
    LabelledScene("room-rain", ROOM, "one-by-one-person", rain=True),
    LabelledScene("room-300kbit", ROOM, "one-by-one-person", bit_rate="300k"),
    LabelledScene("room-far", ROOM, "one-by-one-person", size=_FAR),
    LabelledScene("room-4s", ROOM, "one-by-one-person", keyframe_s=4.0),
    LabelledScene("room-sub", ROOM, "one-by-one-person", size=_SUB, bit_rate="400k"),
    LabelledScene("room-night-sub", ROOM, "one-by-one-person", _NIGHT, size=_SUB, bit_rate="400k"),
    LabelledScene("road", ROAD, "highway-lower"),
    LabelledScene("road-sub", ROAD, "highway-lower", size=_SUB, bit_rate="400k"),
    LabelledScene("road-night-sub", ROAD, "highway-lower", _NIGHT, size=_SUB, bit_rate="400k"),
    LabelledScene("road-night", ROAD, "highway-lower", _NIGHT),
    LabelledScene("road-rain", ROAD, "highway-lower", rain=True),
    LabelledScene("road-500kbit", ROAD, "highway-lower", bit_rate="500k"),
    LabelledScene("campus", CAMPUS, None),
    LabelledScene("campus-sub", CAMPUS, None, size=_SUB, bit_rate="400k"),
)


def _rained_on(source: Path, target: Path) -> Path:
    """The footage with rain drawn over it: a few hundred bright streaks a picture, others in each, and a grey veil."""
    if target.exists():
        return target
    random = np.random.default_rng(7)
    partial = target.with_suffix(".partial.mkv")
    with av.open(str(source)) as container:
        video = container.streams.video[0]
        width, height = video.width, video.height
        command = [
            "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}",
            "-r", str(video.average_rate), "-i", "-", "-c:v", "libx264", "-preset", "veryfast", "-qp", "10",
            str(partial),
        ]  # fmt: skip
        with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
            assert encoder.stdin is not None
            for frame in container.decode(video):
                picture = frame.to_ndarray(format="bgr24")
                streaks = np.zeros((height, width), np.uint8)
                for x, y, length in random.integers(0, (width, height, height // 12), (width * height // 1500, 3)):
                    end = (int(x + length // 5), int(y + length))
                    cv2.line(streaks, (int(x), int(y)), end, int(random.integers(40, 110)), 1)
                veiled = cv2.addWeighted(picture, 0.85, np.full_like(picture, 150), 0.15, 0)
                rained = cv2.add(veiled, cv2.cvtColor(streaks, cv2.COLOR_GRAY2BGR))
                encoder.stdin.write(rained.tobytes())
        if encoder.returncode != 0:
            raise RuntimeError("FFmpeg could not encode the rain")
    partial.rename(target)
    return target
