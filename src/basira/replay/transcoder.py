"""Recorded fragments as H.264 that every browser plays: a view, never the recording, and it says so.

Pictures keep their media time and their keyframes. Sound goes through untouched.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final, NamedTuple

import av
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from basira.base.errors import BasiraError
from basira.cameras.packets import StreamFormat, TrackFormat
from basira.recording.fragments import Run, encode_fragment
from basira.recording.fragments import Sample as MediaSample
from basira.recording.initialisation import initialisation_of
from basira.recording.layout import AUDIO_TRACK, VIDEO_TIMESCALE, VIDEO_TRACK
from basira.replay.decoding import video_decoder
from basira.replay.samples import Sample, Track

HEIGHT_LIMIT: Final = 720
_GLOBAL_HEADER: Final = 1 << 22  # AV_CODEC_FLAG_GLOBAL_HEADER: parameter sets in extradata
_NEVER: Final = 1_000_000
_TIME_BASE: Final = Fraction(1, VIDEO_TIMESCALE)
_CHANNELS_AT: Final = 24  # in an AudioSampleEntry


class ViewFragment(NamedTuple):
    """``moof`` + ``mdat``; times in 1/90000 s from the start of the recorded segment."""

    data: bytes
    dts: int
    duration: int
    keyframe: bool


class Transcoder:
    """Turns the fragments of one segment, from a keyframe on and in order, into H.264. For one thread.

    Raises BasiraError ``picture_undecodable`` when no decoder takes the video.
    """

    def __init__(self, tracks: dict[int, Track], width: int, height: int, encoder_threads: int = 1) -> None:
        self._video = next(track for track in tracks.values() if track.kind == "video")
        self._audio = next((track for track in tracks.values() if track.kind == "audio"), None)
        self.width, self.height = fitted(width, height)
        self._decoder = video_decoder(self._video)  # one thread: more would hold pictures back
        self._encoder = _encoder(self.width, self.height, encoder_threads)
        self._initialisation = initialisation_of(self._format())
        self._delay: int | None = None
        self._durations: dict[int, int] = {}
        self._number = 0

    @property
    def init(self) -> bytes:
        """The initialisation section; the same for every segment of one size and sound."""
        return self._initialisation.encode(None)

    @property
    def codecs(self) -> str:
        return ",".join(track.codec for track in self._initialisation.tracks)

    def fragments(self, samples: dict[int, list[Sample]], data: bytes, *, last: bool = False) -> list[ViewFragment]:
        """The H.264 of one fragment: none when its pictures come out with the next, two around a keyframe inside.

        ``samples`` place themselves in ``data``. ``last`` gives out what the decoder still holds.
        """
        frames: list[VideoFrame] = []
        for sample in samples.get(self._video.id, ()):
            if self._delay is None:
                self._delay = sample.pts - sample.dts
            self._durations[sample.pts] = sample.duration
            packet = av.Packet(data[sample.offset : sample.offset + sample.size])
            packet.pts, packet.dts, packet.time_base = sample.pts, sample.dts, _TIME_BASE
            frames += self._decoded(packet)
        if last:
            frames += self._decoded(None)
        groups = _from_keyframes([encoded for frame in frames for encoded in self._encoded(frame)])
        sound = self._sound(samples, data)
        return [self._made(group, sound if position == 0 else None) for position, group in enumerate(groups)]

    def _decoded(self, packet: av.Packet[Any] | None) -> list[VideoFrame]:
        try:
            return self._decoder.decode(packet)
        except FFmpegError:
            return []  # a damaged picture is left out; those after it say what they can

    def _encoded(self, frame: VideoFrame) -> Iterator[tuple[int, MediaSample]]:
        """The pictures of a frame with their decode times; one, since the encoder holds none back."""
        pts = frame.pts or 0
        picture = frame.reformat(width=self.width, height=self.height, format="yuv420p")
        picture.pts, picture.time_base = pts, _TIME_BASE
        picture.pict_type = PictureType.I if frame.key_frame else PictureType.NONE
        for packet in self._encoder.encode(picture):
            data = self._initialisation.sample_of(bytes(packet))
            duration = self._durations.pop(pts, 0) or 1
            yield pts - (self._delay or 0), MediaSample(data, duration, 0, packet.is_keyframe)

    def _made(self, group: list[tuple[int, MediaSample]], sound: Run | None) -> ViewFragment:
        dts, pictures = group[0][0], [sample for _, sample in group]
        encoded = encode_fragment(self._number, Run(VIDEO_TRACK, dts, pictures), sound)
        self._number += 1
        return ViewFragment(encoded, dts, sum(picture.duration for picture in pictures), pictures[0].sync)

    def _sound(self, samples: dict[int, list[Sample]], data: bytes) -> Run | None:
        if self._audio is None or not samples.get(self._audio.id):
            return None
        heard = samples[self._audio.id]
        delay = (self._delay or 0) * self._audio.timescale // VIDEO_TIMESCALE
        copied = [MediaSample(data[s.offset : s.offset + s.size], s.duration, 0, True) for s in heard]
        return Run(AUDIO_TRACK, max(0, heard[0].dts - delay), copied)

    def _format(self) -> StreamFormat:
        video = TrackFormat(
            "video", "h264", _TIME_BASE, self._encoder.extradata or b"", width=self.width, height=self.height
        )
        if self._audio is None:
            return StreamFormat(video)
        (channels,) = struct.unpack_from(">H", self._audio.sample_entry, _CHANNELS_AT)
        rate = self._audio.timescale
        return StreamFormat(
            video,
            TrackFormat(
                "audio", self._audio.codec, Fraction(1, rate), self._audio.extradata, sample_rate=rate,
                channels=channels,
            ),
        )  # fmt: skip


def fitted(width: int, height: int) -> tuple[int, int]:
    """Size of the view: no higher than 720 lines, even, in proportion."""
    lines = min(height, HEIGHT_LIMIT) // 2 * 2
    return max(2, round(width * lines / height / 2) * 2), max(2, lines)


def _encoder(width: int, height: int, threads: int) -> VideoCodecContext:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = _TIME_BASE, Fraction(25)
    context.thread_count = threads
    context.gop_size = _NEVER  # keyframes are where the recording has them
    context.flags |= _GLOBAL_HEADER
    context.options = {
        "preset": "superfast", "tune": "zerolatency", "crf": "25", "maxrate": "4M", "bufsize": "4M",
        "forced-idr": "1",
    }  # fmt: skip
    try:
        context.open()
    except FFmpegError as error:
        raise BasiraError("transcode_unavailable", status=501, reason=str(error.strerror)) from error
    return context


def _from_keyframes(encoded: list[tuple[int, MediaSample]]) -> list[list[tuple[int, MediaSample]]]:
    """Neighbouring pictures in groups; every keyframe begins one."""
    groups: list[list[tuple[int, MediaSample]]] = []
    for dts, sample in encoded:
        if sample.sync or not groups:
            groups.append([])
        groups[-1].append((dts, sample))
    return groups


def transcoded(transcoder: Transcoder, pieces: Iterable[tuple[dict[int, list[Sample]], bytes]]) -> bytes:
    """All the fragments of a run of neighbouring ones, to the last picture."""
    given = list(pieces)
    return b"".join(
        fragment.data
        for position, (samples, data) in enumerate(given)
        for fragment in transcoder.fragments(samples, data, last=position == len(given) - 1)
    )
