"""What a span of a stream consists of: the GOPs to play, and the merged spans a timeline draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from basira.base.clock import NS_PER_MS
from basira.base.identifiers import StreamKey
from basira.recording.layout import Gop
from basira.replay.footage import Footage, Gap, StoredSegment

# Packets arrive with jitter, so two segments of one recording rarely touch to the nanosecond.
JITTER_NS: Final = 500 * NS_PER_MS


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring GOPs of one segment; at least one. Their bytes are contiguous."""

    segment: StoredSegment
    gops: tuple[Gop, ...]

    @property
    def start_utc_ns(self) -> int:
        return self.segment.utc_ns(self.gops[0].dts)

    @property
    def end_utc_ns(self) -> int:
        return self.segment.utc_ns(self.gops[-1].dts + self.gops[-1].duration)

    @property
    def offset(self) -> int:
        return self.gops[0].offset

    @property
    def length(self) -> int:
        return self.gops[-1].offset + self.gops[-1].length - self.gops[0].offset


def parts_of(footage: Footage, stream: StreamKey, start_utc_ns: int, end_utc_ns: int) -> list[Part]:
    """Every recorded GOP that overlaps ``[start, end)``, once, by start of its segment.

    After the clock was set back two segments can claim one instant: both are given, the earlier start first, for
    nothing recorded may be hidden.
    """
    parts: list[Part] = []
    for segment, gops in footage.segments_with_gops(stream, start_utc_ns, end_utc_ns):
        inside = tuple(
            gop
            for gop in gops
            if segment.utc_ns(gop.dts) < end_utc_ns and segment.utc_ns(gop.dts + gop.duration) > start_utc_ns
        )
        if inside:
            parts.append(Part(segment, inside))
    return parts


class Span(NamedTuple):
    """A half-open interval of wall-clock time."""

    start_utc_ns: int
    end_utc_ns: int


def spans_of(
    footage: Footage, stream: StreamKey, start_utc_ns: int, end_utc_ns: int, resolution_ns: int = 0
) -> list[Span]:
    """When the stream was recorded within ``[start, end)``: ordered, disjoint, holes below the resolution closed."""
    covered = footage.covered(stream, start_utc_ns, end_utc_ns, resolution_ns)
    newest = footage.newest_segment(stream)
    if newest is not None and newest.state == "open" and newest.start_utc_ns < end_utc_ns:
        covered.append((newest.start_utc_ns, footage.end_utc_ns(newest)))
    clipped = (Span(max(start, start_utc_ns), min(end, end_utc_ns)) for start, end in covered)
    return merge((span for span in clipped if span.end_utc_ns > span.start_utc_ns), max(resolution_ns, JITTER_NS))


def merge(spans: Iterable[Span], closest_ns: int) -> list[Span]:
    """The union of ``spans``, neighbours less than ``closest_ns`` apart joined."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start_utc_ns - merged[-1].end_utc_ns < closest_ns:
            merged[-1] = Span(merged[-1].start_utc_ns, max(merged[-1].end_utc_ns, span.end_utc_ns))
        else:
            merged.append(span)
    return merged


def gaps_of(
    footage: Footage, stream: StreamKey, start_utc_ns: int, end_utc_ns: int, resolution_ns: int = 0
) -> list[Gap]:
    """Gaps within ``[start, end)``; those of one cause that fall into one slice of the resolution become one."""
    drawn: list[Gap] = []
    for gap in footage.gaps(stream, start_utc_ns, end_utc_ns):
        last = drawn[-1] if drawn else None
        if (
            last is not None
            and last.end_utc_ns is not None
            and last.cause == gap.cause
            and gap.start_utc_ns - last.end_utc_ns < resolution_ns
            and (gap.end_utc_ns is not None and gap.end_utc_ns - gap.start_utc_ns < resolution_ns)
            and last.end_utc_ns - last.start_utc_ns < resolution_ns
        ):
            drawn[-1] = Gap(last.start_utc_ns, max(last.end_utc_ns, gap.end_utc_ns), gap.cause, last.detail)
        else:
            drawn.append(gap)
    return drawn
