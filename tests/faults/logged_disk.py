"""A disk whose every write and flush is remembered, so that a power cut at any instant can be shown afterwards.

A FUSE file in a process of its own is the disk; the kernel's loop device and ext4 stand on it, as they stand on a real
one. The process logs each write with its data and each flush (the barrier behind fsync). :func:`image_after_cut` then
builds what a disk with a volatile cache may hold after losing power: all that was written before the last flush, and
any part of what came after it. This is dm-log-writes for machines without device-mapper.

Needs root, ``/dev/fuse`` and a loop device; :func:`why_not` says what is missing.
"""

from __future__ import annotations

import argparse
import errno
import random
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import mfusepy

_RECORD = struct.Struct(">cqqI")  # kind, monotonic ns, offset, length
_SECTOR = 512


class _Disk(mfusepy.Operations):  # type: ignore[misc]
    """One file, ``disk``, kept in memory."""

    use_ns = True

    def __init__(self, size: int, log: BinaryIO) -> None:
        self._data = bytearray(size)
        self._log = log

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
        if path == "/disk":
            return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": len(self._data)}
        raise mfusepy.FuseOSError(errno.ENOENT)

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", "disk"]

    def open(self, path: str, flags: int) -> int:
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self._data[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._data[offset : offset + len(data)] = data
        self._log.write(_RECORD.pack(b"w", time.monotonic_ns(), offset, len(data)) + data)
        return len(data)

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._log.write(_RECORD.pack(b"f", time.monotonic_ns(), 0, 0))
        self._log.flush()
        return 0


@dataclass(frozen=True, slots=True)
class Write:
    """One write to the disk, or a flush when ``data`` is None. ``mono_ns`` is when the disk took it."""

    mono_ns: int
    offset: int
    data: bytes | None


def read_log(path: Path) -> list[Write]:
    """Everything the disk did, in order."""
    writes = []
    with path.open("rb") as log:
        while head := log.read(_RECORD.size):
            kind, mono_ns, offset, length = _RECORD.unpack(head)
            writes.append(Write(mono_ns, offset, log.read(length) if kind == b"w" else None))
    return writes


def image_after_cut(writes: list[Write], size: int, cut: int, rng: random.Random) -> bytearray:
    """What the disk may hold if power went after the first ``cut`` entries of its log.

    Writes before the last flush are all there. Of those after it each is there, absent, or torn at a sector.
    """
    flushed = max((i for i in range(cut) if writes[i].data is None), default=-1)
    image = bytearray(size)
    for position, write in enumerate(writes[:cut]):
        if write.data is None:
            continue
        length = len(write.data)
        if position > flushed:
            fate = rng.random()
            if fate < 0.4:
                continue
            if fate < 0.6:
                length = rng.randrange(0, length, _SECTOR) if length > _SECTOR else length
        image[write.offset : write.offset + length] = write.data[:length]
    return image


def why_not() -> str | None:
    """What this machine lacks for a logged disk, or None when it has all."""
    if not Path("/dev/fuse").exists():
        return "there is no /dev/fuse"
    found = subprocess.run(["losetup", "--find"], capture_output=True, check=False)
    return None if found.returncode == 0 else "there is no free loop device (or no right to use one)"


@contextmanager
def mounted(device: Path, where: Path) -> Iterator[Path]:
    """An ext4 image or device mounted at ``where`` for the length of the block."""
    where.mkdir(exist_ok=True)
    loop = subprocess.run(
        ["losetup", "--find", "--show", device], check=True, capture_output=True, text=True
    ).stdout.strip()
    try:
        _mount(loop, where)
        try:
            yield where
        finally:
            subprocess.run(["umount", "--lazy", where], check=True)
    finally:
        subprocess.run(["losetup", "--detach", loop], check=True)


def _mount(device: str, where: Path) -> None:
    if subprocess.run(["mount", device, where], check=False).returncode == 0:
        return
    # A superblock is two sectors: torn between them, its checksum is wrong, and its copy is taken when the machine
    # starts. e2fsck says by 1 and 2 that it mended something.
    checked = subprocess.run(["e2fsck", "-y", device], check=False)
    assert checked.returncode in (0, 1, 2), "the file system is lost, whoever wrote to it"
    subprocess.run(["mount", device, where], check=True)


@dataclass(frozen=True, slots=True)
class LoggedDisk:
    """A mounted ext4. Cuts before ``ready_mono_ns`` would fall into its making."""

    mount: Path
    log: Path
    size: int
    ready_mono_ns: int


@contextmanager
def logged_disk(work: Path, size: int) -> Iterator[LoggedDisk]:
    """An ext4 of ``size`` bytes on a logged disk, mounted for the length of the block."""
    place, log = work / "fuse", work / "disk.log"
    place.mkdir()
    command = [sys.executable, "-m", "tests.faults.logged_disk", str(place), str(size), str(log)]
    with ExitStack() as stack:
        process = stack.enter_context(subprocess.Popen(command))
        stack.callback(_unmount, place)
        while not (place / "disk").exists():
            if process.poll() is not None:
                raise RuntimeError("the logged disk did not start")
            time.sleep(0.02)
        subprocess.run(["mkfs.ext4", "-q", "-F", place / "disk"], check=True)
        mount = stack.enter_context(mounted(place / "disk", work / "mount"))
        subprocess.run(["sync", "--file-system", mount], check=True)
        yield LoggedDisk(mount, log, size, time.monotonic_ns())


def _unmount(place: Path) -> None:
    subprocess.run(["umount", "--lazy", place], check=False)


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve one logged disk at a mount point.")
    parser.add_argument("mount_point")
    parser.add_argument("size", type=int)
    parser.add_argument("log", type=Path)
    arguments = parser.parse_args()
    with arguments.log.open("wb") as log:
        disk = _Disk(arguments.size, log)
        mfusepy.FUSE(disk, arguments.mount_point, foreground=True, nothreads=True, direct_io=True)


if __name__ == "__main__":
    main()
