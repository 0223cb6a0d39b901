"""The node's custody keys: what signs its log, and what turns names into pseudonyms.

``keys/log`` holds three lines of hex, mode 0600: the Ed25519 seed, the ML-DSA-44 seed, the pseudonym key. Whoever
destroys the third makes the pseudonyms in the log meaningless for ever.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from basira.custody.cosignature import Signer
from basira.custody.tiles import write_synced
from basira.custody.vkey import KeyType


@dataclass(frozen=True, slots=True)
class CustodyKeys:
    """Secret; never in a log line, an answer or a bundle."""

    ed25519_seed: bytes = field(repr=False)
    mldsa44_seed: bytes = field(repr=False)
    pseudonym_key: bytes = field(repr=False)

    def signers(self, origin: str, generation: int) -> tuple[Signer, ...]:
        """The log signs with both: any peer can check Ed25519, and ML-DSA-44 outlives quantum computers.

        Each generation has keys of its own, because a policy may not hold one public key under two names.
        """
        return (
            Signer(origin, KeyType.ED25519, _of_generation(self.ed25519_seed, generation)),
            Signer(origin, KeyType.MLDSA44_COSIGNATURE, _of_generation(self.mldsa44_seed, generation)),
        )

    def pseudonym(self, user: str) -> str:
        """The same for the same user, and telling nothing about them without the key."""
        return "p-" + hmac.new(self.pseudonym_key, b"user\0" + user.encode(), hashlib.sha256).hexdigest()[:20]

    def commitment(self, what: str, text: str) -> str:
        """A salted hash of words that must not be in the log. ``what`` makes equal words differ between things."""
        message = b"words\0" + what.encode() + b"\0" + text.encode()
        return hmac.new(self.pseudonym_key, message, hashlib.sha256).hexdigest()


def _of_generation(seed: bytes, generation: int) -> bytes:
    return seed if generation == 1 else hmac.new(seed, f"generation {generation}".encode(), hashlib.sha256).digest()


def load_keys(folder: Path) -> CustodyKeys:
    """The keys in ``folder``, made on first use."""
    path = folder / "log"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        write_synced(path, "".join(f"{secrets.token_hex(32)}\n" for _ in range(3)).encode(), 0o600)
    return CustodyKeys(*(bytes.fromhex(line) for line in path.read_text("ascii").split()))
