"""Clips as the cascade meets them: intervals of a recording, made from a file without recording it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import av

from basira.analysis.gops import Gop, Interval
from basira.base.clock import NS_PER_S
from basira.base.identifiers import SegmentKey, StreamKey
from basira.recording.layout import SegmentHeader, TrackHeader
from basira.replay.footage import StoredSegment
from basira.replay.samples import Sample, Track
from basira.replay.tail import Cursor, TailSegment

STREAM = StreamKey("site-1", "gate", "main")
START = 1_760_000_000 * NS_PER_S


def as_camera(
    source: Path,
    target: Path,
    *,
    frame_rate: int = 15,
    keyframe_s: float = 2,
    bit_rate: str = "",
    filters: str = "null",
) -> Path:
    """Re-encode as an IP camera would: H.264, no B-frames, a fixed keyframe interval, a capped rate."""
    every = str(round(frame_rate * keyframe_s))
    rate = ["-b:v", bit_rate, "-maxrate", bit_rate, "-bufsize", bit_rate] if bit_rate else ["-crf", "26"]
    command = [
        "ffmpeg", "-v", "error", "-y", "-i", str(source), "-an", "-vf", f"{filters},fps={frame_rate},format=yuv420p",
        "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-threads", "2", "-g", every,
        "-keyint_min", every, "-sc_threshold", "0", *rate, str(target),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    return target


def gops_of(path: Path, start_utc_ns: int = START, recording: int = 1) -> Iterator[Gop]:
    """The groups of pictures of a file, as if it had been recorded from ``start_utc_ns`` on as one segment."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert stream.time_base is not None
        timescale = stream.time_base.denominator
        track = Track(1, "video", context.name, timescale, context.extradata or b"", b"entry", b"", 0, 0, 0)
        segment = _segment(start_utc_ns, recording, context.width, context.height)
        gop: Gop | None = None
        number = 0
        for packet in container.demux(stream):
            if packet.size == 0 or packet.pts is None or packet.dts is None:
                continue
            scale = stream.time_base.numerator
            duration = (packet.duration or 0) * scale
            sample = Sample(0, packet.size, packet.dts * scale, packet.pts * scale, duration, packet.is_keyframe)
            end_utc_ns = start_utc_ns + (sample.pts + duration) * NS_PER_S // timescale
            if packet.is_keyframe:
                if gop is not None:
                    yield gop
                first = Cursor(recording, 0, number)
                gop = Gop(segment, track, first, start_utc_ns + sample.pts * NS_PER_S // timescale, end_utc_ns)
                number += 1
            assert gop is not None
            gop.add(sample, bytes(packet))
            gop.end_utc_ns = end_utc_ns
        if gop is not None:
            yield gop


def intervals_of(path: Path, start_utc_ns: int = START, recording: int = 1) -> Iterator[Interval]:
    """The intervals of a file; the last one breaks off."""
    before: Gop | None = None
    for gop in gops_of(path, start_utc_ns, recording):
        if before is not None:
            yield Interval(before, gop, gop.first)
        before = gop
    if before is not None:
        yield Interval(before, None, Cursor(recording, 1, 0))


def _segment(start_utc_ns: int, recording: int, width: int, height: int) -> TailSegment:
    header = SegmentHeader(
        site=STREAM.site, camera=STREAM.camera, stream="main", recording=recording, segment=0, reason="start",
        start_utc_ns=start_utc_ns, start_mono_ns=0, boot_id="0" * 32, writer="test",
        tracks=(TrackHeader(id=1, kind="video", codec="avc1.64001f", timescale=90000, width=width, height=height),),
    )  # fmt: skip
    key = SegmentKey(*STREAM, recording, 0)
    stored = StoredSegment(
        key, "closed", Path("none"), start_utc_ns, start_utc_ns, "0" * 32, 0, 0, "avc1.64001f", None, width, height
    )
    return TailSegment(header, b"", stored)
