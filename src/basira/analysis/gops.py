"""Fragments of the recording put together to groups of pictures, each with the keyframe that follows it.

A group is looked at once its end is known, because what to look at is decided by both its ends. So the analysis is
behind the camera by one keyframe interval, and never has to go back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from av.video.frame import VideoFrame

from basira.analysis.quantiser import effort, quantisers_of
from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.recording.layout import VIDEO_TRACK, read_at
from basira.replay.decoding import decode
from basira.replay.samples import Sample, Track, read_samples, read_tracks, utc_of
from basira.replay.tail import Cursor, Skipped, TailFragment, TailSegment

# Two groups further apart than this in media time do not touch.
_TOUCHING_NS = NS_PER_S


@dataclass(slots=True)
class Gop:
    """One group: its video samples as recorded. ``first`` is the cursor of its first fragment.

    The pictures themselves stay in the segment's file until somebody wants to see them, which of most groups nobody
    does but the first: half a megabyte for each camera.
    """

    segment: TailSegment
    track: Track
    first: Cursor
    start_utc_ns: int
    end_utc_ns: int
    device: str = ""  # what decodes it; the processor when empty
    _samples: list[tuple[Sample, int | bytes]] = field(init=False, default_factory=list)  # in the file, or itself
    _efforts: list[int] = field(init=False, default_factory=list)

    def add(self, sample: Sample, data: bytes, place: int | None = None) -> None:
        """The next sample, whose bytes are kept here unless they are at ``place`` in the segment's file."""
        self._samples.append((sample, data if place is None else place))
        quantisers = quantisers_of(self.track.codec, self.track.extradata)
        self._efforts.append(effort(sample.size, quantisers.of(data)))

    def utc_ns(self, pts: int) -> int:
        return utc_of(pts, self.track.timescale, self.segment.stored.start_utc_ns)

    def keyframe(self) -> VideoFrame:
        """The first picture alone. Raises BasiraError ``picture_undecodable`` and ``segment_unreadable``."""
        return next(decode(self.track, self.coded(1), rough=True, device=self.device))

    def frames(self) -> Iterator[VideoFrame]:
        """Every picture, in order. Raises BasiraError ``picture_undecodable`` and ``segment_unreadable``."""
        return decode(self.track, self.coded(), rough=True, device=self.device)

    def efforts(self) -> list[int]:
        """What each picture but the first cost the encoder: its bytes, as many as they would be at one quality."""
        return self._efforts[1:]

    def coded(self, count: int | None = None) -> Iterator[tuple[Sample, bytes]]:
        """The first ``count`` samples with their bytes, or all. Raises BasiraError ``segment_unreadable``."""
        path = self.segment.stored.path
        with ExitStack() as closing:
            file: BinaryIO | None = None
            for sample, kept in self._samples[:count]:
                if isinstance(kept, bytes):
                    yield sample, kept
                    continue
                try:
                    file = file or closing.enter_context(path.open("rb"))
                    data = read_at(file, sample.size, kept)
                except OSError as error:
                    raise _unreadable(path, error.strerror or type(error).__name__) from error
                if len(data) < sample.size:
                    raise _unreadable(path, "it ends early")
                yield sample, data


def _unreadable(path: Path, reason: str) -> BasiraError:
    """It was read when it was recorded, and is not there any more: retention, or the disk."""
    return BasiraError("segment_unreadable", path=str(path), reason=reason)


@dataclass(frozen=True, slots=True)
class Interval:
    """A whole group and the beginning of the next.

    ``following`` holds at least the next group's keyframe, when that joins on without a gap; None when the recording
    breaks off here. ``resume`` is the cursor from which this interval's successor is read again.
    """

    gop: Gop
    following: Gop | None
    resume: Cursor


class GopAssembler:
    """Turns what a tail yields into intervals. :meth:`flush` when no more is to come."""

    def __init__(self, device: str = "") -> None:
        """``device``: what decodes the groups (:func:`basira.replay.decoding.usable_device`)."""
        self._device = device
        self._gop: Gop | None = None
        self._tracks: dict[int, Track] = {}
        self._segment: TailSegment | None = None

    def feed(self, item: TailFragment | Skipped) -> Iterator[Interval]:
        """At most one interval: the one that this fragment's keyframe completes."""
        if isinstance(item, Skipped):
            yield from self.flush(item.after)
            return
        if item.segment is not self._segment:
            self._segment, self._tracks = item.segment, read_tracks(item.segment.init)
        samples = read_samples(item.data, self._tracks).get(VIDEO_TRACK, [])
        if not samples:
            return
        if not item.commit.starts_with_keyframe:
            if self._gop is not None and self._gop.segment is item.segment:
                _add(self._gop, item, samples)
                self._gop.end_utc_ns = item.end_utc_ns
            return  # its keyframe is not there: nothing to be made of it
        header, number = item.segment.header, item.commit.fragment
        first = Cursor(header.recording, header.segment, number)
        gop = Gop(item.segment, self._tracks[VIDEO_TRACK], first, item.start_utc_ns, item.end_utc_ns, self._device)
        _add(gop, item, samples)
        before, self._gop = self._gop, gop
        if before is not None:
            yield Interval(before, gop if _touch(before, gop) else None, first)

    def flush(self, resume: Cursor) -> Iterator[Interval]:
        """The group in hand, though nothing follows it."""
        if self._gop is not None:
            yield Interval(self._gop, None, resume)
        self._gop = None

    @property
    def waiting_since_utc_ns(self) -> int | None:
        """End of the footage in hand that waits for the next keyframe."""
        return self._gop.end_utc_ns if self._gop is not None else None


def _add(gop: Gop, item: TailFragment, samples: Sequence[Sample]) -> None:
    for sample in samples:
        data = item.data[sample.offset : sample.offset + sample.size]
        gop.add(sample, data, item.commit.offset + sample.offset)


def _touch(before: Gop, after: Gop) -> bool:
    return (
        before.first.recording == after.first.recording
        and abs(after.start_utc_ns - before.end_utc_ns) < _TOUCHING_NS
        and before.track.sample_entry == after.track.sample_entry
    )
