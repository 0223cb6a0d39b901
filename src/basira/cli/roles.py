"""The three processes of a node, each in its own interpreter."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Final

import structlog
import uvicorn

from basira.alerting.processes import Role, holding
from basira.base.clock import SystemClock
from basira.base.settings import Settings
from basira.cli.logs import configure

log = structlog.get_logger(__name__)

# If memory runs out the kernel ends the analysis first and the recorder last.
_OOM_SCORE: Final[dict[Role, int]] = {"recorder": 0, "web": 200, "analysis": 500}


def run_role(role: Role, settings: Settings) -> None:
    """Be that process until SIGTERM. Raises BasiraError ``process_already_running``."""
    configure(settings.log_level, role)
    _offer_to_oom_killer(_OOM_SCORE[role])
    with holding(settings.run_path, role):
        {"recorder": _recorder, "analysis": _analysis, "web": _web}[role](settings)


def _recorder(settings: Settings) -> None:
    from basira.recording.recorder import main

    main(settings)


def _analysis(settings: Settings) -> None:
    from basira.analysis.runner import main

    main(settings)


def _web(settings: Settings) -> None:
    from basira.web.app import create_app

    server = uvicorn.Server(server_config(create_app(settings, SystemClock()), settings))
    server.run()


def server_config(app: object, settings: Settings) -> uvicorn.Config:
    """How the application is served: one process, nothing believed that a stranger may have written."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
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


def _offer_to_oom_killer(score: int) -> None:
    try:
        Path("/proc/self/oom_score_adj").write_text(str(score))
    except OSError as error:
        log.debug("oom_score_kept", reason=error.strerror)


def free_port(host: str, wanted: int) -> int:
    """``wanted`` if it can be listened on, else a port that can."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except OSError:
            probe.bind((host, 0))
        return int(probe.getsockname()[1])
