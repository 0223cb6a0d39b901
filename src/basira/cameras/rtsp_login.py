"""Proving to a camera who asks: Digest (RFC 7616) where it is offered, Basic (RFC 7617) where nothing better is."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import Final

from pydantic import SecretStr

_PARAMETER: Final = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')
_ALGORITHMS: Final = {"": "md5", "md5": "md5", "sha-256": "sha256"}


class LoginUnknown(Exception):
    """None of the ways offered is known here."""


class Login:
    """Answers to one camera's challenge. What it returns is a secret."""

    def __init__(self, challenges: Sequence[str], username: str, password: SecretStr) -> None:
        """``challenges``: the values of ``WWW-Authenticate``. Raises LoginUnknown."""
        self._username = username
        self._password = password
        self._count = 0
        self._algorithm = ""
        offers = {challenge.partition(" ")[0].lower(): challenge for challenge in challenges}
        if (offer := offers.get("digest")) is not None:
            found = {key.lower(): quoted or plain for key, quoted, plain in _PARAMETER.findall(offer)}
            self._algorithm = _ALGORITHMS.get(found.get("algorithm", "").lower(), "")
            self._realm, self._nonce = found.get("realm", ""), found.get("nonce", "")
            self._told = found
            if not all(text.isprintable() and '"' not in text for text in (username, *found.values())):
                raise LoginUnknown
        if not self._algorithm and "basic" not in offers:
            raise LoginUnknown

    def header(self, method: str, uri: str) -> str:
        """The value of ``Authorization`` for one request."""
        password = self._password.get_secret_value()
        if not self._algorithm:
            return "Basic " + base64.b64encode(f"{self._username}:{password}".encode()).decode()
        who = self._hash(f"{self._username}:{self._realm}:{password}")
        what = self._hash(f"{method}:{uri}")
        fields = {"username": self._username, "realm": self._realm, "nonce": self._nonce, "uri": uri}
        extra = ""
        if "auth" in (way.strip() for way in self._told.get("qop", "").split(",")):
            self._count += 1
            times, chance = f"{self._count:08x}", secrets.token_hex(8)
            proof = self._hash(f"{who}:{self._nonce}:{times}:{chance}:auth:{what}")
            extra = f', qop=auth, nc={times}, cnonce="{chance}"'
        else:
            proof = self._hash(f"{who}:{self._nonce}:{what}")
        fields["response"] = proof
        if "opaque" in self._told:
            fields["opaque"] = self._told["opaque"]
        if self._told.get("algorithm"):
            extra += f", algorithm={self._told['algorithm']}"
        return "Digest " + ", ".join(f'{name}="{value}"' for name, value in fields.items()) + extra

    def _hash(self, text: str) -> str:
        return hashlib.new(self._algorithm, text.encode(), usedforsecurity=False).hexdigest()
