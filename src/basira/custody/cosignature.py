"""Making and checking the three kinds of signature a checkpoint carries (C2SP signed-note, tlog-cosignature).

Ed25519 (0x01) is the log's own. A cosignature, Ed25519 (0x04) or ML-DSA-44 (0x06), adds the time at which its
maker saw this head as the largest consistent one of the log.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from basira.custody.checkpoint import Checkpoint
from basira.custody.note import SignatureLine
from basira.custody.strict import Malformed
from basira.custody.vkey import KeyType, VerifierKey

SEED_LENGTH: Final = 32
MAX_TIMESTAMP: Final = 2**63 - 1
_TIMESTAMP_LENGTH: Final = 8
_SIGNATURE_LENGTHS = {
    KeyType.ED25519: 64,
    KeyType.ED25519_COSIGNATURE: _TIMESTAMP_LENGTH + 64,
    KeyType.MLDSA44_COSIGNATURE: _TIMESTAMP_LENGTH + 2420,
}


def timestamp_of(blob: bytes) -> int:
    """POSIX seconds in a cosignature of either kind."""
    if len(blob) < _TIMESTAMP_LENGTH:
        raise Malformed("cosignature too short")
    seconds: int = struct.unpack_from(">Q", blob)[0]
    return seconds


def _signed_bytes(key: VerifierKey, text: str, timestamp_s: int) -> bytes:
    """What a key of this kind signs for a note with this text."""
    if key.kind is KeyType.ED25519:
        return text.encode()
    if key.kind is KeyType.ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {timestamp_s}\n{text}".encode()
    checkpoint = Checkpoint.parse(text)
    name, origin = key.name.encode(), checkpoint.origin.encode()
    if len(name) > 255:
        raise Malformed("cosigner name too long")
    return (
        b"subtree/v1\n\0"
        + bytes([len(name)]) + name
        + struct.pack(">Q", timestamp_s)
        + bytes([len(origin)]) + origin
        + struct.pack(">QQ", 0, checkpoint.size)
        + checkpoint.root
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignatureVerifier:
    """A :class:`basira.custody.note.NoteVerifier` for every kind of key in :class:`KeyType`."""

    key: VerifierKey

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def id(self) -> bytes:
        return self.key.id

    def verify(self, text: str, blob: bytes) -> bool:
        kind = self.key.kind
        if len(blob) != _SIGNATURE_LENGTHS[kind]:
            return False
        timestamp_s, signature = 0, blob
        if kind is not KeyType.ED25519:
            timestamp_s, signature = timestamp_of(blob), blob[_TIMESTAMP_LENGTH:]
            # 0 would mean a subtree signature, which says nothing about time.
            if not 0 < timestamp_s <= MAX_TIMESTAMP:
                return False
        try:
            message = _signed_bytes(self.key, text, timestamp_s)
            if kind is KeyType.MLDSA44_COSIGNATURE:
                MLDSA44PublicKey.from_public_bytes(self.key.public).verify(signature, message)
            else:
                Ed25519PublicKey.from_public_bytes(self.key.public).verify(signature, message)
        except (InvalidSignature, Malformed):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with the name it signs under. ``seed`` is secret: 32 bytes, whatever the kind of key."""

    name: str
    kind: KeyType
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_LENGTH:
            raise ValueError("a seed is 32 bytes")

    @property
    def vkey(self) -> VerifierKey:
        if self.kind is KeyType.MLDSA44_COSIGNATURE:
            public = MLDSA44PrivateKey.from_seed_bytes(self.seed).public_key().public_bytes_raw()
        else:
            public = (
                Ed25519PrivateKey.from_private_bytes(self.seed)
                .public_key()
                .public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            )
        return VerifierKey(self.name, self.kind, public)

    def sign(self, text: str, timestamp_s: int) -> SignatureLine:
        """Sign a note's text. The log's plain Ed25519 signature carries no time; cosignatures do, and it is not 0."""
        key = self.vkey
        message = _signed_bytes(key, text, timestamp_s)
        if self.kind is KeyType.MLDSA44_COSIGNATURE:
            signature = MLDSA44PrivateKey.from_seed_bytes(self.seed).sign(message)
        else:
            signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)
        if self.kind is KeyType.ED25519:
            return SignatureLine(self.name, key.id, signature)
        if not 0 < timestamp_s <= MAX_TIMESTAMP:
            raise ValueError("a cosignature has a time")
        return SignatureLine(self.name, key.id, struct.pack(">Q", timestamp_s) + signature)
