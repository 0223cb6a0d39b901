"""Who may call: nobody without a session, unless the route is one of the few that say so.

``authenticated`` hangs on the whole API router, so a new route is closed by default.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import HTTPConnection

from basira.access.sessions import Session
from basira.base.errors import BasiraError
from basira.web.rooms import Rooms, TheRooms

SESSION_COOKIE = "basira_session"
CSRF_HEADER = "X-Basira-CSRF"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_foreign_origin(connection: HTTPConnection) -> None:
    """A browser that says which site a request comes from must say this one. Raises ``origin_refused``.

    Programs send no Origin. WebSockets know no CSRF header, so for them this and SameSite are the defence.
    """
    origin = connection.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != connection.headers.get("host", "").lower():
        raise BasiraError("origin_refused", status=403)


def _changes_something(connection: HTTPConnection) -> bool:
    return connection.scope["type"] == "http" and connection.scope["method"] not in _SAFE_METHODS


def session_of(connection: HTTPConnection, rooms: Rooms) -> Session | None:
    """The open session whose cookie the connection carries."""
    return rooms.sessions.find(connection.cookies.get(SESSION_COOKIE))


def authenticated(connection: HTTPConnection, rooms: TheRooms) -> Session:
    """The caller's session. Raises ``login_required`` (401), ``origin_refused`` or ``csrf_failed`` (403)."""
    session = session_of(connection, rooms)
    if session is None:
        raise BasiraError("login_required", status=401)
    if connection.scope["type"] == "websocket" or _changes_something(connection):
        refuse_foreign_origin(connection)
    if _changes_something(connection) and not session.csrf_agrees(connection.headers.get(CSRF_HEADER)):
        raise BasiraError("csrf_failed", status=403)
    return session


CurrentSession = Annotated[Session, Depends(authenticated)]


def password_settled(session: CurrentSession) -> None:
    """Nothing but the session itself is open to a one-time password. Raises ``password_change_required`` (403)."""
    if session.user.must_change_password:
        raise BasiraError("password_change_required", status=403)
