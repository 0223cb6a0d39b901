"""A log on disk in the C2SP tlog-tiles layout, readable by anybody straight from the folder or over HTTP.

Durability: :meth:`TileLog.append` returns after every tile and bundle it wrote is synced; :meth:`TileLog.publish`
replaces the checkpoint atomically and refuses one that the synced tiles do not support. So whatever instant the
power fails at, the published checkpoint can be proven from what is on disk. Tiles ahead of the checkpoint are
leftovers of such an instant: they are not part of the log and the next append overwrites them.

One process appends. Readers need no lock: a tile of a published size never changes.
"""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from basira.custody.checkpoint import Checkpoint
from basira.custody.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    subtree_edge,
)
from basira.custody.note import Note
from basira.custody.strict import HASH_LENGTH, Malformed

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
MAX_ENTRY_BYTES: Final = 65_535
_ENTRIES: Final = "entries"


class LogDamaged(ValueError):
    """The tiles on disk do not carry what the checkpoint says."""


def tile_number_path(number: int) -> str:
    """Three-digit groups, all but the last marked with ``x``: 1234067 is ``x001/x234/067``."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def tile_path(level: int | str, number: int, width: int = TILE_WIDTH) -> str:
    """Path of a hash tile (``level`` 0 to 63) or an entry bundle (``entries``) below the log's prefix."""
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{tile_number_path(number)}{partial}"


def partial_width(level: int, size: int) -> int:
    """Width of the last, incomplete tile of a level at this size; 0 when there is none."""
    return (size >> (TILE_HEIGHT * level)) % TILE_WIDTH


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries, each behind its length as a big-endian 16-bit number."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def decode_bundle(data: bytes) -> list[bytes]:
    """Raises :class:`Malformed` when the last entry is cut short."""
    entries: list[bytes] = []
    offset = 0
    while offset < len(data):
        if offset + 2 > len(data):
            raise Malformed("entry bundle cut short")
        length = struct.unpack_from(">H", data, offset)[0]
        offset += 2
        if offset + length > len(data):
            raise Malformed("entry bundle cut short")
        entries.append(data[offset : offset + length])
        offset += length
    return entries


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents so that they survive a power cut."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def write_synced(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replace ``path`` atomically; on return the bytes and the name are on the disk."""
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


class TileReader:
    """Hashes, entries and proofs of a tile folder at one size. Raises :class:`LogDamaged` for what is not there."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size
        self._read_full = lru_cache(maxsize=256)(self._read_full_file)

    def _read_full_file(self, level: int | str, number: int) -> bytes:
        return (self.folder / tile_path(level, number)).read_bytes()

    def _tile(self, level: int | str, number: int) -> bytes:
        """The full tile, or the widest partial one that this size needs."""
        depth = 0 if level == _ENTRIES else int(level)
        whole = number < self.size >> (TILE_HEIGHT * (depth + 1))
        width = TILE_WIDTH if whole else partial_width(depth, self.size)
        try:
            if whole:
                return self._read_full(level, number)
            partial = self.folder / tile_path(level, number, width)
            # Readers at an older size find the full tile once the partial ones are cleared away.
            return partial.read_bytes() if partial.exists() else self._read_full(level, number)
        except OSError as error:
            raise LogDamaged(f"{tile_path(level, number, width)} is missing") from error

    def _hash(self, level: int, index: int) -> bytes:
        number, place = divmod(index, TILE_WIDTH)
        tile = self._tile(level, number)
        found = tile[place * HASH_LENGTH : (place + 1) * HASH_LENGTH]
        if len(found) != HASH_LENGTH:
            raise LogDamaged(f"{tile_path(level, number)} is too short")
        return found

    def node(self, level: int, index: int) -> bytes:
        """Hash of a complete subtree (:class:`basira.custody.merkle.Subtrees`)."""
        tile_level, inside = divmod(level, TILE_HEIGHT)
        hashes = [self._hash(tile_level, (index << inside) + i) for i in range(1 << inside)]
        while len(hashes) > 1:
            hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
        return hashes[0]

    def frontier(self) -> Frontier:
        return Frontier(self.size, [self.node(level, index) for level, index in subtree_edge(0, self.size)])

    def bundle(self, number: int) -> list[bytes]:
        """The entries of bundle ``number`` that belong to this size."""
        try:
            entries = decode_bundle(self._tile(_ENTRIES, number))
        except Malformed as error:
            raise LogDamaged(f"{tile_path(_ENTRIES, number)}: {error}") from error
        wanted = min(TILE_WIDTH, self.size - number * TILE_WIDTH)
        if len(entries) < wanted:
            raise LogDamaged(f"{tile_path(_ENTRIES, number)} is too short")
        return entries[:wanted]

    def entry(self, index: int) -> bytes:
        if not 0 <= index < self.size:
            raise IndexError(index)
        number, place = divmod(index, TILE_WIDTH)
        return self.bundle(number)[place]

    def entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Index and bytes of every entry from ``start`` on."""
        for number in range(start // TILE_WIDTH, -(-self.size // TILE_WIDTH)):
            for place, entry in enumerate(self.bundle(number)):
                index = number * TILE_WIDTH + place
                if index >= start:
                    yield index, entry

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        return inclusion_proof(self, index, self.size if size is None else size)

    def consistency(self, old_size: int, size: int | None = None) -> list[bytes]:
        return consistency_proof(self, old_size, self.size if size is None else size)

    def first_difference(self) -> int | None:
        """Index of the first entry whose hash is not the one in the tiles; None when all agree."""
        for index, entry in self.entries():
            if leaf_hash(entry) != self._hash(0, index):
                return index
        return None


class TileLog(TileReader):
    """A tile folder and the one process that appends to it."""

    def __init__(self, folder: Path, checkpoint: Checkpoint | None) -> None:
        """Open at the size of ``checkpoint``, the last one published (None: a new log).

        The caller has verified its signature. Raises :class:`LogDamaged` when the tiles have another root.
        """
        super().__init__(folder, 0 if checkpoint is None else checkpoint.size)
        self._frontier = self.frontier()
        self._published = self.size
        if checkpoint is not None and self._frontier.root() != checkpoint.root:
            raise LogDamaged(f"the tiles do not have the root of the checkpoint at size {checkpoint.size}")

    @property
    def checkpoint_path(self) -> Path:
        return self.folder / "checkpoint"

    def root(self) -> bytes:
        return self._frontier.root()

    def append(self, entries: Sequence[bytes]) -> None:
        """Write and sync the tiles of a log grown by ``entries``. They are in the log once published."""
        if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
            raise ValueError("entry too long")
        if not entries:
            return
        old_size, frontier = self.size, self._frontier.copy()
        leaves = [leaf_hash(entry) for entry in entries]
        for leaf in leaves:
            frontier.append(leaf)
        self._write_bundles(old_size, entries)
        self._write_hashes(old_size, frontier.size, leaves)
        self.size, self._frontier = frontier.size, frontier

    def _write_bundles(self, old_size: int, entries: Sequence[bytes]) -> None:
        first = old_size // TILE_WIDTH
        carried = self.bundle(first) if old_size % TILE_WIDTH else []
        everything = [*carried, *entries]
        for i in range(0, len(everything), TILE_WIDTH):
            part = everything[i : i + TILE_WIDTH]
            name = tile_path(_ENTRIES, first + i // TILE_WIDTH, len(part))
            write_synced(self.folder / name, encode_bundle(part))

    def _write_hashes(self, old_size: int, new_size: int, leaves: list[bytes]) -> None:
        fresh = leaves
        for level in range(64 // TILE_HEIGHT):
            old_count = old_size >> (TILE_HEIGHT * level)
            new_count = new_size >> (TILE_HEIGHT * level)
            if new_count == old_count:
                return
            first = old_count // TILE_WIDTH
            carried = self._carried(level, first, old_count % TILE_WIDTH)
            everything = [*carried, *fresh]
            fresh = []
            for i in range(0, len(everything), TILE_WIDTH):
                part = everything[i : i + TILE_WIDTH]
                name = tile_path(level, first + i // TILE_WIDTH, len(part))
                write_synced(self.folder / name, b"".join(part))
                if len(part) == TILE_WIDTH:
                    whole = Frontier()
                    for hashed in part:
                        whole.append(hashed)
                    fresh.append(whole.root())

    def _carried(self, level: int, number: int, count: int) -> list[bytes]:
        """The first ``count`` hashes of a tile that is not full yet."""
        if not count:
            return []
        tile = self._tile(level, number)
        if len(tile) < count * HASH_LENGTH:
            raise LogDamaged(f"{tile_path(level, number)} is too short")
        return [tile[i * HASH_LENGTH : (i + 1) * HASH_LENGTH] for i in range(count)]

    def publish(self, note: bytes) -> None:
        """Make ``note`` the log's checkpoint. It must be of exactly what :meth:`append` has synced."""
        checkpoint = Checkpoint.parse(Note.parse(note).text)
        if (checkpoint.size, checkpoint.root) != (self.size, self.root()):
            raise ValueError("the checkpoint is not of the tiles on disk")
        write_synced(self.checkpoint_path, note)
        for level in range(64 // TILE_HEIGHT):
            span = TILE_HEIGHT * (level + 1)
            for number in range(self._published >> span, self.size >> span):
                self._clear_partials(level, number)
                if level == 0:
                    self._clear_partials(_ENTRIES, number)
        self._published = self.size

    def _clear_partials(self, level: int | str, number: int) -> None:
        folder = self.folder / f"{tile_path(level, number)}.p"
        if folder.exists():
            shutil.rmtree(folder)
