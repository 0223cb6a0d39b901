"""One stream kept recording for ever: connect, record, and after any failure wait a little and connect again."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import structlog

from basira.base.clock import NS_PER_S, Clock
from basira.base.errors import BasiraError
from basira.cameras.packets import FormatChanged, Source, StreamFormat
from basira.recording.rows import GapCause
from basira.recording.stream import StreamRecorder

log = structlog.get_logger(__name__)

SupervisedState = Literal["connecting", "recording", "stalled", "stopped", "error"]
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 30.0
# A connection that held this long was good: the next failure starts from the shortest pause again.
_GOOD_CONNECTION_NS: Final = 30 * NS_PER_S

_LINK_CODES: Final = frozenset({"camera_unreachable", "camera_silent", "camera_closed_connection", "camera_stopped"})


def cause_of(error: BasiraError) -> GapCause:
    """Who is to blame when a source gives this error."""
    if error.code in _LINK_CODES:
        return "link"
    if error.code.startswith(("camera_", "clip_", "stream_")):
        return "camera"
    return "recorder"


@dataclass(slots=True)
class Connection:
    """How the connection to the camera fares. Replaced as a whole, so that readers see one moment."""

    state: SupervisedState = "connecting"
    since_utc_ns: int = 0
    error: BasiraError | None = None
    stream_format: StreamFormat | None = None
    attempts: int = 0


@dataclass(slots=True)
class Backoff:
    """Bounded exponential pauses with jitter, so that 64 cameras that drop together do not return together."""

    random: random.Random = field(default_factory=random.Random)
    failures: int = 0

    def next_s(self) -> float:
        pause_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(self.failures, 10))
        self.failures += 1
        return float(pause_s * self.random.uniform(0.5, 1.0))

    def reset(self) -> None:
        self.failures = 0


class StreamSupervisor:
    """The thread of one stream. ``stop`` closes the segment cleanly and ends it."""

    def __init__(
        self,
        recorder: StreamRecorder,
        make_source: Callable[[], Source],
        clock: Clock,
        *,
        first_reason: str = "start",
        backoff: Backoff | None = None,
    ) -> None:
        self.recorder = recorder
        self.connection = Connection(since_utc_ns=clock.utc_ns())
        self._make_source = make_source
        self._clock = clock
        self._reason = first_reason
        self._backoff = backoff or Backoff()
        self._stopping = threading.Event()
        self._source: Source | None = None
        self._source_lock = threading.Lock()
        name = f"{recorder.stream.camera}/{recorder.stream.stream}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Return at once; ``join`` waits."""
        self._stopping.set()
        with self._source_lock:
            if self._source is not None:
                self._source.interrupt()

    def join(self, timeout_s: float) -> bool:
        """Whether the thread has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._turn("connecting", self.connection.error)
            began_ns = self._clock.mono_ns()
            failure = self._record_once()
            if self._stopping.is_set():
                break
            if self._clock.mono_ns() - began_ns > _GOOD_CONNECTION_NS:
                self._backoff.reset()
            self._turn("error", failure)
            self._reason = "reconnect"
            self._stopping.wait(self._backoff.next_s())
        self._turn("stopped", None)

    def _record_once(self) -> BasiraError | None:
        """One connection from beginning to end. Never raises: whatever fails here must not stop the stream."""
        try:
            source = self._make_source()
            with self._source_lock:
                self._source = source
            try:
                if not self._stopping.is_set():
                    self._record(source)
                return None
            finally:
                with self._source_lock:
                    self._source = None
                self.recorder.end()
                source.close()
        except BasiraError as error:
            if not self._stopping.is_set():
                self._blame(error)
            return error
        except Exception as error:
            log.exception("stream_fault", camera=self.recorder.stream.camera, stream=self.recorder.stream.stream)
            fault = BasiraError("recorder_fault", reason=type(error).__name__)
            self._blame(fault)
            return fault

    def _record(self, source: Source) -> None:
        stream = source.open()
        self.recorder.begin(stream, self._reason)
        self._turn("recording", None, stream)
        append = self.recorder.append
        while True:
            try:
                for packet in source.packets():
                    append(packet)
                    if self._stopping.is_set():
                        return
                return
            except FormatChanged as change:
                self.recorder.reformat(change.new)
                self._turn("recording", None, change.new)

    def _blame(self, error: BasiraError) -> None:
        stream = self.recorder.stream
        log.warning(
            "stream_lost", camera=stream.camera, stream=stream.stream, code=error.code, reason=str(error),
            failures=self._backoff.failures,
        )  # fmt: skip
        self.recorder.ledger.blame(cause_of(error), error.code)

    def _turn(self, state: SupervisedState, error: BasiraError | None, stream: StreamFormat | None = None) -> None:
        before = self.connection
        since_ns = before.since_utc_ns if before.state == state else self._clock.utc_ns()
        attempts = before.attempts + (state == "connecting")
        self.connection = Connection(state, since_ns, error, stream or before.stream_format, attempts)
