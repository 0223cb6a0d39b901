"""What the health of a node is reckoned from, over real segments."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest

from basira.alerting.health import Health, pending_s
from basira.analysis.runner import SOCKET_NAME
from basira.analysis.store import open_events
from basira.base.clock import NS_PER_S, NS_PER_US, SystemClock
from basira.base.settings import Settings
from basira.catalogue.cameras import Camera, Cameras, CameraStream
from basira.catalogue.store import open_catalogue
from basira.recording.control import ControlServer
from tests.conftest import clip_of
from tests.replay.store import GATE, START_NS, Store


def test_how_far_the_analysis_is_behind_is_asked_of_its_memory_and_of_its_database_while_it_is_down(
    tmp_path: Path, clips: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    catalogue = open_catalogue(settings.catalogue_path, SystemClock())
    main = CameraStream(name="main", url="rtsp://gate/main")
    Cameras(catalogue).add(Camera(id="gate", name="gate", kind="rtsp", streams=(main,)))
    store = Store(tmp_path)
    store.record(clip_of(clips, frames=90))
    newest = store.footage.newest_segment(GATE)
    assert newest is not None
    recorded_to_ns = store.footage.end_utc_ns(newest)
    events = open_events(settings.events_path)
    events.report({GATE: recorded_to_ns - 2 * NS_PER_S})
    health = Health(settings, SystemClock(), GATE.site, Cameras(catalogue), store.footage, Mock(), events, Mock())
    stream = {"camera": "gate", "stream": "main", "known_to_us": (recorded_to_ns - NS_PER_S) // NS_PER_US}
    server = ControlServer(settings.run_path / SOCKET_NAME, {"status": lambda _: {"streams": [stream]}})
    assert health.analysis_lag_s() == {"gate": pytest.approx(1, abs=0.01)}
    server.close()
    assert health.analysis_lag_s() == {"gate": pytest.approx(2, abs=0.01)}
    events.close()
    catalogue.close()
    store.close()


def test_after_a_night_without_power_the_analysis_is_behind_by_what_was_recorded_since(
    tmp_path: Path, clips: Path
) -> None:
    store = Store(tmp_path)
    clip = clip_of(clips, frames=90)
    store.record(clip)
    evening = store.footage.newest_segment(GATE)
    assert evening is not None
    known_to_ns = store.footage.end_utc_ns(evening)
    store.record(clip, recording=2, start_utc_ns=START_NS + 8 * 3600 * NS_PER_S)
    morning = store.footage.newest_segment(GATE)
    assert morning is not None
    recorded_to_ns = store.footage.end_utc_ns(morning)
    lasted_s = (recorded_to_ns - START_NS) / NS_PER_S - 8 * 3600
    assert pending_s(store.footage, GATE, known_to_ns, recorded_to_ns) == pytest.approx(lasted_s, abs=0.1)
    assert pending_s(store.footage, GATE, recorded_to_ns, recorded_to_ns) == 0
    store.close()
