"""Why a stream could not be opened, told so that a person can act: FFmpeg often says no more than "invalid data"."""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import closing

import av.error

from basira.base.errors import BasiraError
from basira.cameras.addresses import host_and_port

_BY_STATUS = {
    401: "camera_refused_password",
    403: "camera_refused_password",
    404: "camera_path_unknown",
    453: "camera_busy",
    454: "camera_busy",
    503: "camera_busy",
}


def diagnose(url: str, error: av.error.FFmpegError, *, timeout_s: float) -> BasiraError:
    """Turn FFmpeg's error on opening ``url`` (without credentials) into one a person can act on.

    Where FFmpeg is vague the camera is asked once more, in the plainest RTSP.
    """
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        return BasiraError("camera_refused_password")
    if isinstance(error, av.error.HTTPNotFoundError):
        return BasiraError("camera_path_unknown")
    if isinstance(error, av.error.ConnectionRefusedError):
        host, port = host_and_port(url)
        return BasiraError("camera_unreachable", host=host, port=port, reason="connection refused")
    found = _ask(url, timeout_s)
    if found is not None:
        return found
    if isinstance(error, av.error.HTTPServerError | av.error.HTTPClientError):
        return BasiraError("camera_refused_stream")
    if isinstance(error, av.error.TimeoutError | av.error.ExitError):
        return BasiraError("camera_silent", seconds=round(timeout_s))  # it answers, but not in time
    return BasiraError("camera_sends_garbage")


def sends_password_in_clear(url: str, *, timeout_s: float) -> bool:
    """Whether the camera offers no better than Basic authentication, unencrypted; False where it cannot be asked."""
    if not url.startswith("rtsp:"):
        return False
    host, port = host_and_port(url)
    try:
        with closing(_connect(url, host, port, timeout_s)) as connection:
            connection.sendall(_request("DESCRIBE", url, 1))
            answer = _read_answer(connection)
    except OSError:
        return False
    offers = re.findall(rb"^www-authenticate:\s*(\w+)", answer, re.IGNORECASE | re.MULTILINE)
    return bool(offers) and all(offer.lower() == b"basic" for offer in offers)


def _request(method: str, url: str, sequence: int) -> bytes:
    return f"{method} {url} RTSP/1.0\r\nCSeq: {sequence}\r\nUser-Agent: Basira\r\n\r\n".encode()


def _ask(url: str, timeout_s: float) -> BasiraError | None:
    """Send OPTIONS and DESCRIBE by hand; None when both answers are proper RTSP and favourable."""
    host, port = host_and_port(url)
    try:
        with closing(_connect(url, host, port, timeout_s)) as connection:
            for sequence, method in enumerate(("OPTIONS", "DESCRIBE"), 1):
                connection.sendall(_request(method, url, sequence))
                verdict = _judge(_read_answer(connection), host, port)
                if verdict is not None:
                    return verdict
    except TimeoutError:
        return BasiraError("camera_silent", seconds=round(timeout_s))
    except ConnectionResetError:
        return BasiraError("camera_closed_connection")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return BasiraError("camera_unreachable", host=host, port=port, reason=reason)
    return None


def _connect(url: str, host: str, port: int, timeout_s: float) -> socket.socket:
    try:
        connection = socket.create_connection((host, port), timeout_s)
    except TimeoutError:
        raise OSError(None, "no answer") from None
    if url.startswith("rtsps:"):
        # As FFmpeg does: cameras sign their own certificates, so the name proves nothing here.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(connection)
    return connection


def _read_answer(connection: socket.socket) -> bytes:
    """The head of one answer, at most 16 KiB of it, and its body."""
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < 16_384:
        received = connection.recv(4096)
        if not received:
            break
        answer += received
        if not b"RTSP/".startswith(answer[:5]):
            break
    return answer


def _judge(answer: bytes, host: str, port: int) -> BasiraError | None:
    if not answer.startswith(b"RTSP/"):
        if not answer:
            return BasiraError("camera_closed_connection")
        spoken = "HTTP" if answer.startswith(b"HTTP/") else "…"
        return BasiraError("camera_not_rtsp", host=host, port=port, spoken=spoken)
    words = answer.split(None, 2)
    # Three figures, or none: what answers is no friend, and int() refuses thousands of them.
    status = int(words[1]) if len(words) > 1 and len(words[1]) == 3 and words[1].isdigit() else 0
    if status == 401:
        return None  # expected without credentials; FFmpeg knows them and has had its say
    if status in _BY_STATUS:
        return BasiraError(_BY_STATUS[status])
    if status != 200:
        return BasiraError("camera_refused_stream")
    return None
