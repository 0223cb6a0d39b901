"""Fixtures of the recording room."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recording.rig import Rig
from tests.streams import make_numbered_clip


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def clip(clips: Path) -> Path:
    """Six seconds at 15 frames a second, a keyframe each second."""
    return make_numbered_clip(clips / "six.mp4", frames=90)


@pytest.fixture(scope="session")
def b_frames(clips: Path) -> Path:
    return make_numbered_clip(clips / "b-frames.mp4", frames=60, b_frames=2)


@pytest.fixture(scope="session")
def hevc(clips: Path) -> Path:
    return make_numbered_clip(clips / "hevc.mp4", frames=60, codec="h265")


@pytest.fixture(scope="session")
def with_sound(clips: Path, b_frames: Path) -> Path:
    path = clips / "with-sound.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-i", b_frames, "-f", "lavfi", "-i", "sine=duration=4:sample_rate=44100",
         "-c:v", "copy", "-c:a", "aac", "-shortest", path],
        check=True,
    )  # fmt: skip
    return path
