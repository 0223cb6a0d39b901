"""The time line of one recording: a camera's timestamps made continuous, and tied to the wall clock.

The model is docs/time.md. In short: the camera's timestamps say how far apart frames are; arrival says when; the
least delayed frame wins. Timestamps that go back or leap are bridged with arrival time, so that no frame is lost.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from basira.base.clock import NS_PER_MS, NS_PER_S
from basira.cameras.packets import Packet, StreamFormat
from basira.recording.layout import VIDEO_TIMESCALE
from basira.recording.segment import TimedSample

LEAP_S: Final = 2.0
_LEAP: Final = round(LEAP_S * VIDEO_TIMESCALE)
_JITTER: Final = VIDEO_TIMESCALE // 2
# As much as a cheap crystal is wrong: two frames of 60 s differ by less than a frame.
MAX_CORRECTION: Final = 500e-6
# An estimate this far from the mapping is no drift: the mapping was wrong, or the camera's clock stepped.
RESYNC_NS: Final = NS_PER_S // 2
# A line is tied to the clock once nothing this much earlier than foretold has come for so long, or at the latest then.
_IMPROVEMENT_NS: Final = 20 * NS_PER_MS
_SETTLED_NS: Final = 400 * NS_PER_MS
_UNSETTLED_AT_MOST_NS: Final = 3 * NS_PER_S
_NOMINAL_DURATION: Final = VIDEO_TIMESCALE // 25


class Break(enum.Enum):
    """What a packet's timestamp says besides the time."""

    NONE = ""
    LEAP = "timestamps"  # timestamps went back, or leapt without time passing: bridged
    SILENCE = "silence"  # time passed, and nothing came


@dataclass(frozen=True, slots=True)
class Placed:
    """A sample on the time line. ``silence_ns`` is how long nothing came before it, when that is a break."""

    sample: TimedSample
    broken: Break
    silence_ns: int = 0


def utc_of(anchor_utc_ns: int, dts: int) -> int:
    """Wall-clock time of ``dts`` (1/90000 s) on a line that starts at ``anchor_utc_ns``."""
    return anchor_utc_ns + dts * NS_PER_S // VIDEO_TIMESCALE


class Timeline:
    """Places packets of one recording; begins anew with each recording. For one thread."""

    def __init__(self, stream: StreamFormat) -> None:
        self._video_scale = stream.video.time_base * VIDEO_TIMESCALE
        self._audio_scale = stream.audio.time_base * VIDEO_TIMESCALE if stream.audio else Fraction(0)
        self._nominal = round(VIDEO_TIMESCALE / stream.video.frame_rate) if stream.video.frame_rate else 0
        self._offset: int | None = None
        self._audio_offset = 0
        self._last_dts = 0
        self._last_mono_ns = 0
        self._last_audio = 0
        self._anchor_utc_ns: int | None = None
        self._least_ns: int | None = None
        self._first_mono_ns: int | None = None
        self._improved_ns: int | None = None
        self._improved_mono_ns = 0
        self._window_start = 0
        self._utc_minus_mono_ns = 0
        self._stepped = False

    @property
    def started(self) -> bool:
        return self._offset is not None

    @property
    def last_dts(self) -> int:
        return self._last_dts

    def place_video(self, packet: Packet) -> Placed:
        """The next video packet in decode order."""
        raw = self._ticks(packet.dts, self._video_scale)
        broken, silence_ns = Break.NONE, 0
        if self._offset is None:
            self._offset = -raw
            dts = 0
        else:
            dts = raw + self._offset
            elapsed = dts - self._last_dts
            arrival_ns = packet.mono_ns - self._last_mono_ns
            arrival = arrival_ns * VIDEO_TIMESCALE // NS_PER_S
            if elapsed <= 0 or (elapsed > _LEAP and elapsed - arrival > _LEAP):
                if -_JITTER < elapsed <= 0:
                    dts = self._last_dts + 1  # cameras jitter; order is kept and the clock catches up
                else:
                    broken = Break.LEAP
                    dts = self._last_dts + max(self._step(), arrival)
                    self._offset = dts - raw
            if dts - self._last_dts > _LEAP and arrival > _LEAP:
                broken = Break.SILENCE if broken is Break.NONE else broken
                silence_ns = arrival_ns
        self._note_step(dts)
        self._last_dts, self._last_mono_ns = dts, packet.mono_ns
        self._note_arrival(packet, dts)
        pts = dts + self._ticks(packet.pts - packet.dts, self._video_scale)
        duration = self._ticks(packet.duration, self._video_scale)
        sample = TimedSample(
            True, packet.data, dts, pts, duration, packet.keyframe, packet.utc_ns, packet.mono_ns, packet.camera_ns
        )  # fmt: skip
        return Placed(sample, broken, silence_ns)

    def place_audio(self, packet: Packet) -> TimedSample | None:
        """The next audio packet; None before the first video packet. Audio far from the video is drawn to it."""
        if self._offset is None:
            return None
        raw = self._ticks(packet.pts, self._audio_scale)
        pts = raw + self._offset + self._audio_offset
        if pts < self._last_audio or abs(pts - self._last_dts) > 2 * _LEAP:
            target = max(self._last_audio, self._last_dts)
            self._audio_offset += target - pts
            pts = target
        duration = self._ticks(packet.duration, self._audio_scale)
        self._last_audio = pts
        return TimedSample(
            False, packet.data, pts, pts, duration, True, packet.utc_ns, packet.mono_ns, packet.camera_ns
        )  # fmt: skip

    def start_of(self, dts: int) -> tuple[int, int]:
        """Wall-clock and monotonic time of ``dts``; fixes the mapping if this is the recording's first segment."""
        if self._anchor_utc_ns is None:
            assert self._least_ns is not None
            self._anchor_utc_ns = self._least_ns
        utc_ns = utc_of(self._anchor_utc_ns, dts)
        return utc_ns, utc_ns - self._utc_minus_mono_ns

    @property
    def is_settled(self) -> bool:
        """Whether the mapping is fixed, or may be: no frame came earlier than the others foretold for a while.

        What was kept back somewhere arrives faster than it was made, each frame less late than the one before.
        """
        if self._anchor_utc_ns is not None or self._first_mono_ns is None:
            return self._anchor_utc_ns is not None
        return (
            self._last_mono_ns - self._improved_mono_ns >= _SETTLED_NS
            or self._last_mono_ns - self._first_mono_ns >= _UNSETTLED_AT_MOST_NS
        )

    @property
    def is_off(self) -> bool:
        """Whether a frame arrived so long before the mapping says it was made that a new segment should begin."""
        if self._anchor_utc_ns is None or self._least_ns is None:
            return False
        return self._least_ns < self._anchor_utc_ns - RESYNC_NS

    def clock_stepped(self) -> None:
        """The wall clock was set: what arrives from now on says nothing of this line's mapping."""
        self._stepped = True

    def correct(self, dts: int) -> None:
        """At the cut between two segments: move the mapping towards the least delayed frame since the last cut."""
        if self._anchor_utc_ns is None or self._least_ns is None:
            return
        error_ns = self._least_ns - self._anchor_utc_ns
        if abs(error_ns) <= RESYNC_NS:
            bound_ns = round((dts - self._window_start) * NS_PER_S / VIDEO_TIMESCALE * MAX_CORRECTION)
            error_ns = max(-bound_ns, min(bound_ns, error_ns))
        self._anchor_utc_ns += error_ns
        self._least_ns = None
        self._window_start = dts

    def _note_arrival(self, packet: Packet, dts: int) -> None:
        if self._stepped and (self._least_ns is not None or self._anchor_utc_ns is not None):
            return
        self._utc_minus_mono_ns = packet.utc_ns - packet.mono_ns
        estimate_ns = packet.utc_ns - dts * NS_PER_S // VIDEO_TIMESCALE
        if self._first_mono_ns is None:
            self._first_mono_ns = packet.mono_ns
        if self._improved_ns is None or estimate_ns < self._improved_ns - _IMPROVEMENT_NS:
            self._improved_ns, self._improved_mono_ns = estimate_ns, packet.mono_ns
        if self._least_ns is None or estimate_ns < self._least_ns:
            self._least_ns = estimate_ns

    def _note_step(self, dts: int) -> None:
        """Learn the frame interval where the camera does not say it."""
        step = dts - self._last_dts
        if not self._nominal and 900 <= step <= _LEAP:
            self._nominal = step

    def _step(self) -> int:
        return self._nominal or _NOMINAL_DURATION

    @staticmethod
    def _ticks(value: int, scale: Fraction) -> int:
        if scale.denominator == 1:
            return value * scale.numerator
        return (value * scale.numerator + scale.denominator // 2) // scale.denominator
