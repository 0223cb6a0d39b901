"""Clips on disk made fit to play a camera: H.264 or H.265 as it is, anything else encoded again, once."""

from __future__ import annotations

import fcntl
import hashlib
import os
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import structlog
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from basira.base.errors import BasiraError

_log = structlog.get_logger()

_SUFFIXES: Final = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".mpg", ".mpeg", ".wmv"})
_AS_IS: Final = frozenset({"mp4", "mov", "matroska", "mpegts"})
_KEYFRAME_INTERVAL_S: Final = 2.0
_QUALITY: Final = "23"
_DEFAULT_RATE: Final = Fraction(25)


def clips_at(path: Path) -> list[Path]:
    """The clip at ``path``, or the clips in that folder by name. Raises BasiraError ``clip_missing``."""
    if path.is_dir():
        clips = sorted(clip for clip in path.iterdir() if clip.suffix.lower() in _SUFFIXES)
    else:
        clips = [path] if path.is_file() else []
    if not clips:
        raise BasiraError("clip_missing", path=path.name)
    return clips


def playable_clip(path: Path, cache_dir: Path, *, longest_s: float | None = None) -> Path:
    """``path`` itself where packets can be taken from it as they are, else its encoded copy in ``cache_dir``.

    Encoding takes a while the first time; ``longest_s`` cuts it short, for a look into a ``cache_dir`` of one's own.
    Safe when several processes ask at once. Raises BasiraError ``clip_unreadable``.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise BasiraError("clip_unreadable", path=path.name)
            stream = container.streams.video[0]
            as_is = stream.codec_context is not None and stream.codec_context.name in ("h264", "hevc")
            if as_is and _AS_IS & set(container.format.name.split(",")):
                return path
    except (av.FFmpegError, OSError):
        raise BasiraError("clip_unreadable", path=path.name) from None
    return _cached(path, cache_dir, longest_s)


def _cached(path: Path, cache_dir: Path, longest_s: float | None) -> Path:
    stat = path.stat()
    name = hashlib.sha256(f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}".encode()).hexdigest()[:32]
    cache_dir.mkdir(parents=True, exist_ok=True)
    target = cache_dir / f"{name}.mp4"
    with (cache_dir / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            draft = cache_dir / f"{name}.{os.getpid()}.mp4"
            try:
                _encode(path, draft, longest_s)
                draft.rename(target)
            except (av.FFmpegError, ValueError):
                raise BasiraError("clip_unreadable", path=path.name) from None
            finally:
                draft.unlink(missing_ok=True)
            _log.info("clip encoded", clip=path.name, bytes=target.stat().st_size)
    return target


def _encode(source: Path, target: Path, longest_s: float | None) -> None:
    """As a camera would: H.264, no reordering, a keyframe every two seconds. Audio is left behind."""
    with av.open(str(source)) as reader, av.open(str(target), "w", format="mp4") as writer:
        video = reader.streams.video[0]
        video.thread_type = "NONE"
        rate = video.average_rate or _DEFAULT_RATE
        output = _camera_like_stream(writer, video, rate)
        count = 0
        for frame in reader.decode(video):
            for packet in output.encode(_numbered(frame, count, rate)):
                writer.mux(packet)
            count += 1
            if longest_s is not None and count >= longest_s * rate:
                break
        if count == 0:
            raise ValueError("no frames")
        for packet in output.encode(None):
            writer.mux(packet)


def _camera_like_stream(writer: av.container.OutputContainer, video: VideoStream, rate: Fraction) -> VideoStream:
    output = writer.add_stream("libx264", rate=rate)
    context = output.codec_context
    # Even sides, as 4:2:0 wants them.
    context.width, context.height = video.codec_context.width & ~1, video.codec_context.height & ~1
    context.pix_fmt = "yuv420p"
    context.gop_size = max(1, round(_KEYFRAME_INTERVAL_S * float(rate)))
    context.max_b_frames = 0
    context.thread_count = 1
    context.options = {"preset": "veryfast", "tune": "zerolatency", "crf": _QUALITY, "profile": "main"}
    return output


def _numbered(frame: VideoFrame, number: int, rate: Fraction) -> VideoFrame:
    frame = frame.reformat(width=frame.width & ~1, height=frame.height & ~1, format="yuv420p")
    frame.pts, frame.time_base = number, 1 / rate
    frame.pict_type = 0  # let the encoder choose
    return frame
