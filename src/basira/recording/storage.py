"""The storage folder: whose it is, whether it is there, whether it still writes and reads, how full it is.

An identity file and the index name each other, and count together how often they were opened. A volume that is
missing, crossed with another's, or an older copy of itself is refused, never "repaired".
"""

from __future__ import annotations

import errno
import json
import os
import weakref
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from basira.base.clock import Clock
from basira.base.errors import BasiraError
from basira.base.identifiers import new_identifier
from basira.recording.heartbeat import read_beat, write_beat
from basira.recording.index import Change, get_identity, put_identity
from basira.recording.segment import LocalFilesystem

IDENTITY_FILE: Final = "basira-storage.json"
# No file is begun with less room than its header and a fragment take: a full disk is not littered with torn beginnings.
_LEAST_TO_BEGIN_BYTES: Final = 1 << 20


# An index that could not be written for a while is this much behind, and still the newest there is.
_BEATS_WAITING: Final = 10


@dataclass(frozen=True, slots=True)
class StorageIdentity:
    """Content of the identity file. ``opens`` rises by one each time a recorder takes the folder into use."""

    storage: str
    site: str
    opens: int
    created_utc_ns: int
    v: int = 1


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes of the file system that holds the storage folder; ``free_bytes`` is what we may use."""

    total_bytes: int
    free_bytes: int


def read_identity(root: Path) -> StorageIdentity | None:
    """The identity of a storage folder; None where there is none. Raises ``storage_identity_damaged``."""
    try:
        content = json.loads((root / IDENTITY_FILE).read_bytes())
        return StorageIdentity(
            storage=str(content["storage"]), site=str(content["site"]), opens=int(content["opens"]),
            created_utc_ns=int(content["created_utc_ns"]),
        )  # fmt: skip
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise BasiraError("storage_identity_damaged", path=str(root / IDENTITY_FILE)) from error


class Pin:
    """A file held open: as long as it is, no other file system can have its device's number, nor another file its own.

    Without it a disk that takes another's place is taken for it, where device and inode happen to have its numbers.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.close = weakref.finalize(self, os.close, self._descriptor)

    def is_in_place(self) -> bool:
        """Whether this very file is what its path leads to."""
        try:
            held, found = os.fstat(self._descriptor), self._path.stat()
        except OSError:
            return False
        return (held.st_dev, held.st_ino) == (found.st_dev, found.st_ino)


class Storage:
    """A storage folder in use. Made by :func:`open_storage`."""

    def __init__(
        self, root: Path, identity: StorageIdentity, beat: int, on_beat: Callable[[int], object], *, index_is_old: bool
    ) -> None:
        """``index_is_old``: the folder was used after this index was last written, so it is a copy from before."""
        self.index_is_old = index_is_old
        self.root = root
        self.identity = identity
        self._beat = beat
        self._on_beat = on_beat
        self._pin: Pin | None = Pin(root / IDENTITY_FILE)

    def is_present(self) -> bool:
        """Whether the folder is still the one that was opened (not unmounted, not replaced)."""
        pin = self._pin
        return pin is not None and pin.is_in_place()

    def close(self) -> None:
        """Let go of the folder, which then counts as gone; ``examine`` takes it up again."""
        pin, self._pin = self._pin, None
        if pin is not None:
            pin.close()

    def examine(self) -> None:
        """Make sure the folder is the one that was opened, and take it up again if it has come back as another device.

        Raises BasiraError as ``open_storage`` does, and ``storage_used_elsewhere``; OSError.
        """
        if self.is_present():
            return
        self.close()  # so that the disk can be unmounted and repaired
        identity = read_identity(self.root)
        if identity is None:
            raise BasiraError("storage_missing", path=str(self.root), storage=self.identity.storage)
        if identity.storage != self.identity.storage:
            raise _crossed(self.root, identity.storage, self.identity.storage)
        if identity.opens > self.identity.opens:
            raise BasiraError("storage_used_elsewhere", path=str(self.root), storage=identity.storage)
        if identity.opens < self.identity.opens or _is_behind(self.root, self._beat):
            raise BasiraError("storage_stale", path=str(self.root), storage=identity.storage)
        self._pin = Pin(self.root / IDENTITY_FILE)

    def usage(self) -> Usage:
        """Raises OSError."""
        found = os.statvfs(self.root)
        return Usage(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize)

    def probe(self) -> None:
        """Write and read back, see :mod:`.heartbeat`. Raises OSError."""
        if not self.is_present():
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        write_beat(self.root, self._beat + 1)
        self._beat += 1
        self._on_beat(self._beat)


class GuardedFilesystem(LocalFilesystem):
    """Creates nothing once the storage folder is no longer the one that was opened: an unmounted volume's empty
    mount point is not filled with footage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def make_folder(self, path: Path) -> None:
        self._check()
        super().make_folder(path)

    def create(self, path: Path) -> int:
        self._check()
        if self._storage.usage().free_bytes < _LEAST_TO_BEGIN_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().create(path)

    def _check(self) -> None:
        if not self._storage.is_present():
            raise OSError(errno.ENODEV, "the storage folder is gone")


def open_storage(
    root: Path, index: Engine, site: str, clock: Clock, *, submit: Callable[[Change], object] | None = None
) -> Storage:
    """Take the folder into use, or refuse. ``submit`` writes the index; without it, it is written here.

    Raises BasiraError ``storage_missing`` (the index knows one and the folder is not there or has no identity),
    ``storage_crossed`` (it is another's), ``storage_stale`` (an older copy of itself), ``storage_identity_damaged``.
    """
    with index.connect() as connection:
        expected = get_identity(connection, "storage")
        opens = int(get_identity(connection, "storage_opens") or 0)
        known_beat = int(get_identity(connection, "storage_beat") or 0)
    identity = read_identity(root)
    if identity is None:
        if expected is not None:
            raise BasiraError("storage_missing", path=str(root), storage=expected)
        root.mkdir(parents=True, exist_ok=True)
        if any(entry.is_dir() and entry.name != "lost+found" for entry in root.iterdir()):
            raise BasiraError("storage_not_empty", path=str(root))
        identity = StorageIdentity(new_identifier("storage"), site, 0, clock.utc_ns())
    elif expected is not None and identity.storage != expected:
        raise _crossed(root, identity.storage, expected)
    elif identity.site != site:
        raise BasiraError("storage_of_other_site", path=str(root), site=identity.site)
    elif expected is not None and (identity.opens < opens or _is_behind(root, known_beat)):
        raise BasiraError("storage_stale", path=str(root), storage=identity.storage)
    ahead = (read_beat(root) or 0) - known_beat
    index_is_old = expected is not None and (identity.opens > opens or ahead > _BEATS_WAITING)
    opened = StorageIdentity(identity.storage, identity.site, max(identity.opens, opens) + 1, identity.created_utc_ns)
    beat = max(known_beat, read_beat(root) or 0) + 1
    write_beat(root, beat)
    _write_identity(root, opened)  # the folder counts first: a crash here leaves it ahead, which is allowed

    def count(connection: Connection) -> None:
        put_identity(connection, "storage", opened.storage)
        put_identity(connection, "storage_opens", str(opened.opens))
        put_identity(connection, "storage_beat", str(beat))

    def write(change: Change) -> object:
        if submit is not None:
            return submit(change)
        with index.begin() as connection:
            return change(connection)

    write(count)
    return Storage(
        root, opened, beat,
        lambda later: write(lambda connection: put_identity(connection, "storage_beat", str(later))),
        index_is_old=index_is_old,
    )  # fmt: skip


def _is_behind(root: Path, known_beat: int) -> bool:
    beat = read_beat(root)
    return beat is not None and beat < known_beat


def _crossed(root: Path, found: str, expected: str) -> BasiraError:
    return BasiraError("storage_crossed", path=str(root), storage=found, expected=expected)


def _write_identity(root: Path, identity: StorageIdentity) -> None:
    path, fresh = root / IDENTITY_FILE, root / f"{IDENTITY_FILE}.new"
    with fresh.open("w") as file:
        json.dump(asdict(identity), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    LocalFilesystem().fsync_folder(root)
