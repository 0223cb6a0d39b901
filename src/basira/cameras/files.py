"""A file or a folder of files as a camera: paced in real time, round and round, time stamps never going back."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.container import InputContainer

from basira.base.clock import NS_PER_S, Clock
from basira.base.errors import BasiraError
from basira.cameras.audio import AudioPath, LeftOut, audio_path
from basira.cameras.clips import clips_at, playable_clip
from basira.cameras.packets import FormatChanged, Packet, StreamFormat, TrackFormat

_NAP_S: Final = 0.2


class FileSource:
    """Clips played like a camera (:class:`basira.cameras.packets.Source`).

    Goes from clip to clip and from the last to the first, unless ``loop`` is off; a clip of another format raises
    FormatChanged. A source that falls behind catches up without skipping frames.
    """

    def __init__(
        self, path: Path, clock: Clock, *, cache_dir: Path, with_audio: bool = True, loop: bool = True
    ) -> None:
        self._path = path
        self._clock = clock
        self._cache_dir = cache_dir
        self._with_audio = with_audio
        self._loop = loop
        self._interrupted = False
        self._clips: list[Path] = []
        self._next_clip = 0
        self._played: _Clip | None = None
        self._start_mono_ns = 0
        self._sound_end = 0  # in the audio track's time base
        self._elapsed = Fraction(0)  # seconds of the clips played so far

    def open(self) -> StreamFormat:
        self._clips = clips_at(self._path)
        self._played = self._open_next()
        self._start_mono_ns = self._clock.mono_ns()
        return self._played.format

    def packets(self) -> Iterator[Packet]:
        while self._played is not None:
            yield from self._play(self._played)
            if self._interrupted or (not self._loop and self._next_clip == len(self._clips)):
                return
            before = self._played
            self._elapsed += before.length_s
            before.close()
            self._played = self._open_next()
            if self._played.format != before.format:
                self._sound_end = 0
                raise FormatChanged(self._played.format)

    @property
    def audio_sent(self) -> str | None:
        """The audio codec of the clip being played, None when it has none."""
        return None if self._played is None else self._played.audio_sent

    def interrupt(self) -> None:
        self._interrupted = True

    def close(self) -> None:
        if self._played is not None:
            self._played.close()
            self._played = None

    def _open_next(self) -> _Clip:
        clip = self._clips[self._next_clip % len(self._clips)]
        self._next_clip = self._next_clip % len(self._clips) + 1
        return _Clip(playable_clip(clip, self._cache_dir), with_audio=self._with_audio)

    def _play(self, clip: _Clip) -> Iterator[Packet]:
        for packet, at_s in clip.packets(self._elapsed):
            if packet.kind == "audio":
                # Sound may outlast the picture of one clip and begin before that of the next.
                if packet.dts < self._sound_end:
                    continue
                self._sound_end = packet.dts + packet.duration
            if not self._wait_until(self._start_mono_ns + round((self._elapsed + at_s) * NS_PER_S)):
                return
            packet.utc_ns, packet.mono_ns = self._clock.utc_ns(), self._clock.mono_ns()
            yield packet

    def _wait_until(self, mono_ns: int) -> bool:
        """Sleep to that instant; False when interrupted."""
        while not self._interrupted:
            left_s = (mono_ns - self._clock.mono_ns()) / NS_PER_S
            if left_s <= 0:
                return True
            self._clock.sleep(min(left_s, _NAP_S))
        return False


class _Clip:
    """One clip being played; its times begin at 0 with its first video packet."""

    def __init__(self, path: Path, *, with_audio: bool) -> None:
        try:
            self._container: InputContainer = av.open(str(path))
        except (av.FFmpegError, OSError):
            raise BasiraError("clip_unreadable", path=path.name) from None
        self._video = self._container.streams.video[0]
        sound = next(iter(self._container.streams.audio), None) if with_audio else None
        self._audio: AudioPath = audio_path(sound) if with_audio else LeftOut(None)
        self.audio_sent = self._audio.sent
        self._streams: list[Any] = [self._video] if self._audio.format is None else [self._video, sound]
        self.format = self._describe()
        self.length_s = Fraction(0)

    def packets(self, offset_s: Fraction) -> Iterator[tuple[Packet, Fraction]]:
        """Packets with ``offset_s`` added to their times, and when each is due, seconds from the clip's start."""
        base = self.format.video.time_base
        interval = max(1, round(1 / (self.format.video.frame_rate or 25.0) / float(base)))
        shift = round(offset_s / base)
        first: int | None = None
        next_dts = 0
        for packet in self._container.demux(self._streams):
            if packet.size == 0:
                continue
            if packet.stream_index != self._video.index:
                yield from self._sound(packet, offset_s, Fraction(first or 0) * base)
                continue
            dts = next_dts if packet.dts is None else packet.dts
            pts = dts if packet.pts is None else packet.pts
            if first is None:
                first = dts
            next_dts = dts + (packet.duration or interval)
            self.length_s = (next_dts - first) * base
            at = dts - first
            data = bytes(packet)
            yield (
                Packet("video", data, at + shift, pts - first + shift, packet.duration or 0, packet.is_keyframe, 0, 0),
                at * base,
            )

    def close(self) -> None:
        self._container.close()

    def _sound(
        self, packet: av.Packet[Any], offset_s: Fraction, first_s: Fraction
    ) -> Iterator[tuple[Packet, Fraction]]:
        if self._audio.format is None:
            return
        base = self._audio.format.time_base
        shift, first = round(offset_s / base), round(first_s / base)
        for unit in self._audio.feed(packet):
            at = unit.pts - first
            yield Packet("audio", unit.data, at + shift, at + shift, unit.duration, True, 0, 0), max(0, at) * base

    def _describe(self) -> StreamFormat:
        context, base = self._video.codec_context, self._video.time_base
        assert base is not None
        video = TrackFormat(
            "video", context.name, base, context.extradata or b"", width=context.width, height=context.height,
            frame_rate=float(self._video.average_rate or 0),
        )  # fmt: skip
        return StreamFormat(video, self._audio.format, (self._audio.notice,) if self._audio.notice else ())
