"""Checkpoints (C2SP tlog-checkpoint): what a log says of itself at one size."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from basira.custody.merkle import EMPTY_ROOT
from basira.custody.strict import HASH_LENGTH, Malformed, decode_decimal, decode_hash, encode_base64

MAX_ORIGIN_BYTES: Final = 255
MAX_SIZE: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin, size and root of a log.

    This log writes no extension lines; those of others are kept as they are.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def encode(self) -> str:
        """The text of the note, which is what is signed."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(line + "\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Raises :class:`Malformed`. Says nothing about signatures."""
        if not text.endswith("\n"):
            raise Malformed("a checkpoint ends in a newline")
        lines = text[:-1].split("\n")
        if len(lines) < 3:
            raise Malformed("a checkpoint has at least three lines")
        origin, size, root, *extensions = lines
        if not origin or len(origin.encode()) > MAX_ORIGIN_BYTES:
            raise Malformed("bad origin")
        if any(not line for line in extensions):
            raise Malformed("empty extension line")
        return cls(origin, decode_decimal(size, MAX_SIZE), decode_hash(root), tuple(extensions))

    def is_sane(self) -> bool:
        """Whether size 0 goes with the empty root and the root is a hash."""
        return len(self.root) == HASH_LENGTH and (self.size != 0 or self.root == EMPTY_ROOT)


def origin_hash(origin: str) -> str:
    """Lowercase hex SHA-256 of the origin: the log's name in a witness's monitoring addresses."""
    return hashlib.sha256(origin.encode()).hexdigest()
