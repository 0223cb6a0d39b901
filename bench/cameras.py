"""The cameras that are measured: GStreamer's RTSP server over clips of real footage (``bench/clips.py``).

A camera of the kind ``busy`` sees people or a road, by turns: something in view half of the time all in all; ``quiet``
sees an empty room with camera noise; ``half`` is half of each; ``-sub``: with a sub stream too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.clips import GOP, MAIN, RATE, SCENES, SUB, make_clip
from tests.streams import Mount, RtspServer

_SUB = "-sub"
KINDS: dict[str, Sequence[str]] = {
    "busy": ("people", "road"),
    "people": ("people",),
    "road": ("road",),
    "traffic": ("traffic",),
    "campus": ("campus",),
    "quiet": ("quiet",),
    "half": ("people", "quiet", "road", "quiet"),
    "busy-sub": ("people", "road"),
    "quiet-sub": ("quiet",),
    "quarter": ("people", "quiet", "quiet", "quiet", "road", "quiet", "quiet", "quiet"),
}


@dataclass(frozen=True)
class Source:
    """The stream addresses of one camera."""

    main: str
    sub: str | None = None

    def addresses(self) -> list[str]:
        return [self.main] if self.sub is None else [self.main, self.sub]


def mounts_of(scene: str, count: int, footage: Path, cache: Path) -> dict[str, Mount]:
    """The streams of ``count`` cameras, each camera at another place of its clip."""
    clips = {one.name: one for one in SCENES}
    found: dict[str, Mount] = {}
    for end, quality in (("", MAIN), *([(_SUB, SUB)] if scene.endswith(_SUB) else [])):
        files = [make_clip(clips[name], footage, cache, quality) for name in KINDS[scene]]
        for i in range(count):
            found[f"/camera{i}{end}"] = Mount(files[i % len(files)], rate=RATE, gop=GOP, phase=i * 7 * GOP)
    return found


def sources_at(server: RtspServer, mounts: Mapping[str, Mount]) -> list[Source]:
    """The cameras that :func:`mounts_of` gave, at their server."""
    return [
        Source(server.url(path), server.url(path + _SUB) if path + _SUB in mounts else None)
        for path in mounts
        if not path.endswith(_SUB)
    ]
