from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from basira.analysis.detector import Detector, model_path
from basira.analysis.zones import ZoneRules
from tests.analysis.scene import person_who_comes_and_goes


@pytest.fixture(scope="session")
def detector() -> Detector:
    """The built-in model."""
    return Detector(model_path("nanodet-g"), ["CPUExecutionProvider"])


@pytest.fixture
def no_zones() -> ZoneRules:
    return ZoneRules([], ZoneInfo("Asia/Baghdad"))


@pytest.fixture(scope="session")
def two_visits(clips: Path) -> Path:
    """40 s; a person from 8 to 16 and from 26 to 33; a keyframe every 2 s."""
    return person_who_comes_and_goes(clips / "two-visits.mp4", seconds=40, there=[(8, 16), (26, 33)], keyframe_s=2)
