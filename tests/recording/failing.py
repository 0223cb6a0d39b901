"""A disk that fails when a test says so."""

from __future__ import annotations

import os
from pathlib import Path

from basira.recording.segment import LocalFilesystem


class FailingFilesystem(LocalFilesystem):
    """Fails the call named with ``number``, ``times`` over, after ``after`` good ones. A failing write tears."""

    def __init__(self, call: str, after: int, number: int, times: int = 1_000_000) -> None:
        self.call, self.left, self.number, self.times = call, after, number, times
        self.failures = 0
        self.syncs = 0

    def write(self, descriptor: int, data: bytes) -> int:
        if self._is_due("write"):
            super().write(descriptor, data[: len(data) // 2])
        self._count("write")
        return super().write(descriptor, data)

    def fdatasync(self, descriptor: int) -> None:
        self.syncs += 1
        self._count("fdatasync")
        super().fdatasync(descriptor)

    def fsync_folder(self, path: Path) -> None:
        self._count("fsync_folder")
        super().fsync_folder(path)

    def _is_due(self, call: str) -> bool:
        return call == self.call and self.left <= 0 and self.failures < self.times

    def _count(self, call: str) -> None:
        if call != self.call:
            return
        if self._is_due(call):
            self.failures += 1
            raise OSError(self.number, os.strerror(self.number))
        self.left -= 1
