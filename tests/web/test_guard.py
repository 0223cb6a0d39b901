"""Nobody does anything without a session, but for the few routes that are named here."""

from __future__ import annotations

import re

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse

from basira.web.guard import CSRF_HEADER, SESSION_COOKIE
from tests.web.conftest import Site, log_in

OPEN_ROUTES = {("POST", "/api/session"), ("GET", "/healthz"), ("GET", "/x")}  # the last: the files of the page
_EXAMPLES = {"camera": "cam-1", "stream": "main", "recording": "1", "segment": "0", "offset": "0", "length": "1"}


def _walk(site: Site) -> list[tuple[str, str]]:
    """Method and path of every route of the application; ``WS`` for sockets."""
    found: list[tuple[str, str]] = []
    for route in iter_route_contexts(site.app.routes):
        assert route.path is not None
        path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: _EXAMPLES.get(match[1], "x"), route.path)
        found += [(method, path) for method in sorted(route.methods or {"WS"}) if method != "HEAD"]
    return found


def _refusal(client: TestClient, method: str, path: str) -> tuple[int, str]:
    if method != "WS":
        answer = client.request(method, path)
        return answer.status_code, answer.json()["error"]["code"]
    with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect("wss://testserver" + path):
        pass
    return refused.value.status_code, refused.value.json()["error"]["code"]


def test_the_walk_sees_the_routes(site: Site) -> None:
    routes = _walk(site)
    assert len(routes) > 40
    assert ("WS", "/api/feed") in routes
    assert ("GET", "/api/media/cam-1/main/1/0.mp4") in routes


def test_a7_every_route_but_the_open_ones_needs_a_session(site: Site, visitor: TestClient) -> None:
    """Anti-pattern A7, an anonymous admin port or authentication that is off by default: there is neither."""
    for method, path in _walk(site):
        if (method, path) not in OPEN_ROUTES:
            assert _refusal(visitor, method, path) == (401, "login_required"), (method, path)


def test_a_made_up_or_ended_session_opens_nothing(site: Site, operator: TestClient) -> None:
    token = operator.cookies[SESSION_COOKIE]
    operator.delete("/api/session")
    for dead in (token, "x", "0" * 5000):
        operator.cookies.set(SESSION_COOKIE, dead)
        for method, path in _walk(site):
            if (method, path) not in OPEN_ROUTES:
                assert _refusal(operator, method, path) == (401, "login_required"), (method, path)


@pytest.mark.parametrize("header", [None, "", "wrong"])
def test_whatever_changes_something_needs_the_csrf_token(site: Site, operator: TestClient, header: str | None) -> None:
    del operator.headers[CSRF_HEADER]
    if header is not None:
        operator.headers[CSRF_HEADER] = header
    for method, path in _walk(site):
        if method not in ("GET", "WS") and (method, path) not in OPEN_ROUTES:
            assert _refusal(operator, method, path) == (403, "csrf_failed"), (method, path)


def test_another_users_csrf_token_does_not_do(site: Site, operator: TestClient) -> None:
    other = TestClient(site.app, base_url="https://testserver")
    log_in(other)
    operator.headers[CSRF_HEADER] = other.headers[CSRF_HEADER]
    assert _refusal(operator, "PATCH", "/api/site") == (403, "csrf_failed")


def test_requests_from_another_site_are_refused_even_with_everything_right(site: Site, operator: TestClient) -> None:
    operator.headers["Origin"] = "https://evil.example"
    assert _refusal(operator, "PATCH", "/api/site") == (403, "origin_refused")
    assert _refusal(operator, "WS", "/api/feed") == (403, "origin_refused")
    assert _refusal(operator, "WS", "/api/live/cam-1/main") == (403, "origin_refused")
    answer = operator.post("/api/session", json={"username": "noor", "password": "x"})
    assert answer.json()["error"]["code"] == "origin_refused"


def test_the_pages_own_origin_is_welcome(operator: TestClient) -> None:
    operator.headers["Origin"] = "https://testserver"
    assert operator.patch("/api/site", json={"name": "الموقع"}).json()["name"] == "الموقع"


def test_a_one_time_password_opens_only_the_session(site: Site, visitor: TestClient) -> None:
    once = site.add_user("zaid")
    log_in(visitor, once, user="zaid")
    assert visitor.get("/api/session").json()["user"] == {"name": "zaid", "must_change_password": True}
    for method, path in _walk(site):
        if path.startswith("/api/") and not path.startswith("/api/session"):
            assert _refusal(visitor, method, path) == (403, "password_change_required"), (method, path)
