"""A few seconds of one stream, measured: sizes, rates, keyframes, a picture."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from basira.base.clock import NS_PER_S, Clock, SimulatedClock
from basira.base.identifiers import StreamName
from basira.cameras.clips import clips_at, playable_clip
from basira.cameras.files import FileSource
from basira.cameras.packets import FormatChanged, Packet, Source, StreamFormat
from basira.cameras.parameter_sets import ParameterSets
from basira.cameras.probe import FoundAudio, FoundStream
from basira.cameras.rtsp_address import Patience, RtspAddress
from basira.cameras.rtsp_ffmpeg import FFmpegSource
from basira.catalogue.kinds import Transport

_LONGEST_S: Final = 8.0
_SHORTEST_S: Final = 3.0
_KEYFRAMES: Final = 4
_SNAPSHOT_WIDTH: Final = 640
_CODEC_NAMES: Final = {"h264": "H.264", "hevc": "H.265"}


@dataclass(frozen=True, slots=True)
class Examined:
    """What the report shows of a stream, and what only the advice needs.

    ``keyframe_intervals_s`` between the keyframes seen; ``watched_s`` is how long was looked.
    """

    found: FoundStream
    reordered: bool
    keyframe_intervals_s: tuple[float, ...]
    watched_s: float
    notices: tuple[str, ...]


def examine_stream(name: StreamName, address: RtspAddress, clock: Clock) -> Examined:
    """Read the stream for three to eight seconds after its first keyframe. Raises BasiraError."""
    source = FFmpegSource(address, clock, with_audio=True, patience=Patience(8.0, 6.0, 25.0))
    try:
        stream = source.open()
        return _examine(name, address.url, address.transport, source, source.audio_sent, stream, clock)
    finally:
        source.close()


def examine_clip(path: str) -> Examined:
    """Look at the beginning of a clip or of the first clip of a folder, faster than it plays."""
    clock = SimulatedClock()
    first = clips_at(Path(path))[0]
    with tempfile.TemporaryDirectory() as cache:
        playable = playable_clip(first, Path(cache), longest_s=_LONGEST_S)
        source = FileSource(playable, clock, cache_dir=Path(cache), loop=False)
        try:
            stream = source.open()
            return _examine("main", path, "tcp", source, source.audio_sent, stream, clock)
        finally:
            source.close()


def _examine(
    name: StreamName,
    url: str,
    transport: Transport,
    source: Source,
    audio_sent: str | None,
    stream: StreamFormat,
    clock: Clock,
) -> Examined:
    packets = list(_watch(source, clock))
    base = float(stream.video.time_base)
    span_s = (packets[-1].dts - packets[0].dts) * base if len(packets) > 1 else 0.0
    keyframes = [packet.dts * base for packet in packets if packet.keyframe]
    intervals = tuple(after - before for before, after in pairwise(keyframes))
    size = sum(len(packet.data) for packet in packets[:-1])
    audio = FoundAudio(
        codec=audio_sent,
        sample_rate=stream.audio.sample_rate if stream.audio else 0,
        recorded=stream.audio is not None,
    ) if audio_sent else None  # fmt: skip
    found = FoundStream(
        name=name,
        url=url,
        transport=transport,
        codec=_codec_string(stream),
        codec_name=_CODEC_NAMES.get(stream.video.codec, stream.video.codec),
        width=stream.video.width,
        height=stream.video.height,
        frame_rate=round((len(packets) - 1) / span_s, 2) if span_s > 0 else stream.video.frame_rate,
        keyframe_interval_s=round(sum(intervals) / len(intervals), 2) if intervals else None,
        bit_rate=round(size * 8 / span_s) if span_s > 0 else 0,
        audio=audio,
        snapshot_jpeg_base64=_snapshot(stream, packets),
    )
    return Examined(found, any(p.pts != p.dts for p in packets), intervals, span_s, stream.notices)


def _watch(source: Source, clock: Clock) -> Iterator[Packet]:
    """Video packets until enough keyframes have been seen or the time is over."""
    start_ns = clock.mono_ns()
    keyframes = 0
    try:
        for packet in source.packets():
            if packet.kind != "video":
                continue
            keyframes += packet.keyframe
            yield packet
            watched_s = (clock.mono_ns() - start_ns) / NS_PER_S
            if watched_s >= _LONGEST_S or (keyframes >= _KEYFRAMES and watched_s >= _SHORTEST_S):
                return
    except FormatChanged:
        return  # what came before it is enough to tell


def _codec_string(stream: StreamFormat) -> str:
    video = stream.video
    codec = "h264" if video.codec == "h264" else "hevc"
    if video.extradata[:1] == b"\x01":  # avcC or hvcC, from a file
        return f"avc1.{video.extradata[1:4].hex()}" if codec == "h264" else "hvc1"
    return ParameterSets("h264" if codec == "h264" else "hevc", video.extradata).codec_string()


def _snapshot(stream: StreamFormat, packets: list[Packet]) -> str | None:
    """The first picture as a small JPEG; None when it cannot be decoded."""
    try:
        decoder = av.CodecContext.create(stream.video.codec, "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.extradata = stream.video.extradata
        decoder.thread_count = 1
        frames: list[VideoFrame] = []
        for packet in packets[:1]:
            frames += decoder.decode(av.Packet(packet.data))
        frames += decoder.decode(None)
        return base64.b64encode(_jpeg(frames[0])).decode() if frames else None
    except (av.FFmpegError, ValueError):
        return None


def _jpeg(frame: VideoFrame) -> bytes:
    width = min(frame.width, _SNAPSHOT_WIDTH) & ~1
    height = max(2, round(frame.height * width / frame.width) & ~1)
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    small = frame.reformat(width=width, height=height, format="yuvj420p")
    small.pts, small.time_base = 0, encoder.time_base
    packets = [*encoder.encode(small), *encoder.encode(None)]
    if not packets:
        raise ValueError("no picture")
    return bytes(packets[0])
