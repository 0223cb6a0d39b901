"""Whatever goes wrong, the answer has one shape, both languages and a number."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from basira.web.answers import LARGEST_BODY
from tests.web.conftest import PASSWORD, Site


def _code(answer: Response) -> str:
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "params", "request_id"}
    assert error["message"]["ar"] and error["message"]["en"]
    assert error["request_id"] == answer.headers["x-request-id"]
    return str(error["code"])


def test_an_unknown_path_and_a_wrong_method_have_the_shape(operator: TestClient) -> None:
    assert _code(operator.get("/api/nowhere")) == "not_found"
    assert _code(operator.put("/api/site")) == "method_not_allowed"


def test_an_invalid_body_says_where_and_never_repeats_what_was_sent(visitor: TestClient) -> None:
    answer = visitor.post("/api/session", json={"username": "noor", "password": ["hunter2"]})
    assert answer.status_code == 422
    assert _code(answer) == "invalid_request"
    assert answer.json()["error"]["params"]["where"] == "body.password"
    assert "hunter2" not in answer.text
    assert _code(visitor.post("/api/session", content=b"{", headers={"Content-Type": "application/json"})) == (
        "invalid_request"
    )


def test_a_huge_body_is_refused_with_and_without_its_length(visitor: TestClient) -> None:
    body = b'{"username": "' + b"x" * LARGEST_BODY + b'"}'
    headers = {"Content-Type": "application/json"}
    declared = visitor.post("/api/session", content=body, headers=headers)
    assert (declared.status_code, _code(declared)) == (413, "request_too_large")
    chunked = visitor.post(
        "/api/session", content=(body[i : i + 999] for i in range(0, len(body), 999)), headers=headers
    )
    assert (chunked.status_code, _code(chunked)) == (413, "request_too_large")


def test_a_failure_inside_tells_its_number_and_nothing_else(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with TestClient(site.app, base_url="https://testserver", raise_server_exceptions=False) as client:
        monkeypatch.setattr(site.app.state.rooms.users, "authenticate", lambda *_: 1 / 0)
        answer = client.post("/api/session", json={"username": "noor", "password": PASSWORD})
    assert (answer.status_code, _code(answer)) == (500, "internal_error")
    assert "division" not in answer.text


def test_every_answer_carries_the_security_headers(operator: TestClient) -> None:
    for path in ("/api/site", "/api/nowhere", "/"):
        headers = operator.get(path).headers
        assert "'unsafe" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["strict-transport-security"].startswith("max-age=")
