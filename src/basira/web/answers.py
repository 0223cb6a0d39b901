"""Every error as the one JSON shape, in both languages, with the number of the request."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import Scope
from starlette.websockets import WebSocket

from basira.base.errors import BasiraError
from basira.web.shapes.common import ErrorAnswer, ErrorBody, Problem

# Every body the API takes is a small JSON document.
LARGEST_BODY = 256 * 1024

log = structlog.get_logger(__name__)


def request_id_of(scope: Scope) -> str:
    """The number of this request, given by :class:`basira.web.envelope.Envelope`."""
    return str(scope.get("state", {}).get("request_id", ""))


def too_large() -> BasiraError:
    """The refusal of a body past the limit."""
    return BasiraError("request_too_large", status=413, limit=LARGEST_BODY)


def error_response(error: BasiraError, scope: Scope, headers: dict[str, str] | None = None) -> JSONResponse:
    """The answer that tells ``error``."""
    problem = Problem.of(error)
    body = ErrorAnswer(error=ErrorBody(**problem.model_dump(), request_id=request_id_of(scope)))
    extra = dict(headers or {})
    if error.status == 429:
        extra["Retry-After"] = str(error.params.get("wait_s", 1))
    if error.code == "range_not_satisfiable":
        extra["Content-Range"] = f"bytes */{error.params['length']}"
    return JSONResponse(body.model_dump(), error.status, extra)


async def _answer(
    connection: HTTPConnection, error: BasiraError, headers: dict[str, str] | None = None
) -> Response | None:
    log.info("refused", code=error.code, status=error.status)
    response = error_response(error, connection.scope, headers)
    if isinstance(connection, WebSocket):
        await connection.send_denial_response(response)
        return None
    return response


async def _of_basira(connection: HTTPConnection, error: BasiraError) -> Response | None:
    return await _answer(connection, error)


async def _of_validation(
    connection: HTTPConnection, error: RequestValidationError | WebSocketRequestValidationError
) -> Response | None:
    # Only where and why: what was sent may hold a password.
    first: dict[str, Any] = dict(error.errors()[0])
    where = ".".join(str(part) for part in first.get("loc", ()))[:200]
    reason = str(first.get("msg", "")).removeprefix("Value error, ")[:200]
    return await _answer(connection, BasiraError("invalid_request", status=422, where=where, reason=reason))


async def _of_database(connection: HTTPConnection, error: OperationalError) -> Response | None:
    # Locked for too long, or the recorder has not made its index yet: both pass.
    log.warning("database_unavailable", reason=str(error.orig))
    return await _answer(connection, BasiraError("database_unavailable", status=503))


async def _of_http(connection: HTTPConnection, error: HTTPException) -> Response | None:
    if error.status_code == 404:
        plain = BasiraError("not_found", status=404)
    elif error.status_code == 405:
        plain = BasiraError("method_not_allowed", status=405)
    elif error.status_code == 413:
        plain = too_large()
    else:
        plain = BasiraError("request_refused", status=error.status_code, http_status=error.status_code)
    return await _answer(connection, plain, dict(error.headers or {}))


def install(app: FastAPI) -> None:
    """Make ``app`` answer every error in this shape."""
    app.add_exception_handler(BasiraError, _of_basira)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _of_validation)  # type: ignore[arg-type]
    app.add_exception_handler(WebSocketRequestValidationError, _of_validation)  # type: ignore[arg-type]
    app.add_exception_handler(OperationalError, _of_database)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _of_http)  # type: ignore[arg-type]
