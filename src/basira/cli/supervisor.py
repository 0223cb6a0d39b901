"""Recorder, custody, analysis, scrubber and web, each a process of its own, kept alive; none ends because another does.

Processes are found by the locks they hold (:mod:`basira.alerting.processes`), so a supervisor that takes the place of
a killed one adopts what still runs.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

import structlog

from basira.alerting.processes import ProcessReport, ProcessState, Role, holder, holding, write_reports
from basira.base.clock import NS_PER_S, Clock
from basira.cli.launch import launch

log = structlog.get_logger(__name__)

# The recorder first, for nothing matters more; and last when all is to stop.
START_ORDER: Final[tuple[Role, ...]] = ("recorder", "custody", "web", "analysis", "scrubber")
STOP_ORDER: Final[tuple[Role, ...]] = ("web", "scrubber", "analysis", "recorder", "custody")
_GRACE_S: Final[dict[Role, float]] = {
    "recorder": 20.0,
    "custody": 20.0,
    "analysis": 10.0,
    "scrubber": 10.0,
    "web": 10.0,
}

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
_GOOD_RUN_NS: Final = 60 * NS_PER_S
_TURN_MS: Final = 200


def pause_s(failures: int) -> float:
    """How long to wait before starting again: nothing after a first failure, then doubling, bounded."""
    return 0.0 if failures <= 1 else min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(failures - 2, 16))


@dataclass(slots=True)
class _Process:
    """One role. ``pidfd`` names the running process beyond doubt, ours or adopted; None while there is none."""

    role: Role
    pid: int = 0
    pidfd: int | None = None
    child: BaseProcess | None = None
    started_mono_ns: int = 0
    since_utc_ns: int = 0
    start_at_mono_ns: int = 0
    failures: int = 0
    restarts: int = 0

    def report(self) -> ProcessReport:
        state: ProcessState = "running" if self.pidfd is not None else "starting"
        return ProcessReport(self.role, state, self.since_utc_ns or None, self.restarts)


class Supervisor:
    """Runs in the calling thread. One per node: it holds the lock ``supervisor``."""

    def __init__(self, run_dir: Path, clock: Clock) -> None:
        self._run_dir = run_dir
        self._clock = clock
        self._processes = {role: _Process(role) for role in START_ORDER}

    def run(self, stop: threading.Event) -> None:
        """Keep every role alive until ``stop`` is set, then stop them in order. Raises ``process_already_running``.

        If this process is killed instead, they go on.
        """
        with holding(self._run_dir, "supervisor"):
            poll = select.poll()
            try:
                while not stop.is_set():
                    for process in self._processes.values():
                        if process.pidfd is None and self._clock.mono_ns() >= process.start_at_mono_ns:
                            self._bring_up(process)
                            if process.pidfd is not None:
                                poll.register(process.pidfd, select.POLLIN)
                    for fd, _ in poll.poll(_TURN_MS):
                        poll.unregister(fd)
                        self._ended(next(one for one in self._processes.values() if one.pidfd == fd))
            finally:
                self._stop_all()

    def _bring_up(self, process: _Process) -> None:
        pid = holder(self._run_dir, process.role)
        adopted = pid is not None and self._adopt(process, pid)
        if not adopted:
            try:
                self._start(process)
            except OSError as error:
                log.error("process_not_started", role=process.role, reason=error.strerror)
                self._put_off(process)
                return
        process.started_mono_ns = self._clock.mono_ns()
        process.since_utc_ns = self._clock.utc_ns()
        log.info("process_adopted" if adopted else "process_started", role=process.role, pid=process.pid)
        self._report()

    def _adopt(self, process: _Process, pid: int) -> bool:
        try:
            process.pidfd = os.pidfd_open(pid)
        except ProcessLookupError:
            return False
        process.pid, process.child = pid, None
        return True

    def _start(self, process: _Process) -> None:
        process.child = launch(process.role)
        assert process.child.pid is not None
        process.pid = process.child.pid
        process.pidfd = os.pidfd_open(process.pid)

    def _ended(self, process: _Process) -> None:
        now_ns = self._clock.mono_ns()
        code = _let_go(process)
        os.close(_fd(process))
        process.pidfd = None
        if now_ns - process.started_mono_ns > _GOOD_RUN_NS:
            process.failures = 0
        process.restarts += 1
        wait_s = self._put_off(process)
        process.since_utc_ns = self._clock.utc_ns()
        log.error("process_ended", role=process.role, pid=process.pid, code=code, restart_in_s=wait_s)
        self._report()

    def _put_off(self, process: _Process) -> float:
        """Count a failure; when to try again, in seconds."""
        process.failures += 1
        wait_s = pause_s(process.failures)
        process.start_at_mono_ns = self._clock.mono_ns() + round(wait_s * NS_PER_S)
        return wait_s

    def _stop_all(self) -> None:
        for role in STOP_ORDER:
            process = self._processes[role]
            if process.pidfd is None:
                continue
            for number, grace_s in ((signal.SIGTERM, _GRACE_S[role]), (signal.SIGKILL, 5.0)):
                signal.pidfd_send_signal(process.pidfd, number)
                if _wait(process.pidfd, grace_s):
                    break
                log.error("process_did_not_stop", role=role, pid=process.pid, waited_s=grace_s)
            _let_go(process)
            os.close(process.pidfd)
            process.pidfd = None
            log.info("process_stopped", role=role, pid=process.pid)
        (self._run_dir / "processes.json").unlink(missing_ok=True)

    def _report(self) -> None:
        try:
            write_reports(self._run_dir, [process.report() for process in self._processes.values()])
        except OSError as error:
            # A full disk must not end the one who keeps the recorder alive.
            log.error("report_not_written", reason=error.strerror)


def _fd(process: _Process) -> int:
    assert process.pidfd is not None
    return process.pidfd


def _let_go(process: _Process) -> int | None:
    """The status it ended with (negative: by that signal); None of one that was adopted."""
    child, process.child = process.child, None
    if child is None:
        return None
    child.join()
    code = child.exitcode
    child.close()
    return code


def _wait(pidfd: int, timeout_s: float) -> bool:
    """Whether the process ended in that time."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(round(timeout_s * 1000)))
