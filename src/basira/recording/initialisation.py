"""The initialisation section of a segment: ``ftyp``, our SEGMENT box, and a ``moov`` without samples.

Written here rather than by a muxer, so that the same format always gives the same bytes and no encoder is opened.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from basira.base.errors import BasiraError
from basira.cameras.packets import StreamFormat, TrackFormat
from basira.recording.layout import AUDIO_TRACK, VIDEO_TIMESCALE, VIDEO_TRACK, SegmentHeader, TrackHeader
from basira.recording.nal import annex_b_to_sample, join_length_prefixed, split_length_prefixed
from basira.recording.parameter_sets import VideoConfiguration, aac_name, video_configuration, with_four_byte_lengths

_MATRIX: Final = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_FTYP: Final = struct.pack(">I4s4sI4s4s4s", 28, b"ftyp", b"iso6", 0, b"iso6", b"isom", b"mp41")
_SAMPLE_ENTRY: Final = {b"avcC": b"avc1", b"hvcC": b"hvc1"}
RECORDABLE_AUDIO: Final = frozenset({"aac"})


@dataclass(frozen=True, slots=True)
class Initialisation:
    """What the tracks of a stream need, made once per format: give it a header and it gives the file's first bytes."""

    moov: bytes
    tracks: tuple[TrackHeader, ...]
    video: VideoConfiguration

    def encode(self, header: SegmentHeader | None) -> bytes:
        """The file's first bytes; without a header for what is shown and not recorded."""
        return _FTYP + (header.encode() if header else b"") + self.moov

    def sample_of(self, data: bytes) -> bytes:
        """A video packet of this format as an MP4 sample: each unit after its length in four bytes."""
        if self.video.length_size == 4:
            return data
        if self.video.length_size == 0:
            return annex_b_to_sample(data)
        return join_length_prefixed(split_length_prefixed(data, self.video.length_size))


def initialisation_of(stream: StreamFormat) -> Initialisation:
    """Raises BasiraError ``stream_format_unusable`` when the video cannot be put in MP4.

    Audio that cannot is left out: video is never lost because of audio.
    """
    try:
        configuration = video_configuration(stream.video.codec, stream.video.extradata)
    except (ValueError, IndexError, struct.error) as error:
        raise BasiraError("stream_format_unusable", codec=stream.video.codec, reason=str(error)) from error
    video = TrackHeader(
        id=VIDEO_TRACK, kind="video", codec=configuration.codec, timescale=VIDEO_TIMESCALE,
        width=stream.video.width, height=stream.video.height,
    )  # fmt: skip
    tracks = [video]
    traks = [_trak(video, _video_entry(stream.video, configuration))]
    if stream.audio is not None and is_recordable_audio(stream.audio):
        audio = TrackHeader(
            id=AUDIO_TRACK, kind="audio", codec=aac_name(stream.audio.extradata), timescale=stream.audio.sample_rate,
            sample_rate=stream.audio.sample_rate, channels=stream.audio.channels,
        )  # fmt: skip
        tracks.append(audio)
        traks.append(_trak(audio, _audio_entry(stream.audio)))
    return Initialisation(_moov(traks, tracks), tuple(tracks), configuration)


def is_recordable_audio(audio: TrackFormat) -> bool:
    """Whether MP4 can carry this audio as it is."""
    return audio.codec in RECORDABLE_AUDIO and len(audio.extradata) >= 2 and audio.sample_rate > 0


def box(kind: bytes, *parts: bytes) -> bytes:
    """An ISO base media box."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def _moov(traks: list[bytes], tracks: list[TrackHeader]) -> bytes:
    mvhd = _full(
        b"mvhd", 0, 0, struct.pack(">4IIHH8x", 0, 0, 1000, 0, 0x10000, 0x100, 0), _MATRIX, bytes(24),
        struct.pack(">I", len(tracks) + 1),
    )  # fmt: skip
    trex = [_full(b"trex", 0, 0, struct.pack(">5I", track.id, 1, 0, 0, 0)) for track in tracks]
    return box(b"moov", mvhd, *traks, box(b"mvex", *trex))


def _trak(track: TrackHeader, sample_entry: bytes) -> bytes:
    volume = 0x100 if track.kind == "audio" else 0
    tkhd = _full(
        b"tkhd", 0, 3, struct.pack(">5I8xHHHH", 0, 0, track.id, 0, 0, 0, 0, volume, 0), _MATRIX,
        struct.pack(">II", track.width << 16, track.height << 16),
    )  # fmt: skip
    mdhd = _full(b"mdhd", 0, 0, struct.pack(">4IHH", 0, 0, track.timescale, 0, 0x55C4, 0))  # 0x55c4: "und"
    handler, name = (b"vide", b"video\0") if track.kind == "video" else (b"soun", b"audio\0")
    hdlr = _full(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, handler), name)
    media = _full(b"vmhd", 0, 1, bytes(8)) if track.kind == "video" else _full(b"smhd", 0, 0, bytes(4))
    dinf = box(b"dinf", _full(b"dref", 0, 0, struct.pack(">I", 1), _full(b"url ", 0, 1)))
    stbl = box(
        b"stbl",
        _full(b"stsd", 0, 0, struct.pack(">I", 1), sample_entry),
        _full(b"stts", 0, 0, bytes(4)),
        _full(b"stsc", 0, 0, bytes(4)),
        _full(b"stsz", 0, 0, bytes(8)),
        _full(b"stco", 0, 0, bytes(4)),
    )
    return box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, box(b"minf", media, dinf, stbl)))


def _video_entry(video: TrackFormat, configuration: VideoConfiguration) -> bytes:
    head = struct.pack(
        ">6xH16xHHIIIH32sHh", 1, video.width, video.height, 0x480000, 0x480000, 0, 1, b"", 0x18, -1
    )  # fmt: skip
    return box(
        _SAMPLE_ENTRY[configuration.box], head, box(configuration.box, with_four_byte_lengths(configuration))
    )  # fmt: skip


def _audio_entry(audio: TrackFormat) -> bytes:
    # Rates over 65535 do not fit the field; the AudioSpecificConfig is what decoders go by.
    rate = audio.sample_rate if audio.sample_rate < 65536 else 0
    head = struct.pack(">6xH8xHHHHI", 1, audio.channels, 16, 0, 0, rate << 16)
    return box(b"mp4a", head, _esds(audio.extradata))


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes([tag, len(body)]) + body


def _esds(audio_specific_config: bytes) -> bytes:
    """ISO/IEC 14496-1 descriptors: ES, decoder configuration (MPEG-4 audio), its config, SL."""
    config = struct.pack(">BB3xII", 0x40, 0x15, 0, 0) + _descriptor(5, audio_specific_config)
    es = struct.pack(">HB", 0, 0) + _descriptor(4, config) + _descriptor(6, b"\x02")
    return _full(b"esds", 0, 0, _descriptor(3, es))
