"""Conversations with cameras, the camera's part played word by word."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from basira.base.errors import BasiraError
from basira.cameras.rtsp_session import Answer, ConnectionLost, Interleaved, NotForUs, RtspSession, Wire

SDP = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n"
CHALLENGE = 'WWW-Authenticate: Digest realm="camera", nonce="{}"'


class Camera:
    """Answers requests as ``answer`` says: status, headers, and what follows; remembers what it was asked."""

    def __init__(self, answer: Callable[[str, int], tuple[int, list[str], bytes]]) -> None:
        self.requests: list[str] = []
        self.heard = threading.Condition()
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"rtsp://127.0.0.1:{self._listener.getsockname()[1]}/live"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def asked(self, method: str) -> list[str]:
        return [request for request in self.requests if request.startswith(method)]

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            with connection:
                while request := connection.recv(4096).decode():
                    with self.heard:
                        self.requests.append(request)
                        self.heard.notify_all()
                    connection.sendall(self._reply(request))

    def _reply(self, request: str) -> bytes:
        method, sequence = request.split()[0], request.split("CSeq: ")[1].split("\r\n")[0]
        status, headers, more = self._answer(method, len(self.asked(method)))
        body = SDP.encode() if method == "DESCRIBE" and status == 200 else b""
        head = [f"RTSP/1.0 {status} X", f"CSeq: {sequence}", f"Content-Length: {len(body)}", *headers]
        return "\r\n".join([*head, "", ""]).encode() + body + more


def plain(method: str, _: int) -> tuple[int, list[str], bytes]:
    told = {
        "OPTIONS": ["Public: DESCRIBE, SETUP, PLAY, GET_PARAMETER"],
        "SETUP": ["Transport: RTP/AVP/TCP;unicast;interleaved=4-5", "Session: 12;timeout=2"],
    }
    return 200, told.get(method, []), b""


@contextmanager
def played(
    answer: Callable[[str, int], tuple[int, list[str], bytes]] = plain, control: str = "v"
) -> Iterator[tuple[RtspSession, Camera, int]]:
    camera = Camera(answer)
    session = RtspSession(camera.url, "viewer", SecretStr("secret"), connect_s=5)
    try:
        session.connect()
        session.describe()
        yield session, camera, session.play(control)
    finally:
        session.close()
        camera.close()


def hear(session: RtspSession) -> None:
    """What the reception does, a fifth of a second of it."""
    session.tend()
    if select.select([session], [], [], 0.2)[0]:
        session.take()
        list(session.packets())


def test_a_stream_is_set_up_by_its_own_address_and_played_in_its_session() -> None:
    with played() as (_, camera, channel):
        assert channel == 4
        assert camera.asked("SETUP")[0].startswith(f"SETUP {camera.url}/v RTSP/1.0")
        assert "Session: 12\r\n" in camera.asked("PLAY")[0]
        assert not any("Authorization" in request for request in camera.requests), "nobody asked who we are"


@pytest.mark.parametrize("control", ["", "*"])
def test_a_stream_without_an_address_of_its_own_has_the_sessions(control: str) -> None:
    with played(control=control) as (_, camera, _):
        assert camera.asked("SETUP")[0].startswith(f"SETUP {camera.url} RTSP/1.0")


def test_packets_that_overtake_the_answer_to_play_are_not_lost() -> None:
    def hasty(method: str, count: int) -> tuple[int, list[str], bytes]:
        status, headers, _ = plain(method, count)
        return status, headers, b"$\x04\x00\x05first" if method == "SETUP" else b""

    with played(hasty) as (session, _, _):
        assert session.take()
        assert [*session.packets()] == [Interleaved(4, b"first")]


def test_a_password_is_told_once_asked_for_and_not_again_when_refused() -> None:
    def strict(method: str, count: int) -> tuple[int, list[str], bytes]:
        return (401, [CHALLENGE.format("n1")], b"") if method == "DESCRIBE" else plain(method, count)

    camera = Camera(strict)
    session = RtspSession(camera.url, "viewer", SecretStr("wrong"), connect_s=5)
    with closing(camera), closing(session):
        session.connect()
        with pytest.raises(BasiraError) as refused:
            session.describe()
        assert refused.value.code == "camera_refused_password"
        assert ["Authorization" in request for request in camera.asked("DESCRIBE")] == [False, True]
        assert not any("wrong" in request for request in camera.requests)


def test_a_session_is_kept_alive_and_a_nonce_that_grew_old_is_replaced() -> None:
    def forgetful(method: str, count: int) -> tuple[int, list[str], bytes]:
        if method == "GET_PARAMETER" and count == 1:
            return 401, [CHALLENGE.format("n2")], b""
        return plain(method, count)

    with played(forgetful) as (session, camera, _):
        for _ in range(50):
            hear(session)
            if len(camera.asked("GET_PARAMETER")) > 1:
                break
        first, second = camera.asked("GET_PARAMETER")[:2]
        assert "Session: 12" in first and 'nonce="n2"' in second


def test_a_camera_that_uses_each_nonce_once_is_told_the_password_each_time() -> None:
    def jealous(method: str, count: int) -> tuple[int, list[str], bytes]:
        stale = "" if method == "OPTIONS" else ", stale=TRUE"
        return (401, [CHALLENGE.format(method) + stale], b"") if count == 1 else plain(method, count)

    with played(jealous) as (_, camera, _):
        for method in ("OPTIONS", "DESCRIBE", "SETUP", "PLAY"):
            assert f'nonce="{method}"' in camera.asked(method)[1]


def test_a_camera_that_refuses_to_be_kept_alive_is_not_asked_without_end() -> None:
    def stubborn(method: str, count: int) -> tuple[int, list[str], bytes]:
        return (401, [CHALLENGE.format(count)], b"") if method == "GET_PARAMETER" else plain(method, count)

    with played(stubborn) as (session, camera, _):
        for _ in range(8):
            hear(session)
        # Twice a second at most, however slow this machine; without end it would be hundreds.
        assert 1 <= len(camera.asked("GET_PARAMETER")) < 40


@pytest.mark.parametrize("method", ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"])
def test_what_is_refused_for_an_odd_reason_is_left_to_ffmpeg(method: str) -> None:
    def odd(asked: str, count: int) -> tuple[int, list[str], bytes]:
        return (461, [], b"") if asked == method else plain(asked, count)

    with pytest.raises(NotForUs), played(odd):
        pass


def test_the_address_of_a_stream_cannot_write_a_line_of_its_own() -> None:
    camera = Camera(plain)
    session = RtspSession(camera.url, None, None, connect_s=5)
    with closing(camera), closing(session):
        session.connect()
        session.describe()
        with pytest.raises(NotForUs):
            session.play("v RTSP/1.0\r\nX-Evil: yes")


@given(st.binary(max_size=200) | st.builds(lambda tail: b"RTSP/1.0 200 OK\r\n" + tail, st.binary(max_size=100)))
def test_no_bytes_do_worse_than_end_the_connection(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        theirs.sendall(sent)
        theirs.shutdown(socket.SHUT_WR)
        wire = Wire(ours)
        with pytest.raises(ConnectionLost):
            while True:
                wire.receive()
                for item in wire.items():
                    assert isinstance(item, Interleaved | Answer)
