"""Audio that MP4 carries everywhere: AAC as it is, anything else converted to AAC. Never at the cost of video."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple, Protocol

import av
import structlog
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream

from basira.cameras.packets import TrackFormat

_log = structlog.get_logger()

_AAC_FRAME = 1024
_AAC_BIT_RATE_PER_CHANNEL = 48_000
_MAX_DRIFT_S = 0.2
# Sample rates AAC knows; others are converted to the nearest above.
_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)


class AudioUnit(NamedTuple):
    """One AAC frame; times in the track's ``time_base``."""

    data: bytes
    pts: int
    duration: int


class AudioPath(Protocol):
    """What becomes of the audio of one connection. ``format`` is None when it is left out; ``sent`` names the
    codec the camera sends, None when it sends no audio."""

    format: TrackFormat | None
    notice: str | None
    sent: str | None

    def feed(self, packet: av.Packet[AudioStream]) -> list[AudioUnit]:
        """AAC frames this packet completes. Never raises."""
        ...


def audio_path(stream: AudioStream | None) -> AudioPath:
    """Decide by the codec of ``stream``."""
    if stream is None:
        return LeftOut(None)
    context: AudioCodecContext | None = stream.codec_context
    if context is None or not context.sample_rate:
        return LeftOut("audio_left_out", "?")
    if context.name == "aac":
        return AsItIs(stream) if context.extradata else LeftOut("audio_left_out", "aac")
    try:
        return ToAac(stream)
    except (av.FFmpegError, ValueError):
        return LeftOut("audio_left_out", context.name)


class LeftOut:
    """No audio; ``notice`` says so where the camera sends some."""

    format: TrackFormat | None = None

    def __init__(self, notice: str | None, sent: str | None = None) -> None:
        self.notice = notice
        self.sent = sent

    def feed(self, packet: av.Packet[AudioStream]) -> list[AudioUnit]:
        return []


class AsItIs:
    """AAC passed through, with time stamps made up where the camera gives none."""

    notice: str | None = None
    sent: str | None = "aac"

    def __init__(self, stream: AudioStream) -> None:
        context = stream.codec_context
        assert stream.time_base is not None and context.extradata is not None
        self.format: TrackFormat | None = TrackFormat(
            "audio", "aac", stream.time_base, context.extradata,
            sample_rate=context.sample_rate, channels=context.layout.nb_channels,
        )  # fmt: skip
        self._frame = round(_AAC_FRAME / context.sample_rate / stream.time_base)
        self._expected = 0

    def feed(self, packet: av.Packet[AudioStream]) -> list[AudioUnit]:
        pts = self._expected if packet.pts is None else packet.pts
        duration = packet.duration or self._frame
        self._expected = pts + duration
        return [AudioUnit(bytes(packet), pts, duration)]


class ToAac:
    """Decodes and encodes again. Time follows the camera's stamps, smoothed to whole AAC frames."""

    notice: str | None = "audio_converted"

    def __init__(self, stream: AudioStream) -> None:
        source = stream.codec_context
        self.sent: str | None = source.name
        rate = next((known for known in _AAC_RATES if known >= source.sample_rate), _AAC_RATES[-1])
        layout = "mono" if source.layout.nb_channels <= 1 else "stereo"
        channels = 1 if layout == "mono" else 2
        assert stream.time_base is not None
        self._source_base = stream.time_base
        self._decoder = source
        self._rate = rate
        self._resampler = AudioResampler("fltp", layout, rate)
        self._encoder = av.CodecContext.create("aac", "w")
        self._encoder.sample_rate = rate
        self._encoder.layout = layout
        self._encoder.format = "fltp"
        self._encoder.bit_rate = _AAC_BIT_RATE_PER_CHANNEL * channels
        self._encoder.time_base = Fraction(1, rate)
        self._encoder.open()
        self._fifo = AudioFifo()
        self._next: int | None = None  # sample number of the first sample not yet encoded
        self._broken = False
        extradata = self._encoder.extradata
        if not extradata:
            raise ValueError("the encoder gives no configuration")
        self.format: TrackFormat | None = TrackFormat(
            "audio", "aac", Fraction(1, rate), extradata, sample_rate=rate, channels=channels
        )

    def feed(self, packet: av.Packet[AudioStream]) -> list[AudioUnit]:
        if self._broken:
            return []
        try:
            return self._convert(packet)
        except (av.FFmpegError, ValueError) as error:
            self._broken = True
            _log.warning("audio conversion failed; video goes on", error=type(error).__name__)
            return []

    def _convert(self, packet: av.Packet[AudioStream]) -> list[AudioUnit]:
        if packet.pts is not None:
            self._follow(round(packet.pts * self._source_base * self._rate))
        for frame in packet.decode():
            for resampled in self._resampler.resample(frame):
                resampled.pts = None
                self._fifo.write(resampled)
        units: list[AudioUnit] = []
        while isinstance(ready := self._fifo.read(_AAC_FRAME), AudioFrame):
            at = self._next or 0
            ready.pts, ready.time_base = at, Fraction(1, self._rate)
            self._next = at + _AAC_FRAME
            units += [AudioUnit(bytes(out), out.pts or 0, _AAC_FRAME) for out in self._encoder.encode(ready)]
        return units

    def _follow(self, sample: int) -> None:
        """Take the camera's time up when it strays from the count of samples, as after a lost packet."""
        if self._next is None or abs(self._next + self._fifo.samples - sample) > _MAX_DRIFT_S * self._rate:
            self._next = sample - self._fifo.samples
