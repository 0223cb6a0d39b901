"""Camera-like clips made of real footage: 1920×1080, 15 frames a second, 2.5 Mb/s, a keyframe every 2 s.

Sub streams of the same: 640×360, 400 kb/s.

Annex B with access unit delimiters, as ``tests/rtsp_server.py`` sends them. Made once, kept in the cache folder.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

RATE = 15
GOP = 30


@dataclass(frozen=True)
class Quality:
    """One of the streams that a camera sends. ``size`` in pixels, width and height."""

    name: str
    size: tuple[int, int]
    bit_rate_kbps: int


MAIN = Quality("1080p", (1920, 1080), 2500)
SUB = Quality("360p", (640, 360), 400)


@dataclass(frozen=True)
class Scene:
    """A clip and where it comes from. ``filters`` are FFmpeg's, applied before scaling."""

    name: str
    source: str
    filters: str = "null"
    seconds: int = 120


# Two seconds in which nobody passes, forth and back, after every stretch of traffic.
_EMPTY = "trim=8:10,setpts=PTS-STARTPTS,split[e][f];[f]reverse[g];[e][g]concat,loop=-1:241,setpts=N/60/TB,trim=0:85"
# People: somebody in view for 78 % of the time. Road: cars pass for a quarter of it. So half of the time all in all.
# Traffic: cars without end. Quiet: one empty picture with the noise of a camera.
SCENES = (
    Scene("people", "one-by-one-person.mp4"),
    Scene(
        "road",
        "highway.avi",
        f"crop=320:180:0:60,split[c][d];[c]trim=0:28.3,setpts=PTS-STARTPTS[a];[d]{_EMPTY}[b];[a][b]concat,"
        "noise=alls=2:allf=t",
        113,
    ),
    Scene("traffic", "highway.avi", "crop=320:180:0:60"),
    Scene("quiet", "one-by-one-person.mp4", "select=eq(n\\,0),loop=-1:1:0,setpts=N/15/TB,noise=alls=3:allf=t"),
    Scene("campus", "vtest.avi"),
)


def make_clip(scene: Scene, footage: Path, cache: Path, quality: Quality = MAIN) -> Path:
    """The Annex B file of a scene; raises CalledProcessError when FFmpeg cannot make it."""
    path = cache / f"{scene.name}-{quality.name}{RATE}.h264"
    if path.exists():
        return path
    cache.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    repeated = [] if "split" in scene.filters else ["-stream_loop", "-1"]
    size = f"{quality.size[0]}:{quality.size[1]}"
    rate = f"{quality.bit_rate_kbps}k"
    command = [
        "ffmpeg", "-v", "error", "-y", *repeated, "-i", str(footage / scene.source), "-an", "-t", str(scene.seconds),
        "-vf", f"{scene.filters},fps={RATE},scale={size}:force_original_aspect_ratio=increase,crop={size}",
        "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p",
        "-b:v", rate, "-maxrate", rate, "-bufsize", rate,
        "-x264-params", f"keyint={GOP}:min-keyint={GOP}:scenecut=0:aud=1:repeat-headers=1",
        "-f", "h264", str(partial),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    partial.rename(path)
    return path
