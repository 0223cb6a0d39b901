"""Peers that are no proper camera: each gets a message that says what to do."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from basira.base.clock import SystemClock
from basira.base.errors import BasiraError
from basira.base.messages import MESSAGES
from basira.cameras.diagnosis import sends_password_in_clear
from basira.cameras.rtsp import Patience, RtspAddress, RtspSource

Behaviour = Callable[[socket.socket], None]


@contextmanager
def peer(behave: Behaviour) -> Iterator[str]:
    """The address of a server that treats each connection so."""
    listener = socket.create_server(("127.0.0.1", 0))
    accepted: list[socket.socket] = []

    def converse(connection: socket.socket) -> None:
        with connection:
            try:
                behave(connection)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            accepted.append(connection)
            threading.Thread(target=converse, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"rtsp://127.0.0.1:{listener.getsockname()[1]}/live"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in accepted:
            connection.close()


def http_server(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nbad")


def garbage(connection: socket.socket) -> None:
    connection.recv(4096)
    noise = random.Random(7)
    for _ in range(50):
        connection.sendall(noise.randbytes(1000))


def hang_up(connection: socket.socket) -> None:
    connection.close()


def say_nothing(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def rtsp(status: int, sdp: str = "", *, offers: tuple[str, ...] = ()) -> Behaviour:
    """An RTSP server that answers DESCRIBE with that status and description, and sends nothing after PLAY."""

    def behave(connection: socket.socket) -> None:
        while request := connection.recv(4096).decode():
            sequence = next(line for line in request.split("\r\n") if line.startswith("CSeq"))
            headers = [sequence]
            body = ""
            answer = 200
            if request.startswith("DESCRIBE"):
                answer, body = status, sdp
                headers += ["Content-Type: application/sdp", f"Content-Length: {len(sdp)}"]
                headers += [f'WWW-Authenticate: {offer} realm="camera"' for offer in offers]
            if request.startswith("SETUP"):
                headers += ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 1"]
            head = "\r\n".join([f"RTSP/1.0 {answer} X", *headers])
            connection.sendall(f"{head}\r\n\r\n{body}".encode())

    return behave


def described(media: str) -> str:
    return f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n{media}\r\n"


AUDIO_ONLY = described("m=audio 0 RTP/AVP 8\r\na=control:a")
MJPEG = described("m=video 0 RTP/AVP 26\r\na=control:v")
H264 = described("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v")


@pytest.mark.parametrize(
    ("behave", "code"),
    [
        (http_server, "camera_not_rtsp"),
        (garbage, "camera_not_rtsp"),
        (hang_up, "camera_closed_connection"),
        (say_nothing, "camera_silent"),
        (rtsp(401), "camera_refused_password"),
        (rtsp(403), "camera_refused_password"),
        (rtsp(404), "camera_path_unknown"),
        (rtsp(453), "camera_busy"),
        (rtsp(503), "camera_busy"),
        (rtsp(500), "camera_refused_stream"),
        (rtsp(200, "no description at all"), "camera_no_video"),
        (rtsp(200, AUDIO_ONLY), "camera_no_video"),
        (rtsp(200, MJPEG), "camera_codec_unsupported"),
        (rtsp(200, H264), "camera_silent"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_bad_peer_has_its_own_message(behave: Behaviour, code: str) -> None:
    with peer(behave) as url:
        source = RtspSource(RtspAddress(url), SystemClock(), patience=Patience(connect_s=1.5, silence_s=1.5))
        with pytest.raises(BasiraError) as told:
            source.open()
        source.close()
    assert told.value.code == code
    assert told.value.message("ar") and told.value.message("en")


@pytest.mark.parametrize("url", ["rtsp://127.0.0.1:1/a", "rtsp://no-such-host.invalid/a"])
def test_an_address_where_nothing_answers_is_unreachable(url: str) -> None:
    with pytest.raises(BasiraError) as told:
        RtspSource(RtspAddress(url), SystemClock(), patience=Patience(connect_s=1.5)).open()
    assert told.value.code == "camera_unreachable"


@pytest.mark.parametrize(
    ("offers", "in_clear"), [(("Basic",), True), (("Digest", "Basic"), False), (("Digest",), False), ((), False)]
)
def test_a_camera_that_knows_only_basic_authentication_is_found_out(offers: tuple[str, ...], in_clear: bool) -> None:
    with peer(rtsp(401 if offers else 200, offers=offers)) as url:
        assert sends_password_in_clear(url, timeout_s=2) is in_clear


def test_a_camera_that_cannot_be_asked_is_not_accused() -> None:
    assert not sends_password_in_clear("rtsp://127.0.0.1:1/a", timeout_s=1)


def test_opening_can_be_interrupted_from_another_thread() -> None:
    with peer(say_nothing) as url:
        source = RtspSource(RtspAddress(url), SystemClock(), patience=Patience(connect_s=60))
        timer = threading.Timer(0.3, source.interrupt)
        timer.start()
        with pytest.raises(BasiraError) as told:
            source.open()
        timer.join()
    assert told.value.code == "camera_stopped"


def test_every_message_of_this_room_is_in_both_languages() -> None:
    for code, sentences in MESSAGES.items():
        if code.startswith(("camera_", "audio_", "advice_")):
            assert set(sentences) == {"ar", "en"}, code
