"""Packets of a clip as a camera would deliver them, with arrival times that the test decides."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import av

from basira.base.clock import NS_PER_S
from basira.cameras.packets import Packet, StreamFormat, TrackFormat

UTC_NS = 1_700_000_000 * NS_PER_S
MONO_NS = 1_000 * NS_PER_S


def read_clip(path: Path, *, utc_ns: int = UTC_NS, mono_ns: int = MONO_NS) -> tuple[StreamFormat, list[Packet]]:
    """Format and packets of a clip; each arrives when it is due to be decoded."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        audio = container.streams.audio[0] if container.streams.audio else None
        stream = StreamFormat(_video_format(video), _audio_format(audio) if audio else None)
        packets: list[Packet] = []
        for number, packet in enumerate(container.demux([s for s in (video, audio) if s is not None])):
            if packet.size == 0:
                continue
            base = packet.time_base
            assert base is not None
            dts = packet.dts if packet.dts is not None else round(number / 15 / base)
            due_ns = round(dts * base * NS_PER_S)
            packets.append(
                Packet(
                    kind="video" if packet.stream.type == "video" else "audio",
                    data=bytes(packet),
                    dts=dts,
                    pts=packet.pts if packet.pts is not None else dts,
                    duration=packet.duration or 0,
                    keyframe=packet.is_keyframe,
                    utc_ns=utc_ns + due_ns,
                    mono_ns=mono_ns + due_ns,
                )
            )
    return stream, packets


def _video_format(video: av.VideoStream) -> TrackFormat:
    assert video.time_base is not None
    context = video.codec_context
    return TrackFormat(
        kind="video",
        codec=context.name,
        time_base=video.time_base,
        extradata=context.extradata or b"",
        width=context.width,
        height=context.height,
        frame_rate=float(video.average_rate or 0),
    )


def _audio_format(audio: av.AudioStream) -> TrackFormat:
    context = audio.codec_context
    return TrackFormat(
        kind="audio",
        codec=context.name,
        time_base=audio.time_base or Fraction(1, context.sample_rate),
        extradata=context.extradata or b"",
        sample_rate=context.sample_rate,
        channels=context.channels,
    )


def demuxed(path: Path, kind: str = "video") -> list[bytes]:
    """The packets of one kind that FFmpeg finds in a file."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux() if packet.stream.type == kind and packet.size]


def decoded(path: Path) -> list[str]:
    """A hash of every decoded picture of a file, in the order shown."""
    with av.open(str(path)) as container:
        return [
            hashlib.sha256(frame.to_ndarray(format="gray").tobytes()).hexdigest() for frame in container.decode(video=0)
        ]
