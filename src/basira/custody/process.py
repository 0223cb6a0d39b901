"""The custody process: takes facts into the log every few seconds, has it cosigned, and publishes it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from basira.base.clock import NS_PER_S, Clock, SystemClock
from basira.base.serving import QuietServer
from basira.base.settings import Settings
from basira.custody.home import CustodyHome
from basira.custody.ledger import Ledger
from basira.custody.node import catalogue_site, open_ledger
from basira.custody.publication import make_app

log = structlog.get_logger(__name__)

_INDEX_POLL_S: Final = 0.5


def main(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. The recorder never waits for this process, and nothing is lost while it is away."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    clock = SystemClock()
    while not settings.index_path.exists():
        if stop.wait(_INDEX_POLL_S):
            return
    site, _ = catalogue_site(settings, clock)
    with _published(CustodyHome(settings, site)), open_ledger(settings, clock) as ledger:
        run(ledger, settings, clock, stop)


def run(ledger: Ledger, settings: Settings, clock: Clock, stop: threading.Event) -> None:
    """Turn the ledger until ``stop`` is set. A source that cannot be read now is read at the next turn."""
    cosigned_ns: int | None = None
    interval_ns = round(settings.custody_witness_interval_s * NS_PER_S)
    while not stop.is_set():
        now_ns = clock.mono_ns()
        cosign = cosigned_ns is None or now_ns - cosigned_ns >= interval_ns
        try:
            ledger.turn(cosign=cosign)
            if cosign:
                cosigned_ns = now_ns
            ledger.tell()
        except (SQLAlchemyError, OSError) as error:
            log.error("custody_turn_failed", reason=str(error))
        # From beginning to beginning, so that a witness that hangs does not stretch it.
        taken_s = (clock.mono_ns() - now_ns) / NS_PER_S
        stop.wait(max(0.0, settings.custody_interval_s - taken_s))


@contextmanager
def _published(home: CustodyHome) -> Iterator[None]:
    """The log's read-only HTTP face, on a thread of its own for as long as the process lives."""
    settings = home.settings
    server = QuietServer(
        uvicorn.Config(
            make_app(home), host=settings.custody_listen_host, port=settings.custody_listen_port,
            log_config=None, access_log=False, ws="none",
        )
    )  # fmt: skip

    def serve() -> None:
        try:
            server.run()
        except SystemExit:
            # The port is taken: the log itself goes on, and people are told.
            log.error("custody_not_published", port=settings.custody_listen_port)

    thread = threading.Thread(target=serve, name="custody-publication", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
