"""The folder a witness lives in: its name and keys, the logs it follows, and its memory.

``key`` (name and two seeds, mode 0600), ``logs`` (``log <vkey>`` lines), ``witness.db``.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from basira.base.clock import Clock
from basira.base.errors import BasiraError
from basira.custody.cosignature import Signer
from basira.custody.policy import parse_policy
from basira.custody.strict import Malformed
from basira.custody.tiles import write_synced
from basira.custody.vkey import KeyType, VerifierKey, is_key_name
from basira.custody.witness.memory import WitnessMemory
from basira.custody.witness.schema import metadata
from basira.custody.witness.service import Witness
from basira.databases.migrate import upgrade
from basira.databases.sqlite import open_database

_KINDS: Final = (KeyType.ED25519_COSIGNATURE, KeyType.MLDSA44_COSIGNATURE)


class WitnessHome:
    """Made once with :meth:`create`; a witness whose folder is lost gets a new name and new keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def _key_path(self) -> Path:
        return self.folder / "key"

    @property
    def _logs_path(self) -> Path:
        return self.folder / "logs"

    def create(self, name: str) -> None:
        """Make keys. Raises BasiraError ``witness_exists`` or ``witness_bad_name``."""
        if self._key_path.exists():
            raise BasiraError("witness_exists", folder=str(self.folder))
        if not is_key_name(name):
            raise BasiraError("witness_bad_name", name=name)
        lines = [name, *(secrets.token_hex(32) for _ in _KINDS), ""]
        write_synced(self._key_path, "\n".join(lines).encode(), 0o600)
        write_synced(self._logs_path, b"# one line a log: log <verifier key>\n")

    def signers(self) -> list[Signer]:
        """Raises BasiraError ``witness_missing``."""
        if not self._key_path.exists():
            raise BasiraError("witness_missing", folder=str(self.folder))
        name, *seeds = self._key_path.read_text("utf-8").split("\n")[:-1]
        return [Signer(name, kind, bytes.fromhex(seed)) for kind, seed in zip(_KINDS, seeds, strict=True)]

    def follow(self, vkey: str) -> VerifierKey:
        """Trust a log from now on. Raises BasiraError ``witness_bad_log``."""
        try:
            key = VerifierKey.parse(vkey)
        except Malformed as error:
            raise BasiraError("witness_bad_log", reason=str(error)) from error
        if key not in [known for keys in self.trusted().values() for known in keys]:
            write_synced(self._logs_path, self._logs_path.read_bytes() + f"log {key.encode()}\n".encode())
        return key

    def trusted(self) -> dict[str, list[VerifierKey]]:
        """The keys of each log, by origin. Raises BasiraError ``witness_bad_log``."""
        try:
            policy = parse_policy(self._logs_path.read_bytes() + b"quorum none\n")
        except Malformed as error:
            raise BasiraError("witness_bad_log", reason=str(error)) from error
        trusted: dict[str, list[VerifierKey]] = {}
        for line in policy.logs:
            trusted.setdefault(line.key.name, []).append(line.key)
        return trusted

    def open(self, clock: Clock) -> Witness:
        """The witness, ready to answer."""
        signers = self.signers()
        engine = open_database(self.folder / "witness.db")
        upgrade(engine, "basira.custody.witness", metadata)
        return Witness(signers, self.trusted(), WitnessMemory(engine), clock)
