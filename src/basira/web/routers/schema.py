"""The OpenAPI document of all this."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from basira.web.guard import CSRF_HEADER, SESSION_COOKIE
from basira.web.shapes.feed import FeedMessage, LiveMessage

router = APIRouter(tags=["schema"])


@router.get("/openapi.json", include_in_schema=False)
def read_openapi(request: Request) -> dict[str, Any]:
    return openapi_of(cast(FastAPI, request.app))


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """The schema of ``app``, with what FastAPI does not say: how to authenticate, and what the sockets push."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    components = document.setdefault("components", {})
    pushed_messages: tuple[tuple[str, TypeAdapter[Any]], ...] = (
        ("FeedMessage", TypeAdapter(FeedMessage)),
        ("LiveMessage", TypeAdapter(LiveMessage)),
    )
    for name, adapter in pushed_messages:
        pushed = adapter.json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        components["schemas"].update(pushed.pop("$defs", {}))
        components["schemas"][name] = pushed
    components["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
        "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
    }
    for path in document["paths"].values():
        for method, operation in path.items():
            if operation["operationId"] != "log_in":
                operation["security"] = [{"session": []} | ({} if method == "get" else {"csrf": []})]
    app.openapi_schema = document
    return document
