"""A node with three witnesses, and a clip for it to record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.custody.node import Node
from tests.custody.single_file import load_single_file
from tests.streams import make_numbered_clip


@pytest.fixture(scope="session")
def single_file() -> ModuleType:
    return load_single_file()


@pytest.fixture(scope="session")
def clip(clips: Path) -> Path:
    """90 numbered frames, 15 a second, a keyframe each second: six seconds, three segments of two GOPs."""
    return make_numbered_clip(clips / "custody-six-seconds.mp4", frames=90)


@pytest.fixture
def node(tmp_path: Path, clip: Path) -> Iterator[Node]:
    made = Node(tmp_path, clip)
    yield made
    made.close()
