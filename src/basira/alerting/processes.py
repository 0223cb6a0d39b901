"""Which processes of this node live: each holds a lock on its own file, which the kernel lets go when it dies.

POSIX record locks, because the kernel then says who holds one, to anybody, without taking it.
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from basira.base.errors import BasiraError

Role = Literal["recorder", "custody", "analysis", "scrubber", "web"]
ROLES: Final[tuple[Role, ...]] = ("recorder", "custody", "analysis", "scrubber", "web")
ProcessState = Literal["running", "starting", "stopped", "unknown"]

_STATE_FILE: Final = "processes.json"
# struct flock of Linux on 64 bits: type, whence, start, length, pid.
_FLOCK: Final = struct.Struct("hhqqi4x")


def _pid_file(run_dir: Path, name: str) -> Path:
    return run_dir / f"{name}.pid"


@contextmanager
def holding(run_dir: Path, name: str) -> Iterator[None]:
    """Be the node's process of that name. Raises BasiraError ``process_already_running``.

    The file is opened once and stays open: closing any other handle on it would let go of the lock.
    """
    run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _pid_file(run_dir, name).open("a+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BasiraError("process_already_running", status=409, process=name) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def holder(run_dir: Path, name: str) -> int | None:
    """Process id of the node's process of that name; None when there is none. Not for one's own name."""
    try:
        with _pid_file(run_dir, name).open("rb") as file:
            asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            kind, _, _, _, pid = _FLOCK.unpack(fcntl.fcntl(file, fcntl.F_GETLK, asked))
    except FileNotFoundError:
        return None
    return None if kind == fcntl.F_UNLCK else int(pid)


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """What the supervisor knows of a process."""

    name: Role
    state: ProcessState
    since_utc_ns: int | None
    restarts: int


def write_reports(run_dir: Path, reports: list[ProcessReport]) -> None:
    """The supervisor's account for :func:`read_reports`, replaced as a whole."""
    draft = run_dir / f".{_STATE_FILE}.{os.getpid()}"
    draft.write_text(json.dumps([asdict(report) for report in reports]))
    draft.replace(run_dir / _STATE_FILE)


def read_reports(run_dir: Path, own: Role = "web") -> list[ProcessReport]:
    """Every process of the node. Whether it lives is asked of the kernel; the rest is the supervisor's last word.

    ``own`` is the caller's role, which lives.
    """
    try:
        rows = {row["name"]: ProcessReport(**row) for row in json.loads((run_dir / _STATE_FILE).read_bytes())}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        rows = {}
    reports: list[ProcessReport] = []
    for role in ROLES:
        known = rows.get(role, ProcessReport(role, "unknown", None, 0))
        alive = role == own or holder(run_dir, role) is not None
        state: ProcessState = "running" if alive else ("starting" if known.state == "starting" else "stopped")
        reports.append(ProcessReport(role, state, known.since_utc_ns, known.restarts))
    return reports
