"""The analysis process as the supervisor starts it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from basira.analysis import runner
from basira.analysis.runner import SOCKET_NAME, stream_to_analyse
from basira.analysis.store import EventFilter, EventReader, read_events
from basira.base.clock import NS_PER_S, NS_PER_US, SystemClock
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey
from basira.base.settings import Settings
from basira.catalogue.cameras import Camera, CameraChange, Cameras, CameraStream
from basira.catalogue.store import Catalogue, open_catalogue
from basira.catalogue.zones import Zone, Zones
from basira.recording.control import ask
from tests.replay.store import START_NS, Store

MAIN = CameraStream(name="main", url="rtsp://gate/main")
SUB = CameraStream(name="sub", url="rtsp://gate/sub")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
def catalogue(settings: Settings) -> Iterator[Catalogue]:
    opened = open_catalogue(settings.catalogue_path, SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def events(settings: Settings) -> Iterator[EventReader]:
    opened = read_events(settings.events_path)
    yield opened
    opened.close()


@pytest.fixture
def running(settings: Settings) -> Iterator[Callable[[], None]]:
    """Starts the analysis; it is stopped at the end."""
    stop = threading.Event()
    thread = threading.Thread(target=runner.main, args=(settings, stop))
    yield thread.start
    stop.set()
    if thread.ident is not None:
        thread.join(30)
        assert not thread.is_alive()


def until(condition: Callable[[], object], what: str, timeout_s: float = 200) -> None:
    give_up = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < give_up, f"never: {what}"
        time.sleep(0.1)


def _known_to_s(settings: Settings) -> list[float]:
    """Of each stream, the seconds of its footage that were looked at."""
    streams = ask(settings.run_path / SOCKET_NAME, {"op": "status"})["streams"]
    return [(stream["known_to_us"] * NS_PER_US - START_NS) / NS_PER_S for stream in streams]


def test_footage_of_every_wanted_camera_becomes_events_and_alerts(
    settings: Settings, catalogue: Catalogue, events: EventReader, running: Callable[[], None], two_visits: Path
) -> None:
    for name, wanted in (("gate", True), ("yard", True), ("attic", False)):
        Cameras(catalogue).add(Camera(id=name, name=name, kind="rtsp", streams=(MAIN,), analyse=wanted))
    everywhere = Zone(name="all", kind="alert", polygon=((0, 0), (1, 0), (1, 1), (0, 1)))
    Zones(catalogue).replace("gate", [everywhere])
    running()  # before the recorder has made its index
    recorded = Store(settings.data_dir)
    for name in ("gate", "yard", "attic"):
        recorded.record(two_visits, stream=StreamKey(catalogue.site, name, "main"), gops_per_segment=5)
    until(lambda: len(events.query_events(EventFilter()).events) == 4, "four events")
    found = events.query_events(EventFilter(alert=True)).events
    assert [(event.camera, event.zones) for event in found] == [("gate", (everywhere.id,))] * 2
    assert {event.camera for event in events.query_events(EventFilter()).events} == {"gate", "yard"}
    assert len(events.alerts_since(0)) == 2
    status = ask(settings.run_path / SOCKET_NAME, {"op": "status"})
    assert status["detector"] in ("nanodet-g", "nanodet-g-int8")
    assert {stream["camera"] for stream in status["streams"]} == {"gate", "yard"}
    until(lambda: all(known_to_s >= 37 for known_to_s in _known_to_s(settings)), "caught up")
    assert all(stream["groups_passed_over"] == 0 for stream in status["streams"])
    recorded.close()


def test_a_camera_taken_out_of_analysis_is_let_go_and_taken_up_again_where_it_was(
    settings: Settings, catalogue: Catalogue, events: EventReader, running: Callable[[], None], two_visits: Path
) -> None:
    cameras = Cameras(catalogue)
    cameras.add(Camera(id="gate", name="gate", kind="rtsp", streams=(MAIN,)))
    stream = StreamKey(catalogue.site, "gate", "main")
    recorded = Store(settings.data_dir)
    recorded.record(two_visits, stream=stream, gops_per_segment=5)
    running()
    until(lambda: [e.ongoing for e in events.query_events(EventFilter()).events] == [False, False], "two events")
    socket = settings.run_path / SOCKET_NAME
    cameras.update("gate", CameraChange(analyse=False))
    until(lambda: ask(socket, {"op": "status"})["streams"] == [], "nothing is analysed")
    change = events.latest_change()
    cameras.update("gate", CameraChange(analyse=True))
    until(lambda: ask(socket, {"op": "status"})["streams"] != [], "it is analysed again")
    until(lambda: _known_to_s(settings)[0] >= 37, "caught up")
    assert events.latest_change() == change
    recorded.close()


def test_the_sub_stream_is_analysed_where_there_is_one() -> None:
    both = Camera(id="gate", name="gate", kind="rtsp", streams=(MAIN, SUB))
    one = both.model_copy(update={"streams": (MAIN,)})
    assert stream_to_analyse("s", both) == StreamKey("s", "gate", "sub")
    assert stream_to_analyse("s", one) == StreamKey("s", "gate", "main")
    assert stream_to_analyse("s", one.model_copy(update={"enabled": False})) is None
    assert stream_to_analyse("s", one.model_copy(update={"analyse": False})) is None


def test_a_detector_that_is_not_there_is_an_error_somebody_can_read(settings: Settings, tmp_path: Path) -> None:
    wrong = settings.model_copy(update={"detector": tmp_path / "none.onnx"})
    with pytest.raises(BasiraError, match="is not there"):
        runner.main(wrong, threading.Event())
