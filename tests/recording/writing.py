"""Segment files written for tests out of packets, without a recorder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from basira.base.clock import Clock, SimulatedClock
from basira.cameras.packets import Packet, StreamFormat
from basira.recording.initialisation import initialisation_of
from basira.recording.layout import SegmentHeader
from basira.recording.segment import Filesystem, SegmentWriter, SyncPolicy, TimedSample
from basira.recording.timeline import Timeline

POLICY = SyncPolicy(fragment_s=0.5, interval_s=1.0)


def place(stream: StreamFormat, packets: Iterable[Packet]) -> list[TimedSample]:
    """The packets on a fresh time line, from the first keyframe on."""
    timeline = Timeline(stream)
    samples: list[TimedSample] = []
    for packet in packets:
        if packet.kind == "video":
            if timeline.started or packet.keyframe:
                samples.append(timeline.place_video(packet).sample)
        elif (sample := timeline.place_audio(packet)) is not None:
            samples.append(sample)
    return samples


def writer_for(
    path: Path,
    stream: StreamFormat,
    start: TimedSample,
    *,
    clock: Clock | None = None,
    filesystem: Filesystem | None = None,
    on_commit: Callable[[SegmentWriter], None] = lambda _: None,
) -> SegmentWriter:
    initialisation = initialisation_of(stream)
    return SegmentWriter(
        path,
        initialisation,
        lambda: SegmentHeader(
            site="basra", camera="gate", stream="main", recording=1, segment=0, reason="start",
            start_utc_ns=start.utc_ns, start_mono_ns=start.mono_ns, boot_id="00", previous_sha256=None,
            tracks=initialisation.tracks, writer="test",
        ),
        start,
        POLICY,
        clock or SimulatedClock(),
        filesystem=filesystem,
        on_commit=on_commit,
    )  # fmt: skip


def write_segment(path: Path, stream: StreamFormat, packets: Iterable[Packet]) -> SegmentWriter:
    """One closed segment of all the packets."""
    samples = place(stream, packets)
    writer = writer_for(path, stream, samples[0])
    for sample in samples:
        writer.append(sample)
    writer.close()
    return writer
