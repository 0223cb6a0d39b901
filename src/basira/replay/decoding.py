"""Pictures out of recorded samples: a decoder of its own for each request, fed exact bytes.

A decoder may be a device's (a graphics processor) instead of the processor's: by FFmpeg's name, ``cuda`` for NVDEC.
What the device cannot take, the processor decodes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

import av
import structlog
from av.codec.context import CodecContext
from av.codec.hwaccel import HWAccel
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from basira.base.errors import BasiraError
from basira.replay.samples import Sample, Track

# One context of the device for the whole process, the one that ONNX Runtime has too: a new one for each group of
# pictures would cost more than decoding it.
_DEVICE_OPTIONS: Final[dict[str, dict[str, object]]] = {"cuda": {"primary_ctx": "1"}}

log = structlog.get_logger(__name__)


def usable_device(device: str) -> str:
    """``device`` if it decodes H.264 here; else empty, for the processor, and a line in the log that says why."""
    if not device:
        return ""
    try:
        _open("h264", device)
    except (ValueError, RuntimeError, FFmpegError) as error:
        log.warning("decoder_device_unavailable", device=device, reason=str(error))
        return ""
    return device


def _open(codec: str, device: str) -> CodecContext:
    if not device:
        return av.CodecContext.create(codec, "r")
    options = _DEVICE_OPTIONS.get(device)
    return av.CodecContext.create(codec, "r", hwaccel=HWAccel(device, allow_software_fallback=True, options=options))


def video_decoder(track: Track, threads: int = 1, *, rough: bool = False, device: str = "") -> VideoCodecContext:
    """A decoder for a recorded video track; a ``rough`` one leaves the edges of blocks as they are, a quarter cheaper.

    ``device``: what :func:`usable_device` gave. Raises BasiraError ``picture_undecodable``."""
    try:
        context = _open(track.codec, device)
    except (ValueError, FFmpegError) as error:
        raise _undecodable(track, str(error)) from error
    assert isinstance(context, VideoCodecContext)
    context.extradata = track.extradata
    context.thread_count = threads
    if rough:
        context.options = {"skip_loop_filter": "all"}
    return context


def decode(
    track: Track, samples: Iterable[tuple[Sample, bytes]], threads: int = 1, *, rough: bool = False, device: str = ""
) -> Iterator[VideoFrame]:
    """Frames in the order of presentation; ``pts`` is the sample's. The first sample must be a keyframe.

    Raises BasiraError ``picture_undecodable`` when the decoder refuses the first picture; a later fault ends the
    frames there.
    """
    context = video_decoder(track, threads, rough=rough, device=device)
    time_base = Fraction(1, track.timescale)
    given = False
    try:
        for sample, data in samples:
            packet = av.Packet(data)
            packet.pts, packet.dts, packet.time_base = sample.pts, sample.dts, time_base
            packet.is_keyframe = sample.sync
            for frame in context.decode(packet):
                given = True
                yield frame
        for frame in context.decode(None):
            given = True
            yield frame
    except FFmpegError as error:
        if not given:
            raise _undecodable(track, str(error.strerror)) from error
    if not given:
        raise _undecodable(track, "no picture came out")


def _undecodable(track: Track, reason: str) -> BasiraError:
    return BasiraError("picture_undecodable", status=422, codec=track.codec, reason=reason)


def encode_jpeg(frame: VideoFrame, width: int | None = None, quality: int = 4) -> bytes:
    """A JPEG of ``frame``, scaled to ``width`` (never enlarged). ``quality`` is FFmpeg's, 2 best to 31."""
    wide = frame.width if width is None else min(width, frame.width)
    high = max(2, round(frame.height * wide / frame.width / 2) * 2)
    wide = max(2, wide // 2 * 2)
    picture = frame.reformat(width=wide, height=high, format="yuvj420p", dst_color_range="JPEG")
    context = av.CodecContext.create("mjpeg", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = wide, high, "yuvj420p"
    context.time_base = Fraction(1, 25)
    context.qmin = context.qmax = quality
    context.flags |= 2  # AV_CODEC_FLAG_QSCALE
    context.global_quality = quality * 118  # FF_QP2LAMBDA
    picture.pts, picture.time_base = 0, context.time_base
    out = io.BytesIO()
    for packet in [*context.encode(picture), *context.encode(None)]:
        out.write(bytes(packet))
    return out.getvalue()
