"""One conversation with a camera in RTSP 1.0 (RFC 2326) over TCP, its packets interleaved (§10.12).

Here because FFmpeg's client, which does all of this and more, makes six system calls for each packet of 1,400 bytes
and asks Python before each whether to go on: half of what recording cost. This one reads what is there.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple

from pydantic import SecretStr

from basira.base.errors import BasiraError
from basira.cameras.addresses import host_and_port
from basira.cameras.rtsp_login import Login, LoginUnknown
from basira.cameras.sdp import Description, read_description

_AT_ONCE: Final = 64 * 1024  # more would be taken from the system, and given back, each time
_SLEEP_THROUGH: Final = 32 * 1024
_LONGEST_HEAD: Final = 16 * 1024
_LONGEST_BODY: Final = 256 * 1024
_MOST_BEFORE_PLAY: Final = 4096
_TIMEOUT_S: Final = 60
_REFUSED: Final = {401: "camera_refused_password", 403: "camera_refused_password", 404: "camera_path_unknown"}
_STALE: Final = re.compile(r'\bstale="?true', re.IGNORECASE)
_FRAME: Final = struct.Struct(">BBH").pack
_LINE: Final = re.compile(rb"(?:RTSP/1\.\d (\d{3})|[A-Z_]+ )")


class NotForUs(Exception):
    """The camera asks for something that is not spoken here; FFmpeg's client may know it."""


class ConnectionLost(Exception):
    """It is closed, or what comes is no RTSP any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` is 0 for what is no answer but a request of the camera's. Names of headers are in small letters."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


class Interleaved(NamedTuple):
    """A packet of a channel."""

    channel: int
    data: bytes


class Wire:
    """What a connection brings, cut into answers and packets. For one thread."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._data = b""
        self._at = 0

    def receive(self) -> None:
        """Take what has come. Raises TimeoutError when that is nothing, ConnectionLost."""
        try:
            received = self._connection.recv(_AT_ONCE)
        except (TimeoutError, BlockingIOError):
            raise TimeoutError from None  # the one while it waits for an answer, the other afterwards
        except OSError as error:
            raise ConnectionLost from error
        if not received:
            raise ConnectionLost
        self._data, self._at = self._data[self._at :] + received, 0

    def items(self) -> Iterator[Interleaved | Answer]:
        """What has come whole. Raises ConnectionLost when it makes no sense."""
        while (item := self._next()) is not None:
            yield item

    def next_like(self, item: Interleaved, head: bytes) -> bytes | None:
        """The rest of the next packet, if it is of ``item``'s channel and length, and begins with ``head``."""
        data, at, length = self._data, self._at, len(item.data)
        end = at + 4 + length
        if len(data) < end or not data.startswith(_FRAME(0x24, item.channel, length) + head, at):
            return None
        self._at = end
        return data[at + 4 + len(head) : end]

    def _next(self) -> Interleaved | Answer | None:
        data, at = self._data, self._at
        if len(data) < at + 4:
            return None
        if data[at] != 0x24:
            return self._message()
        end = at + 4 + (data[at + 2] << 8 | data[at + 3])
        if len(data) < end:
            return None
        self._at = end
        return Interleaved(data[at + 1], data[at + 4 : end])

    def _message(self) -> Answer | None:
        data, at = self._data, self._at
        if not data[at : at + 1].isupper():
            raise ConnectionLost
        head_end = data.find(b"\r\n\r\n", at)
        if head_end < 0:
            if len(data) - at > _LONGEST_HEAD:
                raise ConnectionLost
            return None
        line, *lines = data[at:head_end].split(b"\r\n")
        spoken = _LINE.match(line)
        if spoken is None:
            raise ConnectionLost
        pairs = (one.decode("latin-1").partition(":") for one in lines)
        headers = [(name.strip().lower(), value.strip()) for name, _, value in pairs]
        answer = Answer(int(spoken[1] or 0), headers, b"")
        told = answer.header("content-length")
        length = int(told[:9]) if told.isdecimal() else 0
        if length > _LONGEST_BODY:
            raise ConnectionLost
        end = head_end + 4 + length
        if len(data) < end:
            return None
        self._at = end
        return Answer(answer.status, headers, data[head_end + 4 : end])


class RtspSession:
    """``connect``, ``describe``, ``play``, then ``take`` whenever there is something to read (``fileno``), ``packets``
    after it, and ``tend`` now and then; these do not wait. ``interrupt`` from any thread.
    """

    def __init__(self, url: str, username: str | None, password: SecretStr | None, *, connect_s: float) -> None:
        self._url = url
        self._username = username
        self._password = password or SecretStr("")
        self._connect_s = connect_s
        self._connection: socket.socket | None = None
        self._login: Login | None = None
        self._sequence = 0
        self._base = url
        self._session = ""
        self._public = ""
        self._early: deque[Interleaved] = deque()
        self._may_log_in = False
        self._alive_mono_s = 0.0
        self._alive_every_s = _TIMEOUT_S / 2
        self.interrupted = False

    def connect(self) -> None:
        """Raises BasiraError ``camera_unreachable``, NotForUs when it was interrupted."""
        host, port = host_and_port(self._url)
        failure: OSError | None = None
        try:
            places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            places, failure = [], error
        for family, kind, protocol, _, address in places:
            connection = socket.socket(family, kind, protocol)
            connection.settimeout(self._connect_s)
            self._connection = connection
            if self.interrupted:
                break
            try:
                connection.connect(address)
            except OSError as error:
                connection.close()
                failure = error
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._wire = Wire(connection)
            return
        if self.interrupted:
            raise NotForUs
        reason = "no answer" if isinstance(failure, TimeoutError) else getattr(failure, "strerror", None)
        raise BasiraError("camera_unreachable", host=host, port=port, reason=reason or "no address")

    def describe(self) -> Description:
        """What the camera has. Raises BasiraError where it says no, NotForUs where it says anything odd."""
        self._public = self._ask("OPTIONS", self._url).header("public").upper()
        answer = self._ask("DESCRIBE", self._url, Accept="application/sdp")
        self._base = answer.header("content-base") or answer.header("content-location") or self._url
        description = read_description(answer.body)
        if "://" in description.control:
            self._base = description.control
        if not _is_one_word(self._base):
            raise NotForUs
        return description

    def play(self, control: str) -> int:
        """Have the stream of that control address sent; returns the channel of its packets, reports on the next."""
        if "://" in control:
            address = control
        else:
            address = self._base if control in ("", "*") else f"{self._base.rstrip('/')}/{control}"
        if not _is_one_word(address):
            raise NotForUs
        answer = self._ask("SETUP", address, Transport="RTP/AVP/TCP;unicast;interleaved=0-1")
        channels = re.search(r"interleaved=(\d{1,3})", answer.header("transport"))
        if channels is None:
            raise NotForUs
        self._session, _, rest = answer.header("session").partition(";")
        if timeout := re.search(r"timeout=(\d{1,5})", rest):
            self._alive_every_s = max(1.0, int(timeout[1]) / 2)
        self._ask("PLAY", self._base, Range="npt=0.000-")
        assert self._connection is not None
        self._connection.settimeout(0)
        self._alive_mono_s = time.monotonic()
        return int(channels[1])

    def fileno(self) -> int:
        assert self._connection is not None
        return self._connection.fileno()

    def take(self) -> bool:
        """Take what has come; whether anything has. Raises ConnectionLost."""
        try:
            self._wire.receive()
        except TimeoutError:
            return bool(self._early)
        return True

    def tend(self) -> None:
        """Let the camera hear of us, when it is time to. Raises ConnectionLost."""
        if time.monotonic() - self._alive_mono_s > self._alive_every_s:
            self._keep_alive()

    def wake_at(self, size: int) -> None:
        """Sleep through less than so many bytes. A picture is many packets, and waking costs more than reading them."""
        assert self._connection is not None
        with suppress(OSError):  # it is closed, as reading will tell
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, max(1, min(size, _SLEEP_THROUGH)))

    def packets(self) -> Iterator[Interleaved]:
        """What has come whole. Raises ConnectionLost."""
        while self._early:
            yield self._early.popleft()
        for item in self._wire.items():
            if isinstance(item, Interleaved):
                yield item
            elif item.status == 401 and self._may_log_in:
                self._may_log_in = False  # not again before the next time: it may be refused for ever
                with suppress(NotForUs):  # it goes on sending, or will say that it does not
                    self._challenge(item)
                    self._send_keep_alive()

    def packet_like(self, item: Interleaved, head: bytes) -> bytes | None:
        """While :meth:`packets` is gone through: what follows ``head`` in the next packet, if that begins so and is of
        ``item``'s channel and length.
        """
        return None if self._early else self._wire.next_like(item, head)

    def interrupt(self) -> None:
        self.interrupted = True
        if (connection := self._connection) is not None:
            with suppress(OSError):  # it was never connected, or is closed already
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._session and not self.interrupted:
            with suppress(OSError):  # the camera may be gone
                connection.settimeout(1.0)
                connection.sendall(self._request("TEARDOWN", self._base, {}))
        connection.close()

    def _keep_alive(self) -> None:
        """A camera ends a session of which it hears nothing. What it answers is passed over, but for a challenge."""
        self._alive_mono_s = time.monotonic()
        self._may_log_in = bool(self._username)
        self._send_keep_alive()

    def _send_keep_alive(self) -> None:
        method = "GET_PARAMETER" if "GET_PARAMETER" in self._public else "OPTIONS"
        assert self._connection is not None
        try:
            self._connection.sendall(self._request(method, self._base, {}))
        except OSError as error:
            raise ConnectionLost from error

    def _ask(self, method: str, url: str, **headers: str) -> Answer:
        """One request and its answer; again with who asks, when the camera wants to know."""
        answer = self._exchange(method, url, headers)
        if answer.status == 401 and self._username and (self._login is None or _is_stale(answer)):
            self._challenge(answer)
            answer = self._exchange(method, url, headers)
        if answer.status in _REFUSED:
            raise BasiraError(_REFUSED[answer.status])
        if answer.status != 200:
            raise NotForUs
        return answer

    def _challenge(self, answer: Answer) -> None:
        challenges = [value for name, value in answer.headers if name == "www-authenticate"]
        try:
            self._login = Login(challenges, self._username or "", self._password)
        except LoginUnknown:
            raise NotForUs from None

    def _exchange(self, method: str, url: str, headers: dict[str, str]) -> Answer:
        assert self._connection is not None
        deadline_s = time.monotonic() + self._connect_s
        try:
            self._connection.sendall(self._request(method, url, headers))
            while True:
                for item in self._wire.items():
                    if isinstance(item, Interleaved):
                        self._early.append(item)
                    elif item.status and item.header("cseq") in ("", str(self._sequence)):
                        return item
                if time.monotonic() > deadline_s or len(self._early) > _MOST_BEFORE_PLAY:
                    raise NotForUs
                self._wire.receive()
        except TimeoutError:
            raise BasiraError("camera_silent", seconds=round(self._connect_s)) from None
        except (OSError, ConnectionLost):
            raise NotForUs from None

    def _request(self, method: str, url: str, headers: dict[str, str]) -> bytes:
        self._sequence += 1
        lines = {"CSeq": str(self._sequence), "User-Agent": "Basira", **headers}
        if self._login is not None:
            lines["Authorization"] = self._login.header(method, url)
        if self._session:
            lines["Session"] = self._session.strip()
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"{method} {url} RTSP/1.0\r\n{head}\r\n".encode()


def _is_one_word(address: str) -> bool:
    """Whether an address can stand in a request's line: a space or a line break would begin something else."""
    return address.isprintable() and " " not in address


def _is_stale(answer: Answer) -> bool:
    """Whether only the nonce was too old, as it is each time at cameras that use each once."""
    return any(name == "www-authenticate" and _STALE.search(value) for name, value in answer.headers)
