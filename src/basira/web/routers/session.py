"""Logging in, who am I, changing one's password, logging out."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, Request, Response

from basira.access.sessions import Session
from basira.base.errors import BasiraError
from basira.web.guard import SESSION_COOKIE, CurrentSession, refuse_foreign_origin
from basira.web.rooms import Rooms, TheRooms
from basira.web.shapes.common import Done
from basira.web.shapes.session import Login, PasswordChange, SessionAnswer, SessionUser

log = structlog.get_logger(__name__)

door = APIRouter(prefix="/api/session", tags=["session"])
router = APIRouter(prefix="/session", tags=["session"])


def _begin(rooms: Rooms, user_name: str, request: Request, response: Response) -> SessionAnswer:
    user = rooms.users.find(user_name)
    if user is None or user.disabled:
        raise BasiraError("login_failed", status=401)
    token, session = rooms.sessions.begin(user, _address(request))
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=round(rooms.settings.session_longest_hours * 3600),
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return _answer(session)


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _answer(session: Session) -> SessionAnswer:
    user = SessionUser(name=session.user.name, must_change_password=session.user.must_change_password)
    return SessionAnswer(user=user, csrf_token=session.csrf_token)


@door.post("")
def log_in(login: Login, rooms: TheRooms, request: Request, response: Response) -> SessionAnswer:
    """Log in. Slowed down, per address and per user, after repeated failures (429 with Retry-After)."""
    refuse_foreign_origin(request)
    address = _address(request)
    rooms.throttle.check(address, login.username)
    user = rooms.users.authenticate(login.username, login.password)
    if user is None:
        rooms.throttle.failed(address, login.username)
        rooms.metrics.login_failures.inc()
        log.warning("login_failed", address=address)
        rooms.access_log.record("login_refused", login.username)
        raise BasiraError("login_failed", status=401)
    rooms.throttle.succeeded(address, login.username)
    rooms.access_log.record("login", user.name)
    log.info("login", user=user.name, address=address)
    return _begin(rooms, user.name, request, response)


@router.get("")
def who_am_i(session: CurrentSession) -> SessionAnswer:
    """The session of the cookie."""
    return _answer(session)


@router.delete("")
def log_out(session: CurrentSession, rooms: TheRooms, request: Request, response: Response) -> Done:
    """End the session."""
    rooms.sessions.end(request.cookies[SESSION_COOKIE])
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")
    log.info("logout", user=session.user.name)
    return Done()


@router.post("/password")
def change_password(
    change: PasswordChange, session: CurrentSession, rooms: TheRooms, request: Request, response: Response
) -> SessionAnswer:
    """Change one's own password. Every session of the user ends, and this one begins anew with a new cookie."""
    address = _address(request)
    rooms.throttle.check(address, session.user.name)
    try:
        rooms.users.change_password(session.user.name, change.current, change.new)
    except BasiraError as error:
        if error.code == "login_failed":
            rooms.throttle.failed(address, session.user.name)
        raise
    log.info("password_changed", user=session.user.name)
    return _begin(rooms, session.user.name, request, response)
