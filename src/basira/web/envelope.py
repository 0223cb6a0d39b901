"""Around every request: its number, a limit on its body, security headers, and an answer whatever fails inside."""

from __future__ import annotations

import secrets
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from basira.base.errors import BasiraError
from basira.web.answers import LARGEST_BODY, error_response, too_large
from basira.web.rooms import Rooms

log = structlog.get_logger(__name__)

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Envelope:
    """ASGI middleware; the outermost but for Starlette's own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(
            request=request_id, method=scope.get("method", "WS"), path=scope["path"][:200]
        ):
            if scope["type"] == "websocket":
                await self._app(scope, receive, send)
            else:
                await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started_at = time.perf_counter()
        started = False
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                raise HTTPException(413)
            return message

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _count(scope, message["status"], time.perf_counter() - started_at)
                _add_headers(MutableHeaders(scope=message), scope)
            await send(message)

        if _declared_length(scope) > LARGEST_BODY:
            await error_response(too_large(), scope, {"Connection": "close"})(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, receive_within_limit, send_with_headers)
        except Exception as error:
            log.exception("failed", error=type(error).__name__)
            if started:
                raise
            failure = BasiraError("internal_error", status=500)
            await error_response(failure, scope)(scope, receive, send_with_headers)


def _count(scope: Scope, status: int, seconds: float) -> None:
    """Counted by operation, never by path: paths are for strangers to make up."""
    rooms: Rooms | None = getattr(scope["app"].state, "rooms", None) if "app" in scope else None
    if rooms is not None:
        operation = getattr(scope.get("endpoint"), "__name__", "none")
        rooms.metrics.requests.labels(operation, status).inc()
        rooms.metrics.request_seconds.labels(operation).observe(seconds)


def _declared_length(scope: Scope) -> int:
    text = Headers(scope=scope).get("content-length", "0")
    return int(text) if text.isdecimal() else 0


def _add_headers(headers: MutableHeaders, scope: Scope) -> None:
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    headers["X-Request-Id"] = scope["state"]["request_id"]
    if scope["scheme"] == "https":
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if scope["path"].startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")
