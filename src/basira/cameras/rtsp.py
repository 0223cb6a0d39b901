"""A camera's stream over RTSP: never decoded, read by the cheaper of two clients that can.

What nearly every camera sends, video alone and in order over one TCP connection, is read here (``rtsp_plain.py``).
Everything else, and whatever is odd, is FFmpeg's (``rtsp_ffmpeg.py``): sound, UDP, encryption, reordered pictures.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import ClassVar, Final

import structlog

from basira.base.clock import Clock
from basira.base.errors import BasiraError
from basira.cameras.addresses import host_and_port
from basira.cameras.packets import Packet, StreamFormat
from basira.cameras.rtsp_address import Patience, RtspAddress
from basira.cameras.rtsp_ffmpeg import FFmpegSource
from basira.cameras.rtsp_plain import PlainSource
from basira.cameras.rtsp_session import NotForUs

_log = structlog.get_logger()

_BREATH_S: Final = 0.5
# What keeps our client from beginning may be its own fault. How often in a row it may happen before FFmpeg is asked:
# a camera that is starting itself, as all are after the power was away, says nothing for a while.
_PERHAPS_OURS: Final = {
    "camera_silent": 2,
    "camera_sends_no_keyframe": 1,
    "camera_sends_garbage": 1,
    "camera_closed_connection": 1,
}

__all__ = ["Patience", "RtspAddress", "RtspSource"]


class RtspSource:
    """One RTSP connection (:class:`basira.cameras.packets.Source`).

    ``open`` returns at the first keyframe, so that the format is the one in force and the first packet can be
    recorded.
    """

    # Streams that turned out to be FFmpeg's, while this process lives: not asked twice at each connection. And how
    # often in a row ours could not begin with a stream.
    _known_odd: ClassVar[set[str]] = set()
    _failures: ClassVar[dict[str, int]] = {}

    def __init__(
        self, address: RtspAddress, clock: Clock, *, with_audio: bool = True, patience: Patience | None = None
    ) -> None:
        self._address = address
        self._clock = clock
        self._with_audio = with_audio
        self._patience = patience or Patience()
        self._source: PlainSource | FFmpegSource | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    def open(self) -> StreamFormat:
        url = self._address.url
        if self._may_be_plain():
            plain = PlainSource(self._address, self._clock, with_audio=self._with_audio, patience=self._patience)
            try:
                opened = self._take(plain).open()
            except NotForUs as reason:
                self._leave_to_ffmpeg(str(reason))
            except BasiraError as error:
                if error.code in _PERHAPS_OURS:
                    self._failures[url] = self._failures.get(url, 0) + 1
                    if self._failures[url] >= _PERHAPS_OURS[error.code]:
                        self._leave_to_ffmpeg(error.code)  # next time
                raise
            else:
                self._failures.pop(url, None)
                return opened
            # A server that is just letting go of a stream refuses it.
            self._stopping.wait(_BREATH_S)
        found = FFmpegSource(self._address, self._clock, with_audio=self._with_audio, patience=self._patience)
        try:
            return self._take(found).open()
        except BasiraError:
            if self._failures.pop(url, None):
                self._known_odd.discard(url)  # FFmpeg fares no better: ours had no part in it
            raise

    def packets(self) -> Iterator[Packet]:
        assert self._source is not None, "not open"
        return self._source.packets()

    @property
    def audio_sent(self) -> str | None:
        """The audio codec the camera sends, whatever becomes of it; None when it sends none or none was asked for."""
        return self._source.audio_sent if self._source is not None else None

    def interrupt(self) -> None:
        with self._lock:
            self._stopping.set()
            if self._source is not None:
                self._source.interrupt()

    def close(self) -> None:
        with self._lock:
            source, self._source = self._source, None
        if source is not None:
            source.close()

    def _leave_to_ffmpeg(self, reason: str) -> None:
        # The host alone: there are cameras that take the password in the rest of the address.
        _log.info("stream_left_to_ffmpeg", host=host_and_port(self._address.url)[0], reason=reason)
        self._known_odd.add(self._address.url)

    def _may_be_plain(self) -> bool:
        address = self._address
        return address.transport == "tcp" and address.url.startswith("rtsp:") and address.url not in self._known_odd

    def _take(self, source: PlainSource | FFmpegSource) -> PlainSource | FFmpegSource:
        """Let this one be interrupted and closed from now on."""
        with self._lock:
            if self._stopping.is_set():
                raise BasiraError("camera_stopped")
            self._source = source
        return source
