"""Proofs that stand alone (C2SP tlog-proof): an index, an inclusion path and the checkpoint it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from basira.custody.strict import Malformed, decode_base64, decode_decimal, decode_hash, encode_base64

FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
SUFFIX: Final = ".tlog-proof"
MAX_PATH: Final = 63


@dataclass(frozen=True, slots=True)
class TlogProof:
    """``checkpoint`` is the signed note, verbatim. ``extra`` is vouched for by nobody."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        lines = [FIRST_LINE]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(encode_base64(step) for step in self.path)
        return ("\n".join(lines) + "\n\n").encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> TlogProof:
        """Raises :class:`Malformed` unless the bytes are exactly what :meth:`encode` would write."""
        head, blank, checkpoint = data.partition(b"\n\n")
        if not blank:
            raise Malformed("a proof has a blank line before its checkpoint")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise Malformed("a proof is ASCII up to its checkpoint") from error
        if lines.pop(0) != FIRST_LINE:
            raise Malformed("not a tlog-proof")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index "):
            raise Malformed("a proof has an index")
        index = decode_decimal(lines.pop(0).removeprefix("index "))
        if len(lines) > MAX_PATH:
            raise Malformed("inclusion path too long")
        return cls(index, tuple(decode_hash(line) for line in lines), checkpoint, extra)
