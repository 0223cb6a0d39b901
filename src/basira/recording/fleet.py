"""All streams of the node, kept as the catalogue wants them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import structlog

from basira.base.clock import Clock
from basira.base.identifiers import StreamKey, StreamName
from basira.cameras.packets import Source
from basira.catalogue.cameras import Camera
from basira.recording.alarms import AlarmBoard
from basira.recording.gaps import GapLedger
from basira.recording.pace import Off, Pace
from basira.recording.status import RateMeter, stopped_status, stream_status
from basira.recording.stream import StreamRecorder
from basira.recording.supervisor import StreamSupervisor

log = structlog.get_logger(__name__)

_STOP_S: Final = 20.0
_STREAM_ALARMS: Final = (
    "recording_gap", "frames_late", "frame_rate_collapsed", "keyframes_off", "camera_sends_no_keyframe",
)  # fmt: skip


class SourceFactory(Protocol):
    """A source, not yet open, for a camera's stream. Raises BasiraError."""

    def __call__(self, camera: Camera, stream: StreamName) -> Source: ...


@dataclass(slots=True)
class Unit:
    """One stream: its ledger and recorder for as long as the process lives, its supervisor while it is wanted."""

    ledger: GapLedger
    recorder: StreamRecorder
    since_utc_ns: int
    settings: tuple[object, ...] = ()
    supervisor: StreamSupervisor | None = None
    starts: int = 0
    meter: RateMeter = field(default_factory=RateMeter)
    pace: Pace = field(default_factory=Pace)
    told_pace: tuple[Off | None, Off | None] = (None, None)  # as the alarms say it


class Fleet:
    """Starts, restarts and stops streams. ``apply`` is called by one thread; ``status`` by any."""

    def __init__(
        self,
        site: str,
        clock: Clock,
        alarms: AlarmBoard,
        make_unit: Callable[[StreamKey, bool], Unit],
        make_source: SourceFactory,
    ) -> None:
        """``make_unit(stream, wanted)`` is called once for each stream that ever turns up."""
        self._site = site
        self._clock = clock
        self._alarms = alarms
        self._make_unit = make_unit
        self._make_source = make_source
        self._units: dict[StreamKey, Unit] = {}
        self._lock = threading.Lock()

    def apply(self, cameras: list[Camera], *, stopped_for_space: frozenset[str] = frozenset()) -> None:
        """Record exactly the enabled cameras, but those stopped for want of space. Others keep running untouched."""
        wanted: dict[StreamKey, tuple[Camera, StreamName]] = {}
        known: set[StreamKey] = set()
        for camera in cameras:
            for stream in camera.streams:
                key = StreamKey(self._site, camera.id, stream.name)
                known.add(key)
                if camera.enabled and camera.id not in stopped_for_space:
                    wanted[key] = (camera, stream.name)
        self._stop({key for key, unit in self._units.items() if unit.supervisor and not _same(unit, wanted.get(key))})
        for key, unit in list(self._units.items()):
            if key not in known:
                unit.ledger.finish()
                self._clear_alarms(key)
                with self._lock:
                    del self._units[key]
        for key in known:
            if key not in self._units:
                unit = self._make_unit(key, key in wanted)
                with self._lock:
                    self._units[key] = unit
        for key in known - set(wanted):
            space = key.camera in stopped_for_space
            self._units[key].ledger.interrupt(
                "disk" if space else "operator", "camera_stopped_for_space" if space else ""
            )
        for key, (camera, stream_name) in wanted.items():
            if self._units[key].supervisor is None:
                self._start(self._units[key], camera, stream_name)

    def flush_idle(self) -> None:
        """Let every stream write and sync what waits."""
        for unit in self._all().values():
            unit.recorder.flush_idle()

    def watch(self) -> None:
        """Look for gaps, keep the alarms about them, measure rates."""
        for key, unit in self._all().items():
            if unit.supervisor is None:
                continue
            unit.recorder.check_gap()
            counters = unit.recorder.counters
            unit.meter.sample(self._clock.mono_ns(), counters.video_packets, counters.video_bytes)
            gap = unit.ledger.open_gap
            self._alarms.set(
                "recording_gap", gap is not None, camera=key.camera, stream=key.stream,
                cause=gap.cause if gap else "",
            )  # fmt: skip
            late_s = unit.ledger.late_s()
            self._alarms.set(
                "frames_late", late_s is not None, severity="warning", camera=key.camera, stream=key.stream,
                lag_s=round(late_s or 0),
            )  # fmt: skip
            recording = gap is None and unit.recorder.is_recording
            unit.pace.look(self._clock.mono_ns(), counters.video_packets, counters.keyframes, recording=recording)
            if unit.told_pace != (told := (unit.pace.frame_rate, unit.pace.keyframe_interval_s)):
                unit.told_pace = told
                self._tell_pace(key, unit.pace)

    def disk_lag_s(self) -> float:
        """How far the disk is behind the stream for which it is slowest."""
        return max((unit.recorder.disk_lag_s() for unit in self._all().values()), default=0.0)

    def _tell_pace(self, key: StreamKey, pace: Pace) -> None:
        frames, keyframes = pace.frame_rate, pace.keyframe_interval_s
        off = {
            "frame_rate_collapsed": {"now": frames.now, "usual": frames.usual} if frames else None,
            "keyframes_off": {"now": keyframes.now, "usual": keyframes.usual}
            if keyframes and keyframes.usual
            else None,
            "camera_sends_no_keyframe": {"seconds": keyframes.now} if keyframes and not keyframes.usual else None,
        }
        for code, params in off.items():
            self._alarms.set(
                code, params is not None, severity="warning", camera=key.camera, stream=key.stream, **(params or {})
            )

    def disk_failures(self) -> int:
        """Of all streams, since the recorder started."""
        return sum(unit.recorder.counters.disk_failures for unit in self._all().values())

    def status(self) -> dict[str, dict[str, Any]]:
        """``{camera: {stream: state}}``."""
        cameras: dict[str, dict[str, Any]] = {}
        for key, unit in self._all().items():
            cameras.setdefault(key.camera, {})[key.stream] = (
                stream_status(unit.supervisor, unit.meter)
                if unit.supervisor
                else stopped_status(unit.since_utc_ns, unit.ledger.open_gap)
            )
        return cameras

    def stop_all(self) -> None:
        """Close every segment cleanly and end every stream; nothing is to blame but the operator."""
        self._stop({key for key, unit in self._units.items() if unit.supervisor})

    def _all(self) -> dict[StreamKey, Unit]:
        with self._lock:
            return dict(self._units)

    def _start(self, unit: Unit, camera: Camera, stream: StreamName) -> None:
        def make_source() -> Source:
            return self._make_source(camera, stream)

        reason = "settings" if unit.starts else "start"
        unit.starts += 1
        unit.settings = _settings(camera, stream)
        unit.ledger.able()
        unit.supervisor = StreamSupervisor(unit.recorder, make_source, self._clock, first_reason=reason)
        unit.supervisor.start()
        log.info("stream_started", camera=camera.id, stream=stream)

    def _stop(self, keys: set[StreamKey]) -> None:
        stopping = [(key, self._units[key]) for key in keys]
        for _, unit in stopping:
            if unit.supervisor is not None:
                unit.supervisor.ask_to_stop()
        for key, unit in stopping:
            if unit.supervisor is not None and not unit.supervisor.join(_STOP_S):
                # Its thread may be held by a disk or a library; it still owns the recorder, so neither is used again.
                log.error("stream_did_not_stop", camera=key.camera, stream=key.stream)
                with self._lock:
                    del self._units[key]
                continue
            unit.supervisor = None
            unit.since_utc_ns = self._clock.utc_ns()
            unit.pace, unit.told_pace = Pace(), (None, None)
            self._clear_alarms(key)

    def _clear_alarms(self, key: StreamKey) -> None:
        for code in _STREAM_ALARMS:
            self._alarms.set(code, False, camera=key.camera, stream=key.stream)


def _settings(camera: Camera, name: StreamName) -> tuple[object, ...]:
    stream = camera.stream(name)
    return (camera.kind, stream, camera.record_audio, camera.username, camera.sealed_password)


def _same(unit: Unit, wanted: tuple[Camera, StreamName] | None) -> bool:
    return wanted is not None and unit.settings == _settings(*wanted)
