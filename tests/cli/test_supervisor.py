"""The supervisor keeps every role alive, whatever happens to one of them."""

from __future__ import annotations

import errno
import threading
import time
from collections import Counter
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from basira.alerting.processes import ROLES, Role
from basira.base.clock import SystemClock
from basira.cli import supervisor
from basira.cli.supervisor import Supervisor
from tests.system.node import wait_until


def test_a_machine_without_a_process_to_spare_stops_no_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[Role] = Counter()
    started: list[BaseProcess] = []

    def launch(role: Role) -> BaseProcess:
        asked[role] += 1
        if role == "web" and asked[role] <= 2:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        process = get_context("spawn").Process(target=time.sleep, args=(600,), name=role)
        process.start()
        started.append(process)
        return process

    monkeypatch.setattr(supervisor, "launch", launch)
    stop = threading.Event()
    running = threading.Thread(target=Supervisor(tmp_path, SystemClock()).run, args=(stop,))
    running.start()
    wait_until("every role was started", lambda: len(started) == len(ROLES))
    stop.set()
    running.join()
    assert asked == {**dict.fromkeys(ROLES, 1), "web": 3}, "nobody was stopped and started again"
