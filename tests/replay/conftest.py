"""Clips and a store to record them in."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.replay.store import Store
from tests.streams import make_numbered_clip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def six_seconds(clips: Path) -> Path:
    """90 numbered frames, 15 a second, a keyframe each second."""
    return make_numbered_clip(clips / "replay-six-seconds.mp4", frames=90)


@pytest.fixture(scope="session")
def with_b_frames(clips: Path) -> Path:
    return make_numbered_clip(clips / "replay-b-frames.mp4", frames=90, b_frames=2)


@pytest.fixture(scope="session")
def hevc(clips: Path) -> Path:
    return make_numbered_clip(clips / "replay-hevc.mp4", frames=60, codec="h265")


@pytest.fixture(scope="session")
def larger(clips: Path) -> Path:
    """Another resolution."""
    return make_numbered_clip(clips / "replay-larger.mp4", frames=30, size=(640, 480))


@pytest.fixture(scope="session")
def with_sound(clips: Path, with_b_frames: Path) -> Path:
    path = clips / "replay-with-sound.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-i", with_b_frames, "-f", "lavfi", "-i", "sine=duration=6:sample_rate=44100",
         "-c:v", "copy", "-c:a", "aac", "-shortest", path],
        check=True,
    )  # fmt: skip
    return path
