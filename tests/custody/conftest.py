"""A node with three witnesses, and a clip for it to record."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.custody.node import Node
from tests.streams import make_numbered_clip

SINGLE_FILE = Path(__file__).parents[2] / "tools/verify/basira_verify.py"


@pytest.fixture(scope="session")
def single_file() -> ModuleType:
    """``tools/verify/basira_verify.py``, as a court would run it."""
    spec = importlib.util.spec_from_file_location("basira_verify", SINGLE_FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def clip(clips: Path) -> Path:
    """90 numbered frames, 15 a second, a keyframe each second: six seconds, three segments of two GOPs."""
    return make_numbered_clip(clips / "custody-six-seconds.mp4", frames=90)


@pytest.fixture
def node(tmp_path: Path, clip: Path) -> Iterator[Node]:
    made = Node(tmp_path, clip)
    yield made
    made.close()
