"""Logging in, staying logged in, logging out."""

from __future__ import annotations

from fastapi.testclient import TestClient

from basira.base.clock import NS_PER_S
from basira.web.guard import CSRF_HEADER, SESSION_COOKIE
from tests.web.conftest import PASSWORD, Site, log_in

HOUR_NS = 3600 * NS_PER_S


def _try(client: TestClient, user: str, password: str) -> tuple[int, str]:
    answer = client.post("/api/session", json={"username": user, "password": password})
    return answer.status_code, answer.json().get("error", {}).get("code", "")


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(visitor: TestClient) -> None:
    answer = visitor.post("/api/session", json={"username": "Noor", "password": PASSWORD})
    assert answer.json()["user"] == {"name": "noor", "must_change_password": False}
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert answer.headers["cache-control"] == "no-store"


def test_without_tls_the_cookie_still_works(site: Site, visitor: TestClient) -> None:
    plain = TestClient(site.app, base_url="http://testserver")
    log_in(plain)
    assert plain.get("/api/session").status_code == 200


def test_a_wrong_password_and_an_unknown_user_look_the_same(visitor: TestClient) -> None:
    assert _try(visitor, "noor", "wrong") == (401, "login_failed")
    assert _try(visitor, "nobody", "wrong") == (401, "login_failed")


def test_guessing_is_slowed_down_and_says_how_long(site: Site, visitor: TestClient) -> None:
    for _ in range(5):
        assert _try(visitor, "noor", "wrong") == (401, "login_failed")
    answer = visitor.post("/api/session", json={"username": "noor", "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == str(answer.json()["error"]["params"]["wait_s"])
    site.clock.advance(2 * NS_PER_S)
    assert _try(visitor, "noor", PASSWORD) == (200, "")


def test_guessing_many_names_from_one_address_is_slowed_down(visitor: TestClient) -> None:
    outcomes = [_try(visitor, f"user{number}", "wrong")[0] for number in range(12)]
    assert outcomes == [401] * 10 + [429] * 2


def test_logging_out_ends_the_session(operator: TestClient) -> None:
    token = operator.cookies[SESSION_COOKIE]
    assert operator.delete("/api/session").json() == {"ok": True}
    assert SESSION_COOKIE not in operator.cookies
    operator.cookies.set(SESSION_COOKIE, token)
    assert operator.get("/api/session").status_code == 401


def test_an_idle_session_ends_and_a_used_one_does_not_until_its_longest(site: Site, operator: TestClient) -> None:
    for _ in range(23):
        site.clock.advance(HOUR_NS)
        assert operator.get("/api/session").status_code == 200
    site.clock.advance(HOUR_NS)
    assert operator.get("/api/session").status_code == 401
    log_in(operator)
    site.clock.advance(12 * HOUR_NS)
    assert operator.get("/api/session").status_code == 401


def test_changing_the_password_ends_every_other_session(site: Site, operator: TestClient) -> None:
    other = TestClient(site.app, base_url="https://testserver")
    log_in(other)
    answer = operator.post("/api/session/password", json={"current": PASSWORD, "new": "another good password"})
    assert answer.status_code == 200
    operator.headers[CSRF_HEADER] = answer.json()["csrf_token"]
    assert operator.get("/api/session").status_code == 200
    assert operator.patch("/api/site", json={"name": "x"}).status_code == 200
    assert other.get("/api/session").status_code == 401
    assert _try(other, "noor", PASSWORD) == (401, "login_failed")


def test_changing_the_password_needs_the_current_one_and_a_good_new_one(operator: TestClient) -> None:
    def change(current: str, new: str) -> str:
        answer = operator.post("/api/session/password", json={"current": current, "new": new})
        return str(answer.json()["error"]["code"])

    assert change("wrong", "another good password") == "login_failed"
    assert change(PASSWORD, "short") == "password_too_weak"
    assert change(PASSWORD, "i-am-noor-123") == "password_too_weak"
    assert change(PASSWORD, PASSWORD) == "password_unchanged"
    assert operator.get("/api/session").status_code == 200


def test_a_first_login_changes_the_one_time_password_and_then_may_work(site: Site, visitor: TestClient) -> None:
    once = site.add_user("zaid")
    log_in(visitor, once, user="zaid")
    answer = visitor.post("/api/session/password", json={"current": once, "new": "my own good password"})
    visitor.headers[CSRF_HEADER] = answer.json()["csrf_token"]
    assert answer.json()["user"] == {"name": "zaid", "must_change_password": False}
    assert visitor.get("/api/site").status_code == 200
    assert _try(visitor, "zaid", once) == (401, "login_failed")
