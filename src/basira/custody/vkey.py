"""Verifier keys: the one-line public keys of C2SP signed-note."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass

from basira.custody.strict import Malformed, decode_base64, encode_base64


class KeyType(enum.IntEnum):
    """The signature types of C2SP that this log uses."""

    ED25519 = 0x01
    ED25519_COSIGNATURE = 0x04
    MLDSA44_COSIGNATURE = 0x06


PUBLIC_KEY_LENGTHS = {
    KeyType.ED25519: 32,
    KeyType.ED25519_COSIGNATURE: 32,
    KeyType.MLDSA44_COSIGNATURE: 1312,
}


def is_key_name(name: str) -> bool:
    """Whether ``name`` may name a key: not empty, no white space of any kind, no ``+``, no control character."""
    return bool(name) and not any(c.isspace() or c == "+" or ord(c) < 0x20 or ord(c) == 0x7F for c in name)


def key_id(name: str, kind: KeyType, public: bytes) -> bytes:
    """The four bytes that tell one key of a name from another."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name it signs under."""

    name: str
    kind: KeyType
    public: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise Malformed("bad key name")
        if len(self.public) != PUBLIC_KEY_LENGTHS[self.kind]:
            raise Malformed("public key of the wrong length")

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.kind, self.public)

    def encode(self) -> str:
        """``name+hex ID+base64``, the form in which keys are published."""
        return f"{self.name}+{self.id.hex()}+{encode_base64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Raises :class:`Malformed` unless the text is exactly what :meth:`encode` would write."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise Malformed("a verifier key has three parts")
        name, ident, encoded = parts
        data = decode_base64(encoded)
        try:
            kind = KeyType(data[0])
        except (IndexError, ValueError) as error:
            raise Malformed("unknown key type") from error
        key = cls(name, kind, data[1:])
        if key.id.hex() != ident:
            raise Malformed("the key ID is not this key's")
        return key
