"""Signed notes (C2SP signed-note): a text, a blank line, and signature lines by named keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from basira.custody.strict import Malformed, decode_base64, encode_base64
from basira.custody.vkey import is_key_name

MAX_NOTE_BYTES: Final = 1_000_000
MAX_SIGNATURES: Final = 100
_KEY_ID_LENGTH: Final = 4


class BadSignature(ValueError):
    """A signature by a known key does not verify, or no known key has signed at all."""


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature: who says to have made it, the ID of the key, and the bytes."""

    name: str
    key_id: bytes
    blob: bytes

    def encode(self) -> str:
        return f"— {self.name} {encode_base64(self.key_id + self.blob)}\n"

    @classmethod
    def parse(cls, line: str) -> SignatureLine:
        """Of a line without its newline."""
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—":
            raise Malformed("not a signature line")
        if not is_key_name(parts[1]):
            raise Malformed("bad key name in a signature line")
        data = decode_base64(parts[2])
        if len(data) <= _KEY_ID_LENGTH:
            raise Malformed("signature too short")
        return cls(parts[1], data[:_KEY_ID_LENGTH], data[_KEY_ID_LENGTH:])


def parse_signature_lines(text: str) -> tuple[SignatureLine, ...]:
    """Of one or more lines, each ended by a newline."""
    if not text.endswith("\n"):
        raise Malformed("the last signature line does not end")
    lines = text[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed("too many signatures")
    return tuple(SignatureLine.parse(line) for line in lines)


@dataclass(frozen=True, slots=True)
class Note:
    """A text (ending in a newline) and its signatures. Nothing in the text is to be believed before :func:`verify`."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def encode(self) -> bytes:
        return (self.text + "\n" + "".join(line.encode() for line in self.signatures)).encode()

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Raises :class:`Malformed` unless the bytes are exactly what :meth:`encode` would write."""
        if len(data) > MAX_NOTE_BYTES:
            raise Malformed("note too long")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed("note is not UTF-8") from error
        if any((ord(c) < 0x20 and c != "\n") or ord(c) == 0x7F for c in whole):
            raise Malformed("control character in a note")
        split = whole.rfind("\n\n")
        if split < 0:
            raise Malformed("a note has a blank line before its signatures")
        return cls(whole[: split + 1], parse_signature_lines(whole[split + 2 :]))


class NoteVerifier(Protocol):
    """A public key that can check a signature over a note's text."""

    @property
    def name(self) -> str: ...

    @property
    def id(self) -> bytes: ...

    def verify(self, text: str, blob: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A signature line that its key vouches for."""

    verifier: NoteVerifier
    line: SignatureLine


def verify(note: Note, verifiers: Iterable[NoteVerifier]) -> tuple[VerifiedSignature, ...]:
    """The signatures made by the given keys, in the order of the note; lines of other keys are ignored.

    Raises :class:`BadSignature` when a given key's signature fails, or when none of them has signed.
    """
    known = {(verifier.name, verifier.id): verifier for verifier in verifiers}
    verified: list[VerifiedSignature] = []
    for line in note.signatures:
        verifier = known.get((line.name, line.key_id))
        if verifier is None:
            continue
        if not verifier.verify(note.text, line.blob):
            raise BadSignature(f"the signature of {line.name} does not verify")
        verified.append(VerifiedSignature(verifier, line))
    if not verified:
        raise BadSignature("no known key has signed")
    return tuple(verified)
