"""The witness over HTTP: submissions, the monitoring address, and a page for people."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from jinja2 import Environment, PackageLoader

from basira.custody.submission import MAX_BODY_BYTES
from basira.custody.witness.service import Answer, Witness

_PAGES = Environment(loader=PackageLoader("basira.custody.witness"), autoescape=True)


def _response(answer: Answer) -> Response:
    # As a header and not as media_type: Starlette would add a charset, which tlog-witness does not allow for.
    headers = {
        "Content-Type": answer.content_type,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(answer.body, answer.status, headers)


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


_PAGES.filters["utc"] = _utc


async def _limited_body(request: Request) -> bytes | None:
    """The body, or None when it is longer than any submission can be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def make_app(witness: Witness, name: str) -> FastAPI:
    """Submission and monitoring prefix are both the root of this application."""
    app = FastAPI(title="Basira witness", openapi_url=None, docs_url=None, redoc_url=None)

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        body = await _limited_body(request)
        if body is None:
            return _response(Answer(HTTPStatus.BAD_REQUEST, b"body too long\n"))
        return _response(await run_in_threadpool(witness.add_checkpoint, body))

    @app.get("/{origin_sha256}/checkpoint")
    def checkpoint(origin_sha256: str) -> Response:
        return _response(witness.latest(origin_sha256))

    @app.get("/refusals/{number}")
    def refusal(number: int) -> Response:
        for one in witness.refusals():
            if one.id == number:
                return _response(Answer(200, one.request + b"\n\n" + one.head))
        return _response(Answer(404, b"no such refusal\n"))

    @app.get("/")
    def page() -> Response:
        html = _PAGES.get_template("page.html.j2").render(
            name=name,
            keys=[key.encode() for key in witness.keys],
            origins=witness.origins,
            heads={head.checkpoint.origin: head for head in witness.heads()},
            refusals=witness.refusals(),
        )
        return _response(Answer(200, html.encode(), "text/html; charset=utf-8"))

    return app
