"""A camera that sends over RTSP exactly the bytes a test wants: what no real server could be talked into."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import av
from av.bitstream import BitStreamFilterContext

H264 = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:v\r\n"
_MAX_PAYLOAD = 1200


class Unit(NamedTuple):
    """An access unit in Annex B and its presentation time, 1/90000 s."""

    data: bytes
    pts: int


def units_of(clip: Path) -> list[Unit]:
    """The access units of an H.264 MP4, in the order they are sent."""
    with av.open(str(clip)) as container:
        video = container.streams.video[0]
        assert video.time_base is not None
        to_annex_b = BitStreamFilterContext("h264_mp4toannexb", video)
        units = []
        for packet in container.demux(video):
            if packet.size == 0:
                continue
            for converted in to_annex_b.filter(packet):
                assert converted.pts is not None
                units.append(Unit(bytes(converted), round(converted.pts * video.time_base * 90_000)))
        return units


def nals(annex_b: bytes) -> list[bytes]:
    return [part.rstrip(b"\x00") for part in annex_b.split(b"\x00\x00\x01") if part.rstrip(b"\x00")]


class Interleaver:
    """RTP packets inside the RTSP connection (RFC 2326 §10.12, RFC 6184 FU-A), as one byte string a unit."""

    def __init__(self, *, first_timestamp: int = 0, channel: int = 0, payload_type: int = 96) -> None:
        self._first_timestamp = first_timestamp
        self._channel = channel
        self._payload_type = payload_type
        self._sequence = 0

    def video(self, unit: Unit) -> bytes:
        payloads = [payload for nal in nals(unit.data) for payload in _fragments(nal)]
        last = len(payloads) - 1
        return b"".join(self.packet(payload, unit.pts, marker=n == last) for n, payload in enumerate(payloads))

    def packet(self, payload: bytes, timestamp: int, *, marker: bool = True) -> bytes:
        header = struct.pack(
            ">BBHII", 0x80, self._payload_type | marker << 7, self._sequence & 0xFFFF,
            (self._first_timestamp + timestamp) & 0xFFFFFFFF, 7,
        )  # fmt: skip
        self._sequence += 1
        body = header + payload
        return struct.pack(">cBH", b"$", self._channel, len(body)) + body


def _fragments(nal: bytes) -> Iterator[bytes]:
    if len(nal) <= _MAX_PAYLOAD:
        yield nal
        return
    indicator, kind, rest = nal[0] & 0x60 | 28, nal[0] & 0x1F, nal[1:]
    for at in range(0, len(rest), _MAX_PAYLOAD):
        piece = rest[at : at + _MAX_PAYLOAD]
        flags = (0x80 if at == 0 else 0) | (0x40 if at + _MAX_PAYLOAD >= len(rest) else 0)
        yield bytes((indicator, flags | kind)) + piece


@contextmanager
def scripted_camera(media: str, sends: Iterable[bytes], *, pause_s: float = 0.002) -> Iterator[str]:
    """The address of a camera that describes itself as ``media``, sends ``sends`` after PLAY, and hangs up.

    It serves one client after another, until one has stayed to the end.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    description = f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n{media}"

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                if not _converse(connection, description):
                    continue
                for sent in sends:
                    connection.sendall(sent)
                    time.sleep(pause_s)
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"rtsp://127.0.0.1:{listener.getsockname()[1]}/live"
    finally:
        with suppress(OSError):  # wakes who waits for another connection
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def _converse(connection: socket.socket, description: str) -> bool:
    """Answer requests up to PLAY; whether it came to that."""
    channels = 0
    while request := connection.recv(4096).decode():
        headers = [line for line in request.split("\r\n") if line.lower().startswith("cseq")]
        body = ""
        if request.startswith("DESCRIBE"):
            body = description
            headers += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        elif request.startswith("SETUP"):
            headers += [f"Transport: RTP/AVP/TCP;unicast;interleaved={channels}-{channels + 1}", "Session: 1"]
            channels += 2
        connection.sendall("\r\n".join(["RTSP/1.0 200 OK", *headers, "", body]).encode())
        if request.startswith("PLAY"):
            return True
    return False
