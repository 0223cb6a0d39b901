"""What to tell a person about a camera that works: what to change on it, or to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from basira.cameras.examination import Examined
from basira.cameras.probe import Advice
from basira.catalogue.kinds import CameraKind

_LONG_KEYFRAME_INTERVAL_S = 4.0
_SHORT_KEYFRAME_INTERVAL_S = 0.4
_KEYFRAME_VARIATION = 0.3
_LOW_FRAME_RATE = 5.0
_HIGH_FRAME_RATE = 31.0
_HIGH_BIT_RATE = 12_000_000
_WRONG_CLOCK_S = 5.0


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How the camera was reached. ``clock_ahead_s`` is None where the camera was not asked."""

    kind: CameraKind
    with_password: bool = False
    password_in_clear: bool = False
    clock_ahead_s: float | None = None


def advise(streams: Sequence[Examined], circumstances: Circumstances) -> tuple[Advice, ...]:
    """Advice on all streams, each point once, the gravest first."""
    points: dict[str, Advice] = {}
    for stream in streams:
        for advice in (*_on_keyframes(stream), *_on_picture(stream), *_on_audio(stream)):
            points.setdefault(advice.code, advice)
    if circumstances.kind != "file":
        for advice in _on_connection(streams, circumstances):
            points.setdefault(advice.code, advice)
    gravity = ["error", "warning", "info"]
    return tuple(sorted(points.values(), key=lambda advice: gravity.index(advice.severity)))


def _on_keyframes(stream: Examined) -> Iterator[Advice]:
    intervals = stream.keyframe_intervals_s
    longest_s = max(intervals, default=stream.watched_s)
    if longest_s > _LONG_KEYFRAME_INTERVAL_S:
        yield Advice.of("advice_keyframe_interval_long", "warning", seconds=round(longest_s, 1))
    elif intervals and max(intervals) < _SHORT_KEYFRAME_INTERVAL_S:
        yield Advice.of("advice_keyframe_interval_short", "info", seconds=round(longest_s, 2))
    if len(intervals) > 1 and max(intervals) - min(intervals) > _KEYFRAME_VARIATION * max(intervals):
        yield Advice.of("advice_keyframe_interval_varies", "warning")


def _on_picture(stream: Examined) -> Iterator[Advice]:
    found = stream.found
    if found.codec_name == "H.265":
        yield Advice.of("advice_h265", "info")
    if stream.reordered:
        yield Advice.of("advice_b_frames", "info")
    if 0 < found.frame_rate < _LOW_FRAME_RATE:
        yield Advice.of("advice_frame_rate_low", "warning", rate=found.frame_rate)
    if found.frame_rate > _HIGH_FRAME_RATE:
        yield Advice.of("advice_frame_rate_high", "info", rate=found.frame_rate)
    if found.bit_rate > _HIGH_BIT_RATE:
        yield Advice.of("advice_bit_rate_high", "info", megabits=round(found.bit_rate / 1e6, 1))


def _on_audio(stream: Examined) -> Iterator[Advice]:
    audio = stream.found.audio
    if audio is not None and "audio_converted" in stream.notices:
        yield Advice.of("advice_audio_converted", "info", codec=audio.codec)
    if audio is not None and not audio.recorded:
        yield Advice.of("advice_audio_left_out", "warning", codec=audio.codec)


def _on_connection(streams: Sequence[Examined], circumstances: Circumstances) -> Iterator[Advice]:
    if not any(stream.found.name == "sub" for stream in streams):
        yield Advice.of("advice_substream_missing", "info")
    ahead_s = circumstances.clock_ahead_s
    if ahead_s is not None and abs(ahead_s) > _WRONG_CLOCK_S:
        yield Advice.of("advice_clock_wrong", "warning", seconds=round(ahead_s))
    if any(stream.found.transport == "udp" for stream in streams):
        yield Advice.of("advice_udp", "info")
    if circumstances.password_in_clear:
        yield Advice.of("advice_password_in_clear", "warning")
    elif circumstances.with_password and any(stream.found.url.startswith("rtsp:") for stream in streams):
        yield Advice.of("advice_unencrypted", "info")
