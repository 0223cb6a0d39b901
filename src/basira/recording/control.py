"""The recorder's Unix socket: one JSON request a line, one JSON answer a line. Only the owner may connect."""

from __future__ import annotations

import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog

log = structlog.get_logger(__name__)

SOCKET_NAME: Final = "recorder.sock"
_LONGEST_REQUEST: Final = 65_536

Operation = Callable[[dict[str, Any]], dict[str, Any]]


class ControlServer:
    """Answers ``{"op": name, …}`` with what the operation of that name returns, each connection in its own thread."""

    def __init__(self, path: Path, operations: dict[str, Operation]) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            path.unlink()  # left by a crash; the recorder's lock says nobody else uses it
        self._server = _Server(str(path), _handler(operations))
        path.chmod(0o600)
        self._thread = threading.Thread(target=self._server.serve_forever, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        with suppress(FileNotFoundError):
            self.path.unlink()


def ask(path: Path, request: dict[str, Any], timeout_s: float = 5.0) -> dict[str, Any]:
    """Ask a running recorder. Raises OSError when none answers, ValueError when the answer is none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        connection.connect(os.fspath(path))
        connection.sendall(json.dumps(request).encode() + b"\n")
        with connection.makefile("rb") as answers:
            answer = json.loads(answers.readline())
    if not isinstance(answer, dict):
        raise ValueError("the recorder's answer is no object")
    return answer


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False


def _handler(operations: dict[str, Operation]) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):
                while line := self.rfile.readline(_LONGEST_REQUEST):
                    self.wfile.write(json.dumps(_answer(operations, line)).encode() + b"\n")

    return Handler


def _answer(operations: dict[str, Operation], line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line)
        operation = operations[request["op"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"error": "bad_request"}
    try:
        return operation(request)
    except Exception as error:
        log.exception("control_failed", op=request["op"])
        return {"error": type(error).__name__}
