"""Logs and witnesses for tests: a signed tile log in a folder, and its checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from basira.custody.checkpoint import Checkpoint
from basira.custody.cosignature import Signer
from basira.custody.note import Note
from basira.custody.tiles import TileLog
from tests.custody import vectors


class TestLog:
    """A log whose entries are ``entry-0``, ``entry-1``, … or whatever is given."""

    __test__ = False

    def __init__(self, folder: Path, signer: Signer | None = None) -> None:
        self.signer = signer or vectors.log_signer()
        self.tiles = TileLog(folder, None)

    def grow(self, size: int) -> Note:
        """The signed checkpoint of the log at ``size``, published."""
        return self.append([f"entry-{i}".encode() for i in range(self.tiles.size, size)])

    def append(self, entries: Sequence[bytes]) -> Note:
        self.tiles.append(entries)
        note = self.note()
        self.tiles.publish(note.encode())
        return note

    def note(self) -> Note:
        return signed(Checkpoint(self.signer.name, self.tiles.size, self.tiles.root()), self.signer)


def signed(checkpoint: Checkpoint, *signers: Signer, timestamp_s: int = vectors.TIMESTAMP_S) -> Note:
    text = checkpoint.encode()
    return Note(text, tuple(signer.sign(text, timestamp_s) for signer in signers))
