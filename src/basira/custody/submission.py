"""The body of a witness's ``add-checkpoint`` request (C2SP tlog-witness), and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from basira.custody.checkpoint import MAX_SIZE
from basira.custody.note import MAX_NOTE_BYTES
from basira.custody.strict import Malformed, decode_decimal, decode_hash, encode_base64

MAX_PROOF: Final = 63
MAX_BODY_BYTES: Final = MAX_NOTE_BYTES + 4_096
SIZE_CONTENT_TYPE: Final = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Submission:
    """A signed checkpoint (``note``, verbatim) with the proof that it grew out of the one of ``old_size``."""

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes

    def encode(self) -> bytes:
        lines = [f"old {self.old_size}", *(encode_base64(step) for step in self.proof)]
        return ("\n".join(lines) + "\n\n").encode() + self.note

    @classmethod
    def parse(cls, body: bytes) -> Submission:
        """Raises :class:`Malformed` unless the bytes are exactly what :meth:`encode` would write."""
        if len(body) > MAX_BODY_BYTES:
            raise Malformed("body too long")
        head, blank, note = body.partition(b"\n\n")
        if not blank:
            raise Malformed("a submission has a blank line before its checkpoint")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise Malformed("not ASCII before the checkpoint") from error
        first = lines.pop(0)
        if not first.startswith("old "):
            raise Malformed("a submission begins with the old size")
        if len(lines) > MAX_PROOF:
            raise Malformed("consistency proof too long")
        old_size = decode_decimal(first.removeprefix("old "), MAX_SIZE)
        return cls(old_size, tuple(decode_hash(line) for line in lines), note)
