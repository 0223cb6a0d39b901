"""The recorder process: everything in this room put together, started, watched and stopped."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

import basira
from basira.base.allocation import give_back_freed_memory, keep_freed_memory
from basira.base.clock import NS_PER_S, Clock, SystemClock, boot_id
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey, StreamName
from basira.base.settings import Settings
from basira.cameras.credentials import Vault
from basira.cameras.packets import Source
from basira.cameras.sources import source_of
from basira.catalogue.cameras import Camera, Cameras
from basira.catalogue.holds import Holds
from basira.catalogue.store import Catalogue, open_catalogue
from basira.recording.alarms import AlarmBoard
from basira.recording.clock import ClockWatch, Synchronisation
from basira.recording.control import SOCKET_NAME, ControlServer
from basira.recording.disk_pace import DiskPace
from basira.recording.fleet import Fleet, SourceFactory, Unit
from basira.recording.gaps import GapLedger
from basira.recording.index import IndexWriter, open_or_set_aside
from basira.recording.reserve import Reserve
from basira.recording.retention import Retention, RetentionPolicy
from basira.recording.rows import ClockStepRow
from basira.recording.segment import SyncPolicy
from basira.recording.startup import Startup
from basira.recording.storage import GuardedFilesystem, Storage, open_storage
from basira.recording.stream import Place, StreamRecorder, first_share

log = structlog.get_logger(__name__)

_WATCH_S: Final = 0.5
_FLUSH_S: Final = 0.25
_RESERVE_S: Final = 2.0
_STORAGE_RETRY_S: Final = 5.0
_FREED_KEPT_BYTES: Final = 8 << 20  # the fragments of some cameras
# The thread that hears all cameras gives Python's lock up at every read, and by default waits 5 ms to have it back.
_SWITCH_S: Final = 0.0005
_GIVE_BACK_EVERY_S: Final = 60.0  # what lies free between the packets of many
_LOCK_FILE: Final = "recorder.lock"


def main(settings: Settings) -> None:
    """Record until SIGTERM or SIGINT. Raises BasiraError ``recorder_already_running``."""
    keep_freed_memory(_FREED_KEPT_BYTES)
    sys.setswitchinterval(_SWITCH_S)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Recorder(settings, SystemClock()) as recorder:
        recorder.run(stop)


class Recorder:
    """The recorder of one node. Use as a context manager: it holds the node's lock, its index and its socket."""

    def __init__(self, settings: Settings, clock: Clock, *, make_source: SourceFactory | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._make_source = make_source
        self._alarms = AlarmBoard(clock)
        self._synchronised = Synchronisation(clock)
        self._clock_watch = ClockWatch(clock)
        self._disk_pace = DiskPace(settings.sync_interval_s)
        self._last_step: dict[str, int] | None = None
        self._started_utc_ns = clock.utc_ns()
        self._closing = ExitStack()
        self._stop = threading.Event()
        self._reload = threading.Event()
        self._catalogue: Catalogue
        self._index: IndexWriter
        self._storage: Storage | None = None
        self._startup: Startup | None = None
        self._reserve: Reserve | None = None
        self._retention: Retention | None = None
        self._fleet: Fleet | None = None
        self._cameras: list[Camera] = []

    def __enter__(self) -> Recorder:
        with ExitStack() as closing:
            run = self._settings.run_path
            run.mkdir(parents=True, exist_ok=True)
            closing.callback(_lock(run / _LOCK_FILE))
            self._catalogue = open_catalogue(self._settings.catalogue_path, self._clock)
            closing.callback(self._catalogue.close)
            engine = open_or_set_aside(self._settings.index_path, self._clock)
            closing.callback(engine.dispose)
            self._engine = engine
            self._index = IndexWriter(engine, self._clock)
            closing.callback(self._index.close)
            control = ControlServer(run / SOCKET_NAME, {"status": lambda _: self.status(), "reload": self._on_reload})
            closing.callback(control.close)
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def run(self, stop: threading.Event) -> None:
        """Record until ``stop`` is set, then close every segment and say that the end was orderly."""
        log.info("recorder_started", version=basira.__version__, site=self._catalogue.site, boot=boot_id())
        storage, refused = self._take_storage(stop)
        if storage is None:
            return
        startup = Startup(self._engine, self._index, storage, self._catalogue.site, refused=refused)
        startup.recover()
        self._startup = startup
        self._fleet = Fleet(
            self._catalogue.site, self._clock, self._alarms, self._unit_maker(storage, startup), self._source_factory()
        )
        self._retention = self._make_retention(storage, startup)
        counters = self._retention.counters
        self._reserve = Reserve(
            storage, self._alarms, self._clock, self._settings.disk_floor_bytes,
            disk_failures=self._fleet.disk_failures, deletable_bytes=lambda: counters.deletable_bytes,
        )  # fmt: skip
        jobs = [
            _Job("flush", _FLUSH_S, self._fleet.flush_idle, self._stop),
            _Job("retention", 10.0, self._retention.run_once, self._stop),
            _Job("reserve", _RESERVE_S, self._reserve.look, self._stop),
            _Job("memory", _GIVE_BACK_EVERY_S, give_back_freed_memory, self._stop),
        ]
        adoption = threading.Thread(target=startup.adopt_rest, args=(self._stop,), name="adoption", daemon=True)
        adoption.start()
        for job in jobs:
            job.start()
        try:
            self._watch(self._fleet, self._reserve, stop)
        finally:
            self._fleet.stop_all()
            self._stop.set()
            for thread in (adoption, *jobs):
                thread.join(10.0)
            startup.say_orderly_end(self._clock.utc_ns())
            storage.close()
            log.info("recorder_stopped")

    def status(self) -> dict[str, Any]:
        """Everything that can be told from memory."""
        index = self._index.state
        reserve, retention, startup = self._reserve, self._retention, self._startup
        return {
            "site": self._catalogue.site,
            "version": basira.__version__,
            "pid": os.getpid(),
            "boot_id": boot_id(),
            "started_ns": self._started_utc_ns,
            "now_ns": self._clock.utc_ns(),
            "cameras": self._fleet.status() if self._fleet else {},
            "disk": reserve.status() if reserve else None,
            "retention": asdict(retention.counters) if retention else None,
            "storage": self._storage.identity.storage if self._storage else None,
            "clock": {"synchronised": self._synchronised(), "last_step": self._last_step},
            "index": {
                "waiting": index.waiting,
                "lag_s": round(index.lag_s, 3),
                "error": index.error or None,
                "refused": index.refused,
                "adopting": startup.adopting if startup else True,
            },
            "alarms": [alarm.as_dict() for alarm in self._alarms.all()],
        }

    def _on_reload(self, _: dict[str, Any]) -> dict[str, Any]:
        self._reload.set()
        return {"ok": True}

    def _take_storage(self, stop: threading.Event) -> tuple[Storage | None, str]:
        """The storage folder as soon as it is the right one, and the code with which it was refused at first."""
        refused = ""
        while not stop.is_set():
            try:
                self._storage = open_storage(
                    self._settings.footage_path, self._engine, self._catalogue.site, self._clock,
                    submit=self._index.submit,
                )  # fmt: skip
            except BasiraError as error:
                if error.code != refused and refused:
                    self._alarms.set(refused, False)
                refused = error.code
                self._alarms.set_error(error)
                stop.wait(_STORAGE_RETRY_S)
            except (OSError, SQLAlchemyError) as error:
                refused = "storage_not_writable"
                self._alarms.set(refused, reason=str(error))
                stop.wait(_STORAGE_RETRY_S)
            else:
                if refused:
                    self._alarms.set(refused, False)
                return self._storage, refused
        return None, refused

    def _source_factory(self) -> SourceFactory:
        if self._make_source is not None:
            return self._make_source
        vault = Vault.open(self._settings.data_dir / "keys", self._catalogue.site)
        cache = self._settings.data_dir / "cache"

        def make(camera: Camera, stream: StreamName) -> Source:
            return source_of(camera, stream, vault=vault, clock=self._clock, cache_dir=cache)

        return make

    def _unit_maker(self, storage: Storage, startup: Startup) -> Callable[[StreamKey, bool], Unit]:
        filesystem = GuardedFilesystem(storage)
        place = Place(storage.root, storage.identity.storage, f"basira {basira.__version__}")
        policy = SyncPolicy(self._settings.fragment_target_s, self._settings.sync_interval_s)
        segment_s = self._settings.segment_target_s

        def make(stream: StreamKey, wanted: bool) -> Unit:
            ledger = GapLedger(stream, self._clock, self._settings.gap_after_s, self._index.put_gap)
            continuation = startup.resume(stream, ledger, wanted=wanted)
            recorder = StreamRecorder(
                stream, place, self._index, ledger, self._clock, policy,
                segment_s=segment_s, first_segment_s=segment_s * first_share(stream), continuation=continuation,
                filesystem=filesystem, clock_synchronised=self._synchronised,
            )  # fmt: skip
            return Unit(ledger, recorder, self._clock.utc_ns())

        return make

    def _make_retention(self, storage: Storage, startup: Startup) -> Retention:
        policy = RetentionPolicy(self._settings.retention_days, self._settings.disk_floor_bytes)
        return Retention(
            self._engine, self._index, storage, Cameras(self._catalogue), Holds(self._catalogue), policy,
            self._clock, synchronised=self._synchronised, ready=lambda: not startup.adopting,
        )  # fmt: skip

    def _watch(self, fleet: Fleet, reserve: Reserve, stop: threading.Event) -> None:
        """The main loop. Touches no disk but the catalogue, once a second."""
        version, stopped, turn = -1, frozenset[str](), 0
        while not stop.is_set():
            self._watch_clock()
            if turn % 2 == 0 or self._reload.is_set():
                found = self._catalogue_version()
                if found not in (None, version) or self._reload.is_set():
                    self._reload.clear()
                    if (cameras := self._read_cameras()) is not None:
                        self._cameras, version = cameras, found if found is not None else version
                        reserve.set_cameras(cameras)
                        fleet.apply(cameras, stopped_for_space=stopped)
            if reserve.stopped != stopped:
                stopped = reserve.stopped
                fleet.apply(self._cameras, stopped_for_space=stopped)
            fleet.watch()
            self._watch_disk(fleet, reserve)
            index = self._index.state
            self._alarms.set(
                "index_not_writable", bool(index.error) or index.lag_s > 10, reason=index.error or "slow",
                waiting=index.waiting,
            )  # fmt: skip
            turn += 1
            stop.wait(_WATCH_S)

    def _watch_disk(self, fleet: Fleet, reserve: Reserve) -> None:
        now_ns = self._clock.mono_ns()
        held_s = (now_ns - reserve.looked_mono_ns) / NS_PER_S - _RESERVE_S  # a hung disk holds whoever looks at it
        self._disk_pace.look(now_ns, max(fleet.disk_lag_s(), held_s))
        self._alarms.set("disk_slow", self._disk_pace.slow_s is not None, lag_s=self._disk_pace.slow_s or 0.0)

    def _watch_clock(self) -> None:
        step_ns = self._clock_watch.step()
        if step_ns:
            now_utc_ns, now_mono_ns = self._clock.utc_ns(), self._clock.mono_ns()
            log.warning("clock_stepped", step_ns=step_ns, utc_ns=now_utc_ns)
            self._last_step = {"utc_ns": now_utc_ns, "step_ns": step_ns}
            self._index.put_clock_step(ClockStepRow(self._catalogue.site, now_utc_ns, now_mono_ns, boot_id(), step_ns))
            self._alarms.set("clock_stepped", severity="warning", step_s=round(step_ns / NS_PER_S, 3))
        elif self._last_step and self._clock.utc_ns() - self._last_step["utc_ns"] > 600 * NS_PER_S:
            self._alarms.set("clock_stepped", False)

    def _catalogue_version(self) -> int | None:
        try:
            version = self._catalogue.version()
        except SQLAlchemyError as error:
            self._alarms.set("catalogue_unreadable", reason=str(getattr(error, "orig", error)))
            return None
        self._alarms.set("catalogue_unreadable", False)
        return version

    def _read_cameras(self) -> list[Camera] | None:
        try:
            return Cameras(self._catalogue).all()
        except (SQLAlchemyError, ValueError) as error:
            self._alarms.set("catalogue_unreadable", reason=str(error))
            return None


class _Job(threading.Thread):
    """Does something every so often until told to stop; a failure is logged and the next turn comes."""

    def __init__(self, name: str, interval_s: float, work: Callable[[], object], stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self._interval_s, self._work, self._ended = interval_s, work, stop

    def run(self) -> None:
        while not self._ended.wait(self._interval_s):
            try:
                self._work()
            except Exception:
                log.exception("job_failed", job=self.name)


def _lock(path: Path) -> Callable[[], None]:
    """Hold the lock file until the returned function is called. Raises ``recorder_already_running``."""
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise BasiraError("recorder_already_running", status=409) from error
    file.truncate(0)
    file.write(json.dumps({"pid": os.getpid()}))
    file.flush()
    return file.close
