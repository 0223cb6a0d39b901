"""The analysis process: every camera that is to be analysed, a few at a time, in turn."""

from __future__ import annotations

import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import cv2
import structlog
from sqlalchemy import Engine, inspect

from basira.analysis.cascade import Cascade
from basira.analysis.detector import Detects, shared_detector
from basira.analysis.follower import Follower
from basira.analysis.forgetting import forget_with_footage
from basira.analysis.store import EventStore, open_events
from basira.analysis.zones import ZoneRules
from basira.base.allocation import give_back_freed_memory, keep_freed_memory
from basira.base.clock import NS_PER_US, Clock, SystemClock
from basira.base.identifiers import StreamKey
from basira.base.settings import Settings
from basira.catalogue.cameras import Camera, Cameras
from basira.catalogue.store import Catalogue, open_catalogue
from basira.catalogue.zones import Zones
from basira.databases.sqlite import open_database
from basira.recording.control import ControlServer
from basira.recording.schema import segments
from basira.replay.decoding import usable_device
from basira.replay.footage import Footage

SOCKET_NAME: Final = "analysis.sock"
_LOOK_EVERY_S: Final = 1.0
_POLL_S: Final = 0.25
_REPORT_EVERY_S: Final = 30.0  # who asks is answered from memory; this is for while it does not run
_FORGET_EVERY_S: Final = 600.0
_INTERVALS_A_TURN: Final = 1  # more, and everybody waits for one camera's arrears
_RETRY_AFTER_S: Final = 30.0
_NEVER: Final = -1
_FREED_KEPT_BYTES: Final = 64 << 20  # the largest picture there is
_GIVE_BACK_EVERY_S: Final = 10.0

log = structlog.get_logger(__name__)


class Analysis:
    """All followers and the threads that drive them. ``plan`` keeps them as the catalogue says."""

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        footage: Footage,
        store: EventStore,
        detector: Detects,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._footage = footage
        self._store = store
        self._detector = detector
        self._clock = clock
        self._device = usable_device(settings.decoder_device)
        self._lock = threading.Lock()
        self._followers: dict[StreamKey, Follower] = {}
        self._turns: deque[Follower] = deque()
        self._failed: dict[StreamKey, float] = {}
        self._leaving: set[StreamKey] = set()
        self._planned_version = _NEVER
        self._reported: dict[StreamKey, int] = {}
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self.plan()
        for number in range(self._settings.analysis_threads):
            thread = threading.Thread(target=self._work, name=f"analysis-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop after the intervals in hand and store every cursor."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.report()
        for follower in self._followers.values():
            follower.close()

    def plan(self) -> None:
        """Follow the streams the catalogue wants, with the zones it has now. Cheap when nothing was changed."""
        version = self._catalogue.version()
        now_s = time.monotonic()
        retry = [stream for stream, since_s in self._failed.items() if now_s - since_s > _RETRY_AFTER_S]
        if version == self._planned_version and not retry:
            return
        wanted = {
            stream: camera
            for camera in Cameras(self._catalogue).all()
            if (stream := stream_to_analyse(self._catalogue.site, camera)) is not None
        }
        with self._lock:
            for stream in retry:
                del self._failed[stream]
            for stream in [stream for stream in self._followers if stream not in wanted]:
                self._drop(stream)
            for stream in wanted:
                rules = self._rules(stream.camera)
                if stream in self._followers:
                    self._followers[stream].set_rules(rules)
                elif stream in self._leaving:
                    version = _NEVER  # look again when the thread that has it has let it go
                elif stream not in self._failed:
                    self._follow(stream, rules)
        self._planned_version = version

    def status(self) -> dict[str, Any]:
        """What each stream's analysis is doing; answered from memory."""
        with self._lock:
            followers = list(self._followers.values())
            failed = list(self._failed)
        streams = [
            {
                "camera": follower.stream.camera,
                "stream": follower.stream.stream,
                "state": "failed" if follower.stream in failed else "running",
                "known_to_us": follower.cascade.known_to_utc_ns // NS_PER_US,
                "sight": follower.cascade.sight.state or None,
                "sight_since_ns": follower.cascade.sight.since_utc_ns,
                "groups": follower.cascade.work.groups,
                "groups_decoded": follower.cascade.work.groups_decoded,
                "groups_passed_over": follower.cascade.work.passed_over,
                "hurried_since_ns": follower.haste.since_utc_ns,
                "pictures_looked_at": follower.cascade.work.pictures_looked_at,
            }
            for follower in followers
        ]
        return {"detector": self._detector.name, "streams": streams}

    def report(self) -> None:
        """Write down how far each stream is analysed, for other processes."""
        with self._lock:
            followers = list(self._followers.values())
        known_to = {one.stream: one.cascade.known_to_utc_ns for one in followers if one.cascade.known_to_utc_ns}
        if known_to != self._reported:
            self._store.report(known_to)
            self._reported = known_to

    def _follow(self, stream: StreamKey, rules: ZoneRules) -> None:
        def make_cascade() -> Cascade:
            return Cascade(stream, self._detector, self._settings.detector_threshold, rules)

        late_s = self._settings.analysis_late_s
        follower = Follower(stream, self._footage, self._store, make_cascade, self._clock, self._device, late_s)
        self._followers[stream] = follower
        self._turns.append(follower)
        log.info("analysis_begins", camera=stream.camera, stream=stream.stream, cursor=follower.cursor._asdict())

    def _drop(self, stream: StreamKey) -> None:
        follower = self._followers.pop(stream)
        follower.dropped = True  # the thread that has it, or gets it next, closes it
        self._leaving.add(stream)

    def _rules(self, camera: str) -> ZoneRules:
        return ZoneRules(Zones(self._catalogue).of_camera(camera), ZoneInfo(self._settings.site_time_zone))

    def _work(self) -> None:
        """A worker: take the follower whose turn it is, let it advance, put it at the end of the queue."""
        idle = 0
        while not self._stop.is_set():
            with self._lock:
                follower = self._turns.popleft() if self._turns else None
                waiting = len(self._turns)
            if follower is None:
                self._stop.wait(_POLL_S)
                continue
            idle = 0 if self._turn(follower) else idle + 1
            if idle > waiting:
                idle = 0
                self._stop.wait(_POLL_S)

    def _turn(self, follower: Follower) -> bool:
        """One turn of one follower; whether it found anything to do."""
        if follower.dropped:
            follower.close()
            self._store.end_ongoing(follower.stream)
            with self._lock:
                self._leaving.discard(follower.stream)
            return False
        try:
            busy = follower.advance(_INTERVALS_A_TURN)
        except Exception:
            # Whatever it is, it must not take the other cameras with it.
            log.exception("analysis_failed", camera=follower.stream.camera, stream=follower.stream.stream)
            follower.skip()
            with self._lock:
                self._followers.pop(follower.stream, None)
                self._failed[follower.stream] = time.monotonic()
            return False
        with self._lock:
            self._turns.append(follower)
        return busy


def stream_to_analyse(site: str, camera: Camera) -> StreamKey | None:
    """The sub stream where there is one: it is made for this, and costs half."""
    if not camera.enabled or not camera.analyse or camera.removed_utc_ns is not None:
        return None
    return StreamKey(site, camera.id, "sub" if camera.stream("sub") else "main")


def main(settings: Settings, stop: threading.Event | None = None) -> None:
    """Run until SIGTERM or SIGINT (or ``stop``). Raises BasiraError when the detector or a database cannot be used."""
    stop = stop or _stopped_by_signals()
    keep_freed_memory(_FREED_KEPT_BYTES)
    cv2.setNumThreads(1)
    clock = SystemClock()
    detector = shared_detector(settings)
    catalogue = open_catalogue(settings.catalogue_path, clock)
    store = open_events(settings.events_path)
    log.info("analysis_starts", detector=detector.name)
    index = _index_once_made(settings.index_path, stop)
    if index is None:
        return
    analysis = Analysis(settings, catalogue, Footage(index, settings.footage_path), store, detector, clock)
    control = ControlServer(settings.run_path / SOCKET_NAME, {"status": lambda request: analysis.status()})
    try:
        analysis.start()
        _tend(analysis, lambda: forget_with_footage(store, index), stop)
    finally:
        control.close()
        analysis.stop()
        store.close()
        catalogue.close()
        index.dispose()


def _tend(analysis: Analysis, forget: Callable[[], int], stop: threading.Event) -> None:
    forgot_s = time.monotonic() - _FORGET_EVERY_S
    reported_s = gave_back_s = time.monotonic()
    while not stop.wait(_LOOK_EVERY_S):
        analysis.plan()
        if time.monotonic() - reported_s >= _REPORT_EVERY_S:
            reported_s = time.monotonic()
            analysis.report()
        if time.monotonic() - gave_back_s >= _GIVE_BACK_EVERY_S:
            gave_back_s = time.monotonic()
            give_back_freed_memory()
        if time.monotonic() - forgot_s >= _FORGET_EVERY_S:
            forgot_s = time.monotonic()
            if count := forget():
                log.info("events_forgotten", count=count)


def _index_once_made(path: Path, stop: threading.Event) -> Engine | None:
    """The recorder's index, as soon as the recorder has made it; None when told to stop before."""
    while True:
        if path.exists():
            index = open_database(path, read_only=True, check=False)
            if inspect(index).has_table(segments.name):
                return index
            index.dispose()
        if stop.wait(_POLL_S):
            return None


def _stopped_by_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
