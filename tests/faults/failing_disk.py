"""A folder whose system calls fail as a disk's do: a file system in user space over another folder.

The whole path through the kernel is real; only the answer is made up. :class:`FailingDisk` says which call fails with
which error, and remembers what was called after a failure, so that a test can see that nothing was tried again as if
it had worked. Needs ``/dev/fuse``.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import mfusepy

T = TypeVar("T")
_ALL_THE_TIME = ("getattr", "read")
CALLS = ("open", "getattr", "mkdir", "read", "write", "fsync", "fsyncdir", "rename", "unlink")


class _Passing(mfusepy.Operations):  # type: ignore[misc]
    """Passes everything on to the folder below, unless told to fail."""

    use_ns = True

    def __init__(self, below: Path, orders: Path, log: Path) -> None:
        self._below, self._orders = below, orders
        self._log = log.open("a", buffering=1)
        self._read_ns = 0
        self._order: dict[str, Any] = {}

    def _is_to_fail(self, call: str, path: str) -> bool:
        changed_ns = self._orders.stat().st_mtime_ns
        if changed_ns != self._read_ns:
            self._order = json.loads(self._orders.read_text() or "{}")
            self._read_ns = changed_ns
        order = self._order
        return bool(order.get("call") == call and path.endswith(order["suffix"]) and order["times"] > 0)

    def _fail(self, call: str, path: str) -> mfusepy.FuseOSError:
        self._order["times"] -= 1
        self._log.write(f"{call} failed {path}\n")
        return mfusepy.FuseOSError(self._order["errno"])

    def _do(self, call: str, path: str, work: Callable[[], T]) -> T:
        if self._is_to_fail(call, path):
            raise self._fail(call, path)
        if call not in _ALL_THE_TIME:
            self._log.write(f"{call} passed {path}\n")
        try:
            return work()
        except OSError as error:
            raise mfusepy.FuseOSError(error.errno or errno.EIO) from error

    def _at(self, path: str) -> Path:
        return self._below / path.lstrip("/")

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        found = self._do("getattr", path, lambda: self._at(path).lstat())
        names = ("st_ino", "st_mode", "st_nlink", "st_uid", "st_gid", "st_size", "st_blocks")
        times = {name: getattr(found, f"{name}_ns") for name in ("st_atime", "st_mtime", "st_ctime")}
        return {name: getattr(found, name) for name in names} | times

    def readdir(self, path: str, fh: int) -> list[tuple[str, dict[str, int], int]]:
        # With their inodes: the C library leaves out entries without one.
        place = path.rstrip("/")
        names = os.listdir(self._at(path))  # noqa: PTH208
        return [(name, self.getattr(f"{place}/{name}"), 0) for name in names]

    def statfs(self, path: str) -> dict[str, int]:
        found = os.statvfs(self._below)
        return {name: getattr(found, name) for name in ("f_bsize", "f_frsize", "f_blocks", "f_bfree", "f_bavail")}

    def open(self, path: str, flags: int) -> int:
        return self._do("open", path, lambda: os.open(self._at(path), flags & ~os.O_APPEND))

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        return self._do("open", path, lambda: os.open(self._at(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        if self._is_to_fail("read", path):
            bad = range(self._order["offset"], self._order["offset"] + self._order["length"])
            if offset < bad.stop and offset + size > bad.start:
                if offset >= bad.start:
                    raise self._fail("read", path)
                size = bad.start - offset  # as Linux does: what lies before it, the error for who asks for the rest
        return os.pread(fh, size, offset)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        return self._do("write", path, lambda: os.pwrite(fh, data, offset))

    def truncate(self, path: str, length: int, fh: int | None = None) -> None:
        os.truncate(self._at(path), length)

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._do("fsync", path, lambda: os.fsync(fh))
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        return self._do("fsyncdir", path, lambda: 0)

    def release(self, path: str, fh: int) -> int:
        os.close(fh)
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        self._do("mkdir", path, lambda: self._at(path).mkdir(mode))
        return 0

    def rmdir(self, path: str) -> None:
        self._do("rmdir", path, lambda: self._at(path).rmdir())

    def unlink(self, path: str) -> int:
        self._do("unlink", path, lambda: self._at(path).unlink())
        return 0

    def rename(self, old: str, new: str) -> int:
        self._do("rename", new, lambda: self._at(old).rename(self._at(new)))
        return 0


class FailingDisk:
    """``root`` is the folder to use, ``below`` the one that really holds the files."""

    def __init__(self, folder: Path) -> None:
        self.root, self.below = folder / "failing", folder / "below"
        self.orders, self.log = folder / "orders.json", folder / "calls.log"
        for place in (self.root, self.below):
            place.mkdir()
        self.orders.write_text("{}")
        self.log.write_text("")

    def fail(
        self,
        call: str,
        number: int,
        *,
        suffix: str = "",
        times: int = 1_000_000,
        offset: int = 0,
        length: int = 1 << 60,
    ) -> None:
        """From now on ``call`` on paths that end in ``suffix`` fails with ``number``, so many times.

        Reads fail that touch ``length`` bytes from ``offset`` on, as where a disk has bad sectors.
        """
        order = {"call": call, "errno": number, "suffix": suffix, "times": times, "offset": offset, "length": length}
        self._order(order)

    def heal(self) -> None:
        self._order({})

    def calls(self) -> list[tuple[str, str, str]]:
        """(call, passed or failed, path), in order; of reads and looks at files only those that failed."""
        lines = self.log.read_text().split("\n")[:-1]
        return [(call, how, path) for call, how, path in (line.split(" ", 2) for line in lines)]

    def failures(self) -> int:
        return sum(how == "failed" for _, how, _ in self.calls())

    def _order(self, order: dict[str, object]) -> None:
        fresh = self.orders.with_name("orders.new")
        fresh.write_text(json.dumps(order))
        fresh.rename(self.orders)


def why_not() -> str | None:
    """What this machine lacks, or None when it has all."""
    return None if Path("/dev/fuse").exists() else "there is no /dev/fuse"


@contextmanager
def failing_disk(folder: Path) -> Iterator[FailingDisk]:
    """A failing disk, healthy until told otherwise, for the length of the block."""
    disk = FailingDisk(folder)
    command = [sys.executable, "-m", "tests.faults.failing_disk"]
    with subprocess.Popen([*command, disk.root, disk.below, disk.orders, disk.log]) as process:
        try:
            while not os.path.ismount(disk.root):
                if process.poll() is not None:
                    raise RuntimeError("the failing disk did not start")
                time.sleep(0.02)
            yield disk
        finally:
            subprocess.run(["umount", "--lazy", disk.root], check=False)
            process.kill()  # it would wait for whoever still holds a file open


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve one failing folder at a mount point.")
    for name in ("mount_point", "below", "orders", "log"):
        parser.add_argument(name, type=Path)
    arguments = parser.parse_args()
    passing = _Passing(arguments.below, arguments.orders, arguments.log)
    mfusepy.FUSE(
        passing,
        str(arguments.mount_point),
        foreground=True,
        nothreads=True,
        use_ino=True,
        direct_io=True,
        attr_timeout=0,
    )


if __name__ == "__main__":
    main()
