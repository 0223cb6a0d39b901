"""A camera's stream over RTSP, as FFmpeg reads it: any camera there is, with sound, over TCP, UDP or TLS."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import av
import structlog
from av.container import InputContainer
from av.video.stream import VideoStream

from basira.base.clock import NS_PER_S, Clock
from basira.base.errors import BasiraError
from basira.cameras.addresses import host_and_port, with_credentials
from basira.cameras.audio import AudioPath, LeftOut, audio_path
from basira.cameras.camera_clock import CameraClock
from basira.cameras.diagnosis import diagnose
from basira.cameras.interruption import Interruption
from basira.cameras.packets import FormatChanged, Packet, StreamFormat
from basira.cameras.parameter_sets import ParameterSets, VideoCodec
from basira.cameras.rtsp_address import Patience, RtspAddress

_log = structlog.get_logger()

RECORDABLE: Final = ("h264", "hevc")
_RECEIVE_BUFFER_BYTES: Final = 1 << 20
_MAX_UNDATED: Final = 20
_DEFAULT_FRAME_RATE: Final = 25.0
_LONGEST_FRAME_S: Final = Fraction(1, 5)


class FFmpegSource:
    """One RTSP connection as FFmpeg makes it (:class:`basira.cameras.packets.Source`).

    FFmpeg hands an access unit over when the next one begins, so each is stamped with the time at which the one
    before it was handed over: that is when its own first bytes arrived.
    """

    def __init__(self, address: RtspAddress, clock: Clock, *, with_audio: bool, patience: Patience) -> None:
        self._address = address
        self._clock = clock
        self._with_audio = with_audio
        self._connect_s = patience.connect_s
        self._silence_s = patience.silence_s
        self._keyframe_s = patience.keyframe_s
        self._interruption = Interruption()
        self._container: InputContainer | None = None
        self._demuxed: Iterator[av.Packet[Any]] = iter(())
        self._ready: deque[Packet] = deque()
        self._audio: AudioPath = LeftOut(None)
        self._handed_over = (0, 0)

    def open(self) -> StreamFormat:
        host_and_port(self._address.url)
        self._interruption.enter()
        self._container = self._connect()
        video = self._choose_video(self._container)
        audio = next(iter(self._container.streams.audio), None)
        self._audio = audio_path(audio) if self._with_audio else LeftOut(None)
        chosen = [video] if audio is None or self._audio.format is None else [video, audio]
        self._video_index = video.index
        self._demuxed = self._container.demux(*chosen)
        codec: VideoCodec = "h264" if video.codec_context.name == "h264" else "hevc"
        self._sets = ParameterSets(codec, video.codec_context.extradata or b"")
        assert video.time_base is not None
        self._base = video.time_base
        self._camera_clock = CameraClock(self._base)
        self._nominal_rate = float(video.average_rate or 0)
        self._await_keyframe()
        return self._format

    def packets(self) -> Iterator[Packet]:
        self._interruption.enter()
        while True:
            while self._ready:
                yield self._ready.popleft()
            packet = self._demux()
            if packet is None:
                return
            self._check_silence()
            if packet.stream_index != self._video_index:
                self._take_audio(packet)
                continue
            taken = self._take_video(packet)
            self._ready.append(taken)
            if taken.keyframe and self._sets.update(taken.data):
                self._format = self._describe()
                raise FormatChanged(self._format)

    @property
    def audio_sent(self) -> str | None:
        """The audio codec the camera sends, whatever becomes of it; None when it sends none or none was asked for."""
        return self._audio.sent

    def interrupt(self) -> None:
        self._interruption.set()

    def close(self) -> None:
        self._interruption.leave()
        self._demuxed = iter(())
        if self._container is not None:
            self._container.close()
            self._container = None

    def _connect(self) -> InputContainer:
        address = self._address
        options = {
            "rtsp_transport": address.transport,
            "allowed_media_types": "video+audio" if self._with_audio else "video",
            "timeout": str(round(self._connect_s * 1e6)),
            "buffer_size": str(_RECEIVE_BUFFER_BYTES),
            # No probing: the format is read from the description and from the first keyframe, here.
            "probesize": "32",
            "analyzeduration": "0",
            "protocol_whitelist": "rtp,udp,tcp,tls,crypto",
        }
        # The error is handled outside "except": FFmpeg's holds the address with the password, and must not be chained.
        failure: av.FFmpegError
        try:
            return av.open(
                with_credentials(address.url, address.username, address.password),
                mode="r",
                format="rtsp",
                options=options,
                timeout=(self._connect_s + self._silence_s, self._silence_s),
            )
        except av.FFmpegError as error:
            failure = error
        if self._interruption.is_set:
            raise BasiraError("camera_stopped")
        raise diagnose(address.url, failure, timeout_s=min(self._connect_s, 5.0))

    def _choose_video(self, container: InputContainer) -> VideoStream:
        videos = container.streams.video
        if not videos:
            raise BasiraError("camera_no_video")
        for video in videos:
            if video.codec_context is not None and video.codec_context.name in RECORDABLE:
                return video
        name = videos[0].codec_context.name if videos[0].codec_context is not None else "?"
        raise BasiraError("camera_codec_unsupported", codec=name)

    def _await_keyframe(self) -> None:
        """Read on to the first keyframe, and as many packets as it takes to date it."""
        deadline = self._clock.mono_ns() + round(self._keyframe_s * 1e9)
        while True:
            packet = self._demux()
            if packet is None:
                raise BasiraError("camera_stopped")
            if packet.stream_index != self._video_index:
                continue
            is_first = not self._handed_over[1]
            arrival = self._arrival()
            if packet.is_keyframe:
                self._sets.update(bytes(packet))
                if self._sets.is_complete:
                    break
            if self._clock.mono_ns() > deadline:
                raise BasiraError("camera_sends_no_keyframe", seconds=round(self._keyframe_s))
        self._format = self._describe()
        if is_first:
            # No hand-over before it: it came about one frame before its own.
            early_ns = round(min(self._interval * self._base, _LONGEST_FRAME_S) * NS_PER_S)
            arrival = arrival[0] - early_ns, arrival[1] - early_ns
        self._date_first(packet, arrival)

    def _describe(self) -> StreamFormat:
        video = self._sets.track_format(self._base, self._nominal_rate)
        self._interval = max(1, round(1 / ((video.frame_rate or _DEFAULT_FRAME_RATE) * self._base)))
        notices = (self._audio.notice,) if self._audio.notice else ()
        return StreamFormat(video, self._audio.format, notices)

    def _date_first(self, first: av.Packet[Any], arrival: tuple[int, int]) -> None:
        """FFmpeg dates the first packets late or never; date them back from the first that has a decode time."""
        undated = [(first, arrival)]
        while undated[-1][0].dts is None and len(undated) < _MAX_UNDATED:
            following = self._demux()
            if following is None:
                break
            if following.stream_index == self._video_index:
                undated.append((following, self._arrival()))
        last_dts = undated[-1][0].dts
        start = (last_dts if last_dts is not None else 0) - (len(undated) - 1) * self._interval
        known = [packet.pts for packet, _ in undated if packet.pts is not None]
        self._next_dts = start
        for packet, arrived in undated:
            if packet.dts is None:
                packet.dts = self._next_dts
            if packet.pts is None:
                packet.pts = max(packet.dts, min(known) - self._interval) if known else packet.dts
            self._ready.append(self._video_packet(packet, arrived))

    def _demux(self) -> av.Packet[Any] | None:
        """The next packet; None when interrupted."""
        packet: av.Packet[Any] | None = None
        failure: av.FFmpegError | None = None
        try:
            packet = next(self._demuxed, None)
        except av.FFmpegError as error:
            failure = error
        if self._interruption.is_set:
            return None
        if failure is not None:
            raise self._lost(failure)
        if packet is None or packet.size == 0:
            raise BasiraError("camera_closed_connection")
        return packet

    def _lost(self, error: av.FFmpegError) -> BasiraError:
        if isinstance(error, av.error.ExitError | av.error.TimeoutError):
            return BasiraError("camera_silent", seconds=round(self._silence_s))
        _log.info("stream lost", error=type(error).__name__)
        return BasiraError("camera_closed_connection")

    def _check_silence(self) -> None:
        """Raise when the picture has stood still too long.

        Sound may go on without it. And when a wait times out FFmpeg first hands over what it has of the last access
        unit, whole or not, and would then wait as long again: that rest is let go.
        """
        if self._clock.mono_ns() - self._handed_over[1] > self._silence_s * NS_PER_S:
            raise BasiraError("camera_silent", seconds=round(self._silence_s))

    def _arrival(self) -> tuple[int, int]:
        """When the access unit just handed over began to arrive: at the hand-over of the one before."""
        now = (self._clock.utc_ns(), self._clock.mono_ns())
        before, self._handed_over = self._handed_over, now
        return before if before[1] else now

    def _take_video(self, packet: av.Packet[Any]) -> Packet:
        arrival = self._arrival()
        if packet.dts is None:
            packet.dts = self._next_dts
        if packet.pts is None:
            packet.pts = packet.dts
        return self._video_packet(packet, arrival)

    def _video_packet(self, packet: av.Packet[Any], arrival: tuple[int, int]) -> Packet:
        assert packet.dts is not None and packet.pts is not None
        self._next_dts = packet.dts + self._interval
        return Packet(
            "video",
            bytes(packet),
            packet.dts,
            packet.pts,
            0,
            packet.is_keyframe,
            arrival[0],
            arrival[1],
            self._camera_clock.of(packet),
        )

    def _take_audio(self, packet: av.Packet[Any]) -> None:
        utc_ns, mono_ns = self._clock.utc_ns(), self._clock.mono_ns()
        for unit in self._audio.feed(packet):
            self._ready.append(Packet("audio", unit.data, unit.pts, unit.pts, unit.duration, True, utc_ns, mono_ns))
