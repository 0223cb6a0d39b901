"""A program that is measured, from its start to its end."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(command: list[str], work: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its output in ``work/log``; asked to end at the end, killed if that does not help."""
    work.mkdir(parents=True, exist_ok=True)
    with (work / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=work, env={**os.environ, **environment})
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
