"""The application on a real socket, in a thread of the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from basira.base.settings import Settings
from basira.web.serve import free_port, server_config


class _Server(uvicorn.Server):
    """Leaves the signals of the test's process alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def serving(
    app: FastAPI, settings: Settings, *, certificate: Path | None = None, key: Path | None = None
) -> Iterator[str]:
    """Answer on a free port; gives ``host:port``."""
    told = {"listen_port": free_port("127.0.0.1", 0), "tls_certificate": certificate, "tls_key": key}
    server = _Server(server_config(app, settings.model_copy(update=told)))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline, "the server did not start"
            time.sleep(0.02)
        yield f"127.0.0.1:{told['listen_port']}"
    finally:
        server.should_exit = True
        thread.join(60)
