from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from basira.base.clock import SimulatedClock
from basira.catalogue.cameras import Camera, CameraStream
from basira.catalogue.store import Catalogue, open_catalogue


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def catalogue(tmp_path: Path, clock: SimulatedClock) -> Iterator[Catalogue]:
    opened = open_catalogue(tmp_path / "catalogue.db", clock)
    yield opened
    opened.close()


@pytest.fixture
def gate() -> Camera:
    return Camera(
        id="gate",
        name="البوابة",
        kind="rtsp",
        streams=(
            CameraStream(name="main", url="rtsp://192.0.2.7/main"),
            CameraStream(name="sub", url="rtsp://192.0.2.7/sub", transport="udp"),
        ),
        username="viewer",
        sealed_password=b"sealed",
    )
