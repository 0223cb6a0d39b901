"""What most cameras send, read without FFmpeg: H.264 or H.265 in order, without sound, over one TCP connection.

Two threads have a part in it: the reception's takes what comes and makes access units of it, the stream's own opens,
closes and hands over.
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from statistics import median
from typing import Final

from basira.base.clock import NS_PER_MS, NS_PER_S, Clock
from basira.base.errors import BasiraError
from basira.cameras.packets import FormatChanged, Packet, StreamFormat
from basira.cameras.parameter_sets import ParameterSets, VideoCodec
from basira.cameras.reception import shared_reception
from basira.cameras.rtp import AccessUnit, AccessUnits, read_rtp, read_sender_report
from basira.cameras.rtsp_address import Patience, RtspAddress
from basira.cameras.rtsp_session import ConnectionLost, Interleaved, NotForUs, RtspSession
from basira.cameras.sdp import Description, Media

_CODECS: Final[dict[str, VideoCodec]] = {"H264": "h264", "H265": "hevc"}
_SIZES: Final = 30
# The stream's thread is woken at keyframes, and for so much at a time otherwise: waking costs more than a picture does.
_TOGETHER_NS: Final = 200 * NS_PER_MS
_TICK_S: Final = 0.5
# While the disk stands still, so much is kept of what comes; after that the camera has to wait.
_MOST_HELD_BYTES: Final = 16 * 1024 * 1024
_SETS: Final = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")
_IN_ORDER: Final = {"packetization-mode": ("0", "1"), "sprop-max-don-diff": ("0",)}


class PlainSource:
    """One RTSP connection (:class:`basira.cameras.packets.Source`).

    ``open`` raises NotForUs besides: then FFmpeg is to try. An access unit is stamped when its first bytes came.
    """

    audio_sent: None = None

    def __init__(self, address: RtspAddress, clock: Clock, *, with_audio: bool, patience: Patience) -> None:
        self._clock = clock
        self._with_audio = with_audio
        self._patience = patience
        self._session = RtspSession(address.url, address.username, address.password, connect_s=patience.connect_s)
        self._ready: deque[Packet] = deque()
        self._units: deque[AccessUnit] = deque()  # taken over from the reception's thread
        self._handed_mono_ns = 0
        self._turn = threading.Condition()  # guards the next four
        self._held: deque[AccessUnit] = deque()
        self._held_bytes = 0
        self._full = False
        self._broken: Exception | None = None
        self._reported: tuple[int, int] | None = None  # a timestamp, and the camera's clock at it
        self._sizes: list[int] = []

    def open(self) -> StreamFormat:
        try:
            self._session.connect()
            media = self._choose(self._session.describe())
            self._channel = self._session.play(media.control)
            self._hear()
            self._await_keyframe()
        except (NotForUs, BasiraError):
            self.close()
            if self._session.interrupted:
                raise BasiraError("camera_stopped") from None
            raise
        return self._format

    def packets(self) -> Iterator[Packet]:
        while True:
            while self._ready:
                yield self._ready.popleft()
            unit = self._next_unit()
            if unit is None:
                return
            self._ready.append(self._packet(unit))
            if unit.keyframe and self._sets.update(unit.data):
                if not self._is_in_order():
                    raise BasiraError("camera_closed_connection")  # connected anew, it is FFmpeg's
                self._format = self._describe()
                raise FormatChanged(self._format)

    def interrupt(self) -> None:
        self._session.interrupt()
        with self._turn:
            self._turn.notify()

    def close(self) -> None:
        shared_reception().leave(self)
        self._session.close()

    # The reception's thread: a Caller

    def fileno(self) -> int:
        return self._session.fileno()

    def take(self) -> bool:
        if not self._session.take():
            return True
        arrived = self._clock.utc_ns(), self._clock.mono_ns()
        units: list[AccessUnit] = []
        for item in self._session.packets():
            if item.channel == self._channel:
                packet = read_rtp(item.data)
                if packet is not None and packet.payload_type == self._payload_type:
                    units += self._access_units.feed(packet, arrived)
                    self._access_units.feed_like(item.data, partial(self._session.packet_like, item))
            elif item.channel == self._channel + 1:
                self._hear_report(item)
        if not units:
            return True
        self._learn_size(units)
        with self._turn:
            self._held += units
            self._held_bytes += sum(len(unit.data) for unit in units)
            self._full = self._held_bytes > _MOST_HELD_BYTES
            if self._is_worth_waking(arrived[1]):
                self._turn.notify()
            return not self._full

    def tend(self) -> None:
        self._session.tend()

    def break_off(self, error: Exception) -> None:
        units: list[AccessUnit] = []
        try:
            units += self._access_units.end()
        finally:
            with self._turn:
                self._held += units
                self._broken = error
                self._turn.notify()

    def _is_worth_waking(self, mono_ns: int) -> bool:
        return any(unit.keyframe for unit in self._held) or mono_ns - self._held[0].arrived[1] >= _TOGETHER_NS

    def _learn_size(self, units: list[AccessUnit]) -> None:
        """Be woken when half of a usual picture has come: about once a picture."""
        self._sizes += (len(unit.data) for unit in units)
        if len(self._sizes) >= _SIZES:
            self._session.wake_at(round(median(self._sizes)) // 2)
            self._sizes.clear()

    def _hear_report(self, item: Interleaved) -> None:
        report = read_sender_report(item.data)
        if report is not None:
            self._reported = self._access_units.unwrap(report.timestamp), report.utc_ns

    # The stream's own

    def _hear(self) -> None:
        """Have the reception listen; what came with the answer to PLAY is taken first, for it does not come again."""
        self._handed_mono_ns = self._clock.mono_ns()
        try:
            self.take()
        except ConnectionLost as error:
            self.break_off(error)
            return
        shared_reception().listen(self)

    def _choose(self, description: Description) -> Media:
        if self._with_audio and any(media.kind == "audio" for media in description.media):
            raise NotForUs("sound")
        for media in description.media:
            if media.kind == "video" and media.codec in _CODECS and media.clock_rate:
                break
        else:
            raise NotForUs("no stream of a codec known here")
        for name, known in _IN_ORDER.items():
            if media.parameters.get(name, known[0]) not in known:
                raise NotForUs(name)
        codec = _CODECS[media.codec]
        self._payload_type = media.payload_type
        self._base = Fraction(1, media.clock_rate)
        self._nominal_rate = media.frame_rate
        self._access_units = AccessUnits(codec)
        self._sets = ParameterSets(codec, _described_sets(media))
        if self._sets.is_complete and not self._is_in_order():
            raise NotForUs("pictures out of order")
        return media

    def _await_keyframe(self) -> None:
        deadline_ns = self._handed_mono_ns + round(self._patience.keyframe_s * NS_PER_S)
        while True:
            unit = self._next_unit()
            if unit is None:
                raise BasiraError("camera_stopped")
            if unit.keyframe:
                self._sets.update(unit.data)
                if self._sets.is_complete:
                    break
            if self._clock.mono_ns() > deadline_ns:
                raise BasiraError("camera_sends_no_keyframe", seconds=round(self._patience.keyframe_s))
        if not self._is_in_order():
            raise NotForUs("pictures out of order")
        self._format = self._describe()
        self._ready.append(self._packet(unit))

    def _is_in_order(self) -> bool:
        try:
            return self._sets.promise_order()
        except ValueError:
            raise BasiraError("camera_sends_garbage") from None

    def _describe(self) -> StreamFormat:
        return StreamFormat(self._sets.track_format(self._base, self._nominal_rate))

    def _next_unit(self) -> AccessUnit | None:
        """The next access unit; None when interrupted. Raises BasiraError when there will be none."""
        while not self._units:
            if self._session.interrupted:
                return None
            self._take_over()
            if self._units:
                self._handed_mono_ns = self._clock.mono_ns()
            elif isinstance(self._broken, ConnectionLost):
                raise BasiraError("camera_closed_connection")
            elif self._broken is not None:
                raise self._broken
            elif self._clock.mono_ns() - self._handed_mono_ns > self._patience.silence_s * NS_PER_S:
                raise BasiraError("camera_silent", seconds=round(self._patience.silence_s))
        return self._units.popleft()

    def _take_over(self) -> None:
        """Wait for something, half a second at most, and take what the reception's thread has made ready."""
        with self._turn:
            if not self._held and self._broken is None and not self._session.interrupted:
                self._turn.wait(_TICK_S)
            self._units, self._held, self._held_bytes = self._held, deque(), 0
            was_full, self._full = self._full, False
        if was_full and self._broken is None:
            shared_reception().listen(self)

    def _packet(self, unit: AccessUnit) -> Packet:
        camera_ns = 0
        if self._reported is not None:
            timestamp, utc_ns = self._reported
            camera_ns = max(0, utc_ns + round((unit.timestamp - timestamp) * self._base * NS_PER_S))
        at = unit.timestamp
        return Packet("video", unit.data, at, at, 0, unit.keyframe, unit.arrived[0], unit.arrived[1], camera_ns)


def _described_sets(media: Media) -> bytes:
    """The parameter sets of the description, in Annex B; what is no base64 is passed over."""
    sets = b""
    for name in _SETS:
        for text in media.parameters.get(name, "").split(","):
            try:
                sets += b"\x00\x00\x00\x01" + base64.b64decode(text, validate=True) if text else b""
            except binascii.Error:
                continue
    return sets
