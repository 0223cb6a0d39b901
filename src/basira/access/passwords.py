"""Passwords: hashed with argon2id, checked in constant effort whether or not the user exists."""

from __future__ import annotations

import secrets
import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from basira.base.errors import BasiraError

SHORTEST_PASSWORD = 10
# argon2 takes its time and memory from the caller: an endless password must not be an endless job.
LONGEST_PASSWORD = 256
# Letters and digits that are not mistaken for one another when read aloud from a terminal.
_SPOKEN = "23456789abcdefghjkmnpqrstuvwxyz"


def new_one_time_password() -> str:
    """A fresh password of four groups of four (79 bits), to be printed once and changed at first login."""
    return "-".join("".join(secrets.choice(_SPOKEN) for _ in range(4)) for _ in range(4))


class Passwords:
    """Hashes and verifies. ``parallel`` bounds how many run at once, for each takes 64 MiB of memory by design."""

    def __init__(self, hasher: PasswordHasher | None = None, *, parallel: int = 2) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = threading.BoundedSemaphore(parallel)

    def hash(self, password: str, user: str) -> str:
        """The argon2id hash to store. Raises BasiraError ``password_too_weak``."""
        plain = password.casefold()
        if (
            not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
            or len(set(plain)) < 4
            or user.casefold() in plain
        ):
            raise BasiraError("password_too_weak", status=422, shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)
        with self._slots:
            return self._hasher.hash(password)

    def verify(self, password: str, stored: str | None) -> bool:
        """Whether ``password`` belongs to the hash; as slow for ``None`` (no such user) as for a real one."""
        if len(password) > LONGEST_PASSWORD:
            return False
        with self._slots:
            try:
                self._hasher.verify(stored or self._nobody, password)
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False
        return stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_hex(16))
