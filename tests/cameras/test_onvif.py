"""Against ipycam, an ONVIF camera that nobody here wrote, and against peers that are none."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import pytest
from pydantic import SecretStr

from basira.base.clock import SystemClock
from basira.base.errors import BasiraError
from basira.cameras.onvif import OnvifDevice, OnvifProfile, onvif_host_and_port, read_device
from basira.cameras.rtsp import RtspAddress, RtspSource
from tests.cameras.decoding import numbers
from tests.onvif_camera import OnvifCamera, onvif_camera


@pytest.fixture(scope="module")
def camera() -> Iterator[OnvifCamera]:
    with onvif_camera() as running:
        yield running


def read(address: str, username: str | None = None, password: str | None = None, timeout_s: float = 15) -> OnvifDevice:
    secret = SecretStr(password) if password is not None else None
    return asyncio.run(read_device(address, username, secret, timeout_s=timeout_s))


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """The address of a server that gives every request this answer; none when it is empty."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                if not answer:
                    stopped.wait()
                connection.sendall(answer)

    stopped = threading.Event()
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    stopped.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def http(status: str, body: str, kind: str = "text/html") -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    ).encode()


def test_a_camera_is_read_by_its_address_and_recorded_by_what_it_says(camera: OnvifCamera) -> None:
    device = read(camera.address, camera.username, camera.password)
    assert (device.manufacturer, device.model) == ("PythonCam", "VirtualCam-1")
    assert abs(device.clock_ahead_s) < 3
    main, sub = device.main_and_sub()
    assert (main.width, main.height, sub.width, sub.height) == (640, 360, 320, 180)
    source = RtspSource(RtspAddress(main.url), SystemClock())
    stream = source.open()
    packets = list(islice(source.packets(), 25))
    source.close()
    assert (stream.video.width, stream.video.height) == (640, 360)
    seen = numbers(stream.video, packets)
    assert len(seen) == 25 and seen == sorted(seen)


@pytest.mark.parametrize(("username", "password"), [("admin", "wrong"), (None, None)])
def test_a_wrong_password_is_named(camera: OnvifCamera, username: str | None, password: str | None) -> None:
    with pytest.raises(BasiraError) as refused:
        read(camera.address, username, password)
    assert refused.value.code == "onvif_refused_password"
    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (http("200 OK", "<html>a web page</html>"), "onvif_not_spoken"),
        (http("404 Not Found", "no"), "onvif_not_spoken"),
        (http("200 OK", "<broken", "application/soap+xml"), "onvif_not_spoken"),
        (http("401 Unauthorized", "no"), "onvif_refused_password"),
        (b"\x00\x01garbage\r\n\r\n", "onvif_not_spoken"),
        (b"", "onvif_silent"),
    ],
    ids=["web page", "not found", "broken XML", "unauthorized", "garbage", "silence"],
)
def test_what_is_no_onvif_camera_is_named(answer: bytes, code: str) -> None:
    with answering(answer) as address, pytest.raises(BasiraError) as told:
        read(address, "admin", "secret", timeout_s=2)
    assert told.value.code == code


def test_entities_in_an_answer_are_not_expanded() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
    with answering(http("200 OK", bomb, "application/soap+xml")) as address, pytest.raises(BasiraError) as told:
        read(address, "admin", "secret", timeout_s=3)
    assert told.value.code in ("onvif_not_spoken", "onvif_not_understood")


def test_where_nothing_listens_is_unreachable() -> None:
    with pytest.raises(BasiraError) as told:
        read("127.0.0.1:1")
    assert told.value.code == "camera_unreachable"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("192.0.2.7", ("192.0.2.7", 80)),
        ("192.0.2.7:8080", ("192.0.2.7", 8080)),
        ("http://192.0.2.7:8080/onvif/device_service", ("192.0.2.7", 8080)),
        ("https://camera.example", ("camera.example", 443)),
        ("[2001:db8::7]:81", ("2001:db8::7", 81)),
    ],
)
def test_an_address_may_be_typed_in_any_of_these_ways(typed: str, expected: tuple[str, int]) -> None:
    assert onvif_host_and_port(typed) == expected


@pytest.mark.parametrize("typed", ["", "http://", "rtsp://192.0.2.7/", "192.0.2.7:99999"])
def test_what_is_no_onvif_address_is_refused(typed: str) -> None:
    with pytest.raises(BasiraError) as refused:
        onvif_host_and_port(typed)
    assert refused.value.code == "onvif_address_invalid"


def test_a_camera_with_one_profile_has_no_sub_stream() -> None:
    only = OnvifProfile("p", "rtsp://192.0.2.7/p", 640, 360)
    assert OnvifDevice("m", "n", "f", 0.0, (only,)).main_and_sub() == [only]
