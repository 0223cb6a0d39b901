"""The control socket answers one line with one line, survives nonsense, and is the owner's alone."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from basira.recording.control import ControlServer, ask


def fail(_: dict[str, Any]) -> dict[str, Any]:
    raise RuntimeError("broken")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ControlServer]:
    made = ControlServer(tmp_path / "run" / "r.sock", {"status": lambda request: {"got": request}, "fail": fail})
    yield made
    made.close()


def test_a_question_is_answered(server: ControlServer) -> None:
    assert ask(server.path, {"op": "status", "x": 1}) == {"got": {"op": "status", "x": 1}}


@pytest.mark.parametrize("line", [b"", b"nonsense", b"[]", b'{"op": 3}', b'{"op": "unlink"}', b"\xff\xfe", b"null"])
def test_nonsense_is_answered_and_the_connection_goes_on(server: ControlServer, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(server.path))
        file = connection.makefile("rwb")
        for sent, expected in ((line, {"error": "bad_request"}), (b'{"op": "status"}', {"got": {"op": "status"}})):
            file.write(sent + b"\n")
            file.flush()
            assert json.loads(file.readline()) == expected
        file.close()


def test_an_operation_that_fails_does_not_end_the_server(server: ControlServer) -> None:
    assert ask(server.path, {"op": "fail"}) == {"error": "RuntimeError"}
    assert "got" in ask(server.path, {"op": "status"})


def test_only_the_owner_may_connect(server: ControlServer) -> None:
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o600


def test_a_socket_left_by_a_crash_is_replaced(server: ControlServer) -> None:
    again = ControlServer(server.path, {"status": lambda _: {"again": True}})
    assert ask(server.path, {"op": "status"}) == {"again": True}
    again.close()
