"""Sessions: a random token in a cookie, its SHA-256 in ``catalogue.db``.

A stolen copy of the database opens no session. A session ends ``idle_s`` after it was last used and ``longest_s``
after it began, whichever comes first.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from basira.access.users import User
from basira.base.clock import NS_PER_S
from basira.catalogue import schema
from basira.catalogue.store import Catalogue

# A use is written down at most this often: watching a wall must not write a row a second.
_TOUCH_EVERY_NS = 60 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Session:
    """An open session. ``csrf_token`` must come back in a header with whatever changes something."""

    user: User
    csrf_token: str
    expires_utc_ns: int

    def csrf_agrees(self, token: str | None) -> bool:
        """Whether ``token`` is this session's, compared in constant time."""
        return token is not None and hmac.compare_digest(self.csrf_token.encode(), token.encode())


class Sessions:
    """The open sessions of this node."""

    def __init__(self, catalogue: Catalogue, *, idle_s: float, longest_s: float) -> None:
        self._catalogue = catalogue
        self._idle_ns = round(idle_s * NS_PER_S)
        self._longest_ns = round(longest_s * NS_PER_S)

    def begin(self, user: User, address: str) -> tuple[str, Session]:
        """Open a session; returns its token, which is kept nowhere, and the session. Sweeps expired ones."""
        token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        now_ns = self._catalogue.clock.utc_ns()
        expires_ns = now_ns + self._longest_ns
        with self._catalogue.write() as connection:
            connection.execute(
                delete(schema.sessions).where(
                    (schema.sessions.c.expires_utc_ns <= now_ns)
                    | (schema.sessions.c.last_seen_utc_ns <= now_ns - self._idle_ns)
                )
            )
            connection.execute(
                insert(schema.sessions).values(
                    token_sha256=_digest(token),
                    user=user.name,
                    csrf_token=csrf_token,
                    created_utc_ns=now_ns,
                    last_seen_utc_ns=now_ns,
                    expires_utc_ns=expires_ns,
                    address=address,
                )
            )
        return token, Session(user, csrf_token, expires_ns)

    def find(self, token: str | None) -> Session | None:
        """The session of that token if it is still open and its user still may; this counts as a use of it."""
        if not token:
            return None
        now_ns = self._catalogue.clock.utc_ns()
        sessions, users = schema.sessions.c, schema.users.c
        with self._catalogue.read() as connection:
            row = connection.execute(
                select(schema.sessions, users.must_change_password, users.disabled)
                .join_from(schema.sessions, schema.users, sessions.user == users.name)
                .where(sessions.token_sha256 == _digest(token))
            ).first()
        if row is None or row.disabled:
            return None
        # A wall clock set back must not lengthen a session either: one that seems to begin in the future has ended.
        if not row.created_utc_ns <= now_ns < row.expires_utc_ns or now_ns - row.last_seen_utc_ns >= self._idle_ns:
            return None
        if now_ns - row.last_seen_utc_ns >= _TOUCH_EVERY_NS:
            with self._catalogue.write() as connection:
                connection.execute(
                    update(schema.sessions)
                    .where(sessions.token_sha256 == row.token_sha256)
                    .values(last_seen_utc_ns=now_ns)
                )
        return Session(User(row.user, bool(row.must_change_password)), row.csrf_token, row.expires_utc_ns)

    def end(self, token: str) -> None:
        """Close the session of that token; nothing happens when there is none."""
        with self._catalogue.write() as connection:
            connection.execute(delete(schema.sessions).where(schema.sessions.c.token_sha256 == _digest(token)))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
