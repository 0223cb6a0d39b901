"""What a camera gives: a format, then packets. The contract between ``cameras`` and ``recording``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class TrackFormat:
    """Codec parameters of one track; a change of any field starts a new segment.

    ``codec`` is FFmpeg's name (``h264``, ``hevc``, ``aac``). ``extradata`` is as the source gives it: Annex B or
    avcC/hvcC for video, AudioSpecificConfig for AAC. ``frame_rate`` is nominal, 0 when the camera does not say.
    """

    kind: Literal["video", "audio"]
    codec: str
    time_base: Fraction
    extradata: bytes
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0
    sample_rate: int = 0
    channels: int = 0


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """What one connection to a stream delivers. ``notices`` are codes of ``base.messages`` for a person to read."""

    video: TrackFormat
    audio: TrackFormat | None = None
    notices: tuple[str, ...] = ()


@dataclass(slots=True)
class Packet:
    """One access unit, as the camera sent it.

    ``dts`` and ``pts`` are in the track's ``time_base``; ``duration`` is 0 when unknown. ``utc_ns`` and ``mono_ns``
    are when it arrived; ``camera_ns`` is the camera's own clock for it (RTCP sender report), 0 when unknown.
    """

    kind: Literal["video", "audio"]
    data: bytes
    dts: int
    pts: int
    duration: int
    keyframe: bool
    utc_ns: int
    mono_ns: int
    camera_ns: int = 0


class FormatChanged(Exception):
    """Raised by ``packets`` when the camera changes codec parameters in mid-stream; carries the new format."""

    def __init__(self, new: StreamFormat) -> None:
        super().__init__("codec parameters changed")
        self.new = new


class Source(Protocol):
    """One connection to one stream. Used by one thread; ``close`` and ``interrupt`` may come from another."""

    def open(self) -> StreamFormat:
        """Connect and learn the format. Raises BasiraError with what a person can do about it."""
        ...

    def packets(self) -> Iterator[Packet]:
        """Packets in the order they arrived. Ends when a file ends.

        Raises BasiraError when the connection is lost or silent too long, FormatChanged when the format changes
        (iterate again to go on).
        """
        ...

    def interrupt(self) -> None:
        """Make ``open`` or ``packets`` in another thread return or raise soon."""
        ...

    def close(self) -> None: ...
