"""CPU time, not wall time, for the machine is shared."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Stopwatch:
    """CPU seconds of this process, threads included."""

    cpu_s: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        started = time.process_time()
        yield
        self.cpu_s += time.process_time() - started
