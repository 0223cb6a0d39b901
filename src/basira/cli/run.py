"""``basira run``: the whole node, supervised."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading

from basira.base.clock import SystemClock
from basira.cli.settings import load_settings, told_errors
from basira.cli.supervisor import Supervisor
from basira.cli.title import call_process


def run() -> None:
    """Run recorder, analysis and web until stopped. If this process is killed they go on, and the next run adopts
    them."""
    # The commands' imports would stay in memory for as long as the node runs: twice what the supervisor needs.
    os.execv(sys.executable, [sys.executable, "-m", __name__])


def main() -> None:
    """Be the supervisor until a signal."""
    with told_errors():
        settings = load_settings("supervisor")
        call_process("supervisor")
        stop = stopped_by_signals()
        tell_systemd("READY=1")
        Supervisor(settings.run_path, SystemClock()).run(stop)


def stopped_by_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def tell_systemd(state: str) -> None:
    """The sd_notify protocol; nothing happens where systemd does not ask for it."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)


if __name__ == "__main__":
    main()
