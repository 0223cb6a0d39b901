"""Gaps are facts: every interval in which a stream should have been recorded and was not, with its cause.

A gap is opened by silence of the *recording* (no fragment committed), never by the state of a socket; what comes late
over a slow line, one fragment after the other, is no silence. A line that stalls and then brings everything gave reason
to open a gap; it ends where it began as soon as what came late joins on without a hole.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from basira.base.clock import NS_PER_MS, NS_PER_S, Clock
from basira.base.identifiers import StreamKey
from basira.recording.layout import GapHeader
from basira.recording.rows import GapCause, GapRow

# A new recording that begins within this of the last one's end has missed nothing worth a row.
_TOLERANCE_NS: Final = 100 * NS_PER_MS


@dataclass(frozen=True, slots=True)
class Resumption:
    """Where and why a segment begins. ``new_recording``: something lies between it and the one before."""

    utc_ns: int
    mono_ns: int
    reason: str
    new_recording: bool


class GapLedger:
    """The gaps of one stream. Called by the stream's thread and by the recorder's clock thread.

    Its notion of "until when" is kept on the monotonic clock, so that a wall-clock step neither opens a gap nor hides
    one. ``put`` is told of each row that is new or changed.
    """

    def __init__(self, stream: StreamKey, clock: Clock, gap_after_s: float, put: Callable[[GapRow], object]) -> None:
        self.stream = stream
        self._clock = clock
        self._gap_after_ns = round(gap_after_s * NS_PER_S)
        self._put = put
        self._lock = threading.Lock()
        self._until_mono_ns = clock.mono_ns()
        self._until_utc_ns = clock.utc_ns()
        self._committed_mono_ns = self._until_mono_ns  # when a fragment was, whatever its own time
        self._latest_utc_ns = 0
        self._open: GapRow | None = None
        self._open_since_mono_ns = 0
        self._is_filling = False  # all that came since the gap was opened joins on to what was before it
        self._is_late = False
        self._unsealed: list[GapRow] = []
        self._cause: GapCause = "unknown"
        self._detail = ""
        self._able_utc_ns: int | None = None
        self._never_recorded = False

    @property
    def open_gap(self) -> GapRow | None:
        """The gap that lasts now."""
        return self._open

    def restore(self, until_utc_ns: int | None, gaps: list[GapRow], cause: GapCause, detail: str = "") -> None:
        """Take up where the last run ended: recorded until then, ``gaps`` since; the rest is a gap for ``cause``.

        Without ``until_utc_ns`` the stream was never recorded, and counts from now.
        """
        with self._lock:
            now_utc_ns, now_mono_ns = self._clock.utc_ns(), self._clock.mono_ns()
            self._able_utc_ns = now_utc_ns
            self._unsealed = [gap for gap in gaps if gap.end_utc_ns is not None]
            self._open = next((gap for gap in gaps if gap.end_utc_ns is None), None)
            ends = [gap.end_utc_ns for gap in self._unsealed if gap.end_utc_ns is not None]
            if until_utc_ns is None and not ends:
                self._until_utc_ns, self._until_mono_ns = now_utc_ns, now_mono_ns
                self._never_recorded = True
                return
            known_utc_ns = max([*ends, *([until_utc_ns] if until_utc_ns is not None else [])])
            self._latest_utc_ns = known_utc_ns
            self._until_utc_ns = min(known_utc_ns, now_utc_ns)
            self._until_mono_ns = now_mono_ns - (now_utc_ns - self._until_utc_ns)
            self._cause, self._detail = cause, detail
            if self._open is None:
                self._begin()

    def blame(self, cause: GapCause, detail: str = "") -> None:
        """Why recording stands still, if it does.

        Names the open gap if it has no known cause yet. A gap from before this recorder was able to record (it was
        off, the camera was switched off) ends where it became able, and the new cause has a gap of its own.
        """
        with self._lock:
            self._cause, self._detail = cause, detail
            if self._open is None:
                return
            if self._open.cause == "unknown":
                self._open = replace(self._open, cause=cause, detail=detail)
                self._put(self._open)
            elif self._able_utc_ns is not None and self._open.start_utc_ns < self._able_utc_ns:
                self._end(self._able_utc_ns)
                self._open = GapRow(self.stream, self._able_utc_ns, None, cause, detail)
                self._put(self._open)
            self._able_utc_ns = None

    def able(self) -> None:
        """What kept the stream from being recorded is over: from now on another cause is to blame."""
        with self._lock:
            self._able_utc_ns = self._clock.utc_ns()
            self._cause, self._detail = "unknown", ""

    def finish(self) -> None:
        """The stream need not be recorded any more: the open gap ends."""
        with self._lock:
            if self._open is not None:
                self._end(self._clock.utc_ns())

    def committed(self, start_mono_ns: int, end_utc_ns: int, end_mono_ns: int) -> None:
        """A fragment from ``start`` to ``end`` was committed.

        One that ends before the silence did not end it: the last frame waits for its successor, and is written when
        the connection is given up. What came late and fills the gap leaves none; behind a hole, it ends the gap.
        """
        with self._lock:
            if self._open is not None:
                joins = self._joins(start_mono_ns)
                self._is_filling = self._is_filling and joins
                in_time = self._clock.mono_ns() - end_mono_ns < self._gap_after_ns
                if self._is_filling and (in_time or end_mono_ns - self._open_since_mono_ns >= self._gap_after_ns):
                    self._end(self._open.start_utc_ns)
                elif not joins:
                    self._end(end_utc_ns - (end_mono_ns - start_mono_ns))
                elif in_time:
                    self._end(end_utc_ns)
            self._until_utc_ns, self._until_mono_ns = end_utc_ns, end_mono_ns
            self._committed_mono_ns = self._clock.mono_ns()
            self._latest_utc_ns = max(self._latest_utc_ns, end_utc_ns)

    def lost_since(self, utc_ns: int, mono_ns: int) -> None:
        """What was committed since then is not on the disk after all."""
        with self._lock:
            if mono_ns < self._until_mono_ns:
                self._until_utc_ns, self._until_mono_ns = utc_ns, mono_ns
                self._committed_mono_ns = mono_ns
                self._is_filling = False

    def check(self) -> GapRow | None:
        """Open a gap if nothing was committed for too long; returns it when it was opened by this call."""
        with self._lock:
            silent_since_ns = max(self._until_mono_ns, self._committed_mono_ns)
            if self._open is not None or self._clock.mono_ns() - silent_since_ns < self._gap_after_ns:
                return None
            self._open_since_mono_ns, self._is_filling = self._until_mono_ns, True
            return self._begin()

    def late_s(self) -> float | None:
        """How old the frames are that come; None when they come in time, or none come.

        Late is what is twice ``gap_after_s`` old, until it is less than ``gap_after_s`` again.
        """
        with self._lock:
            late_ns = 0 if self._open is not None else self._clock.mono_ns() - self._until_mono_ns
            self._is_late = late_ns >= self._gap_after_ns * (1 if self._is_late else 2)
            return late_ns / NS_PER_S if self._is_late else None

    def headers(self, start: Resumption) -> tuple[GapHeader, ...]:
        """What the header of a segment that begins there has to say: the gaps since the last segment."""
        with self._lock:
            gaps = [*self._unsealed, *self._ended_by(start)]
        return tuple(
            GapHeader(start_utc_ns=gap.start_utc_ns, end_utc_ns=gap.end_utc_ns, cause=gap.cause, detail=gap.detail)
            for gap in gaps
            if gap.end_utc_ns is not None
        )

    def resumed(self, start: Resumption) -> None:
        """The first fragment of a segment that begins there was committed, its header holding ``headers(start)``."""
        with self._lock:
            for gap in self._ended_by(start):
                self._put(gap)
            self._open, self._unsealed, self._able_utc_ns, self._is_filling = None, [], None, False
            if start.mono_ns > self._until_mono_ns:  # until the fragment's own end is told, as it is right after this
                self._until_utc_ns, self._until_mono_ns = start.utc_ns, start.mono_ns
            self._cause, self._detail, self._never_recorded = "unknown", "", False

    def _ended_by(self, start: Resumption) -> list[GapRow]:
        """The open gap closed, or the one nobody had noticed."""
        if self._open is not None:
            filled = self._is_filling and self._joins(start.mono_ns)
            end_utc_ns = self._open.start_utc_ns if filled else max(start.utc_ns, self._open.start_utc_ns)
            return [replace(self._open, end_utc_ns=end_utc_ns)]
        if not start.new_recording:
            return []
        passed_over_utc_ns = max(self._until_utc_ns, self._latest_utc_ns)
        if start.reason == "clock" and start.utc_ns - passed_over_utc_ns > NS_PER_S:
            # Nothing is missing; the hands of the clock passed over this time. What was recorded in it stays out.
            return [GapRow(self.stream, passed_over_utc_ns, start.utc_ns, "clock")]
        missed_ns = start.mono_ns - self._until_mono_ns
        if self._never_recorded and self._cause == "unknown" and missed_ns < self._gap_after_ns:
            return []  # a new camera that answered at once: it was being connected
        if missed_ns <= _TOLERANCE_NS:
            return []
        return [GapRow(self.stream, start.utc_ns - missed_ns, start.utc_ns, self._cause, self._detail)]

    def silence(self, duration_ns: int, end_utc_ns: int, cause: GapCause, detail: str = "") -> None:
        """Nothing came for that long while connected, and then went on."""
        with self._lock:
            if self._open is not None:
                self._end(end_utc_ns)
            else:
                self._write_closed(end_utc_ns - duration_ns, end_utc_ns, cause, detail)

    def interrupt(self, cause: GapCause, detail: str = "") -> None:
        """From now on recording stands still for a new reason (switched off, switched on again)."""
        with self._lock:
            now_utc_ns = self._clock.utc_ns()
            if self._open is not None:
                if self._open.cause == cause:
                    return
                self._end(now_utc_ns)
                self._until_utc_ns, self._until_mono_ns = now_utc_ns, self._clock.mono_ns()
            self._cause, self._detail = cause, detail
            self._begin()

    def _joins(self, start_mono_ns: int) -> bool:
        """Whether nothing is missing between what was committed last and what begins then."""
        return start_mono_ns - self._until_mono_ns <= _TOLERANCE_NS

    def _begin(self) -> GapRow:
        # Counted back from the clock as it is now, for it may have been set since the last fragment.
        start_utc_ns = self._clock.utc_ns() - (self._clock.mono_ns() - self._until_mono_ns)
        self._open = GapRow(self.stream, start_utc_ns, None, self._cause, self._detail)
        self._put(self._open)
        return self._open

    def _end(self, end_utc_ns: int) -> None:
        assert self._open is not None
        closed = replace(self._open, end_utc_ns=max(end_utc_ns, self._open.start_utc_ns))
        self._open, self._is_filling = None, False
        self._unsealed.append(closed)
        self._put(closed)

    def _write_closed(self, start_utc_ns: int, end_utc_ns: int, cause: GapCause, detail: str) -> None:
        gap = GapRow(self.stream, start_utc_ns, end_utc_ns, cause, detail)
        self._unsealed.append(gap)
        self._put(gap)


CAUSES: Final[tuple[GapCause, ...]] = (
    "camera", "link", "power", "disk", "operator", "recorder", "clock", "unknown",
)  # fmt: skip
