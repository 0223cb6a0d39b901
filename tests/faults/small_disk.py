"""A real small file system, ext4 on a loop device, that a test may fill, forbid to write, take away and replace."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIZE = 48 << 20
_HELD_S = 60.0


class SmallDisk:
    """One ext4 image and the place where it, or what replaces it, is mounted."""

    def __init__(self, folder: Path, name: str = "disk", size: int = SIZE) -> None:
        self.image = folder / f"{name}.img"
        self.mount_point = folder / "mount"
        self.mount_point.mkdir(exist_ok=True)
        self._loops: list[str] = []
        with self.image.open("wb") as file:
            file.truncate(size)
        # No blocks kept for root: full means full.
        _run("mkfs.ext4", "-q", "-F", "-m", "0", self.image)

    def mount(self, image: Path | None = None) -> None:
        """Mount the disk, or a copy of it. Waits until nobody holds it any more: two mounts of one image destroy it."""
        deadline = time.monotonic() + _HELD_S
        while _run("losetup", "--associated", image or self.image):
            assert time.monotonic() < deadline, "somebody holds the disk that was taken away"
            time.sleep(0.05)
        loop = _run("losetup", "--find", "--show", image or self.image)
        self._loops.append(loop)
        _run("mount", "-o", "errors=remount-ro", loop, self.mount_point)

    def take_away(self) -> None:
        """Unmount under whoever uses it; its device goes when nothing is open on it any more."""
        _run("umount", "--lazy", self.mount_point)
        while self._loops:
            _run("losetup", "--detach", self._loops.pop())

    def fail(self) -> None:
        """Let the kernel find an error of the file system, upon which it allows no more writing: ``emergency_ro``."""
        device = Path(self._loops[-1]).name
        Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("1")

    def repair(self) -> None:
        """What an administrator does about that: unmount, fsck, mount."""
        self.take_away()
        subprocess.run(["fsck.ext4", "-f", "-y", self.image], check=False, capture_output=True)
        self.mount()

    def fill(self) -> Path:
        """Take every last free byte; returns the file that holds them."""
        filler = self.mount_point / "filler"
        with filler.open("ab", buffering=0) as file:
            for block in (1 << 20, 4096, 512, 1):
                with suppress(OSError):
                    while file.write(bytes(block)):
                        pass
            with suppress(OSError):
                os.fsync(file.fileno())
        return filler

    def copy(self, name: str) -> Path:
        """An image of the disk as it is at this moment."""
        copied = self.image.with_name(name)
        _run("fsfreeze", "--freeze", self.mount_point)
        try:
            copied.write_bytes(self.image.read_bytes())
        finally:
            _run("fsfreeze", "--unfreeze", self.mount_point)
        return copied

    def listing(self) -> list[str]:
        """Every path on what is mounted now."""
        return sorted(str(path.relative_to(self.mount_point)) for path in self.mount_point.rglob("*"))


def why_not() -> str | None:
    """What this machine lacks for real small disks, or None when it has all."""
    if os.geteuid() != 0:
        return "mounting needs root"
    found = subprocess.run(["losetup", "--find"], capture_output=True, check=False)
    return None if found.returncode == 0 else "there is no free loop device (or no right to use one)"


@contextmanager
def small_disk(folder: Path, size: int = SIZE) -> Iterator[SmallDisk]:
    """A mounted small disk, gone at the end whatever a test has done with it."""
    disk = SmallDisk(folder, size=size)
    disk.mount()
    try:
        yield disk
    finally:
        while os.path.ismount(disk.mount_point):
            disk.take_away()


def _run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
