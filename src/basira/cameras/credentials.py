"""Passwords of cameras and secrets of webhooks, sealed at rest under a key of this node."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from basira.base.errors import BasiraError

_KEY_FILE: Final = "credentials.key"
_KEY_LENGTH: Final = 32
_NONCE_LENGTH: Final = 12
_VERSION: Final = b"\x01"


class Vault:
    """Seals and opens secrets with AES-256-GCM.

    A sealed secret is bound to the site and to what it belongs to (``owner``: a camera's or a webhook's
    identifier): moved to another row it does not open.
    """

    def __init__(self, key: bytes, site: str) -> None:
        self._cipher = AESGCM(key)
        self._site = site

    @classmethod
    def open(cls, keys_dir: Path, site: str) -> Vault:
        """The vault of the node whose key lies in ``keys_dir`` (mode 0700, file 0600); the first call makes it."""
        return cls(_node_key(keys_dir), site)

    def seal(self, owner: str, secret: SecretStr) -> bytes:
        nonce = secrets.token_bytes(_NONCE_LENGTH)
        sealed = self._cipher.encrypt(nonce, secret.get_secret_value().encode(), self._bound_to(owner))
        return _VERSION + nonce + sealed

    def unseal(self, owner: str, sealed: bytes) -> SecretStr:
        """Raises BasiraError ``credentials_unreadable`` when the key, the site or the owner is another."""
        nonce, body = sealed[1 : 1 + _NONCE_LENGTH], sealed[1 + _NONCE_LENGTH :]
        if sealed[:1] != _VERSION or len(nonce) != _NONCE_LENGTH:
            raise BasiraError("credentials_unreadable", owner=owner)
        try:
            return SecretStr(self._cipher.decrypt(nonce, body, self._bound_to(owner)).decode())
        except InvalidTag:
            raise BasiraError("credentials_unreadable", owner=owner) from None

    def _bound_to(self, owner: str) -> bytes:
        return b"\x00".join((b"basira credential 1", self._site.encode(), owner.encode()))


def _node_key(keys_dir: Path) -> bytes:
    keys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = keys_dir / _KEY_FILE
    if not path.exists():
        _create_key(path)
    if path.stat().st_mode & 0o077:
        raise BasiraError("key_file_exposed", status=500, path=path.name)
    key = path.read_bytes()
    if len(key) != _KEY_LENGTH:
        raise BasiraError("key_file_damaged", status=500, path=path.name)
    return key


def _create_key(path: Path) -> None:
    """Write a fresh key whole or not at all; of two processes that race, the first one's key stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(_KEY_LENGTH))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
