"""What is seen and heard in a source's packets, by decoders that know nothing but the packets and the format."""

from __future__ import annotations

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.video.codeccontext import VideoCodecContext

from basira.cameras.packets import Packet, TrackFormat
from tests.streams import frame_number


def numbers(track: TrackFormat, packets: list[Packet]) -> list[int]:
    """The numbers drawn in the frames, in the order they are shown."""
    decoder = av.CodecContext.create(track.codec, "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.extradata = track.extradata
    frames = [frame for packet in packets for frame in decoder.decode(av.Packet(packet.data))]
    return [frame_number(frame) for frame in [*frames, *decoder.decode(None)]]


def sound(track: TrackFormat, packets: list[Packet]) -> list[AudioFrame]:
    decoder = av.CodecContext.create(track.codec, "r")
    assert isinstance(decoder, AudioCodecContext)
    decoder.extradata = track.extradata
    return [frame for packet in packets for frame in decoder.decode(av.Packet(packet.data))]
