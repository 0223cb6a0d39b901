"""Fixtures every room's tests may use: clips made once per run, footage that may be absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.streams import Codec, make_numbered_clip

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "footage"


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of clips shared by the whole run."""
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def numbered_h264(clips: Path) -> Path:
    """60 s of numbered frames, 320×240 at 15 frames a second, a keyframe each second, Annex B."""
    return make_numbered_clip(clips / "numbered.h264", frames=900)


@pytest.fixture(scope="session")
def numbered_h265(clips: Path) -> Path:
    """20 s of numbered frames in H.265, otherwise as ``numbered_h264``."""
    return make_numbered_clip(clips / "numbered.h265", frames=300, codec="h265")


def clip_of(folder: Path, codec: Codec = "h264", *, b_frames: int = 0, frames: int = 90) -> Path:
    """A numbered MP4 clip of that codec in ``folder``, made when it is not there yet."""
    path = folder / f"{codec}-b{b_frames}-{frames}.mp4"
    return path if path.exists() else make_numbered_clip(path, frames=frames, codec=codec, b_frames=b_frames)


@pytest.fixture(scope="session")
def shared_footage() -> Path:
    """The folder of real footage beside the project; the test is left out, and says so, where there is none."""
    if not _SHARED.is_dir():
        pytest.skip("real footage is not on this machine (../shared/footage): left out")
    return _SHARED
