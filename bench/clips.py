"""Camera-like clips made of real footage: 1920×1080, 15 frames a second, 2.5 Mb/s, a keyframe every 2 s.

Annex B with access unit delimiters, as ``tests/rtsp_server.py`` sends them. Made once, kept in the cache folder.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

RATE = 15
GOP = 30
BIT_RATE_KBPS = 2500


@dataclass(frozen=True)
class Scene:
    """A clip and where it comes from. ``filters`` are FFmpeg's, applied before scaling."""

    name: str
    source: str
    filters: str = "null"
    seconds: int = 120


# "Something in view about half of the time" (people) and steady traffic; quiet is one empty picture with camera noise.
SCENES = (
    Scene("people", "one-by-one-person.mp4"),
    Scene("traffic", "highway.avi", "setpts=N/25/TB"),
    Scene("quiet", "one-by-one-person.mp4", "select=eq(n\\,0),loop=-1:1:0,setpts=N/15/TB,noise=alls=3:allf=t"),
    Scene("campus", "vtest.avi"),
)


def make_clip(scene: Scene, footage: Path, cache: Path) -> Path:
    """The Annex B file of a scene; raises CalledProcessError when FFmpeg cannot make it."""
    path = cache / f"{scene.name}-1080p{RATE}.h264"
    if path.exists():
        return path
    cache.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    command = [
        "ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-i", str(footage / scene.source),
        "-an", "-t", str(scene.seconds),
        "-vf", f"{scene.filters},fps={RATE},scale=1920:1080:force_original_aspect_ratio=increase,crop=1920:1080",
        "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p",
        "-b:v", f"{BIT_RATE_KBPS}k", "-maxrate", f"{BIT_RATE_KBPS}k", "-bufsize", f"{BIT_RATE_KBPS}k",
        "-x264-params", f"keyint={GOP}:min-keyint={GOP}:scenecut=0:aud=1:repeat-headers=1",
        "-f", "h264", str(partial),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    partial.rename(path)
    return path
