"""The application on a socket."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from basira.base.clock import SystemClock
from basira.base.serving import QuietServer
from basira.base.settings import Settings
from basira.catalogue.store import open_catalogue
from basira.web.app import create_app


def serve(settings: Settings) -> None:
    """Answer until SIGTERM or SIGINT; open sockets get five seconds to end.

    Raises BasiraError for a catalogue that cannot be used.
    """
    clock = SystemClock()
    # Were it found out only while the application starts, the server would log a traceback of many pages instead.
    open_catalogue(settings.catalogue_path, clock).close()
    QuietServer(server_config(create_app(settings, clock), settings)).run()


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How the application is served: one process, nothing believed that a stranger may have written."""
    return uvicorn.Config(
        app,
        host=settings.listen_host,
        port=settings.listen_port,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=5,
    )


def free_port(host: str, wanted: int) -> int:
    """``wanted`` if it can be listened on, else a port that can."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except OSError:
            probe.bind((host, 0))
        return int(probe.getsockname()[1])
