"""Sessions: opened by a token that only the browser has, for a while."""

from __future__ import annotations

import pytest

from basira.access.sessions import Sessions
from basira.access.users import User, Users
from basira.base.clock import NS_PER_S, SimulatedClock
from basira.catalogue import schema
from basira.catalogue.store import Catalogue

MINUTE_NS = 60 * NS_PER_S


@pytest.fixture
def noor(users: Users) -> User:
    users.add("noor")
    found = users.find("noor")
    assert found is not None
    return found


@pytest.fixture
def sessions(catalogue: Catalogue) -> Sessions:
    return Sessions(catalogue, idle_s=600, longest_s=3600)


def test_the_database_holds_nothing_that_opens_a_session(sessions: Sessions, noor: User, catalogue: Catalogue) -> None:
    token, _ = sessions.begin(noor, "10.0.0.1")
    with catalogue.read() as connection:
        row = connection.execute(schema.sessions.select()).one()
    assert token not in str(row)
    assert sessions.find(row.token_sha256.hex()) is None
    assert sessions.find(token) is not None


def test_a_session_that_is_used_lives_until_its_longest(sessions: Sessions, noor: User, clock: SimulatedClock) -> None:
    token, _ = sessions.begin(noor, "10.0.0.1")
    for _ in range(59):
        clock.advance(MINUTE_NS)
        assert sessions.find(token) is not None
    clock.advance(MINUTE_NS)
    assert sessions.find(token) is None


def test_a_session_that_is_not_used_ends(sessions: Sessions, noor: User, clock: SimulatedClock) -> None:
    token, _ = sessions.begin(noor, "10.0.0.1")
    clock.advance(600 * NS_PER_S)
    assert sessions.find(token) is None


def test_a_wall_clock_set_back_lengthens_no_session(sessions: Sessions, noor: User, clock: SimulatedClock) -> None:
    token, _ = sessions.begin(noor, "10.0.0.1")
    clock.step(-86_400 * NS_PER_S)
    assert sessions.find(token) is None


def test_expired_sessions_are_swept(
    sessions: Sessions, noor: User, clock: SimulatedClock, catalogue: Catalogue
) -> None:
    for _ in range(5):
        sessions.begin(noor, "10.0.0.1")
    clock.advance(3600 * NS_PER_S)
    sessions.begin(noor, "10.0.0.1")
    with catalogue.read() as connection:
        assert len(connection.execute(schema.sessions.select()).all()) == 1


def test_an_ended_session_and_a_reset_password_end_it(sessions: Sessions, noor: User, users: Users) -> None:
    ended, _ = sessions.begin(noor, "10.0.0.1")
    other, _ = sessions.begin(noor, "10.0.0.1")
    sessions.end(ended)
    assert sessions.find(ended) is None
    assert sessions.find(other) is not None
    users.reset_password("noor")
    assert sessions.find(other) is None


def test_a_disabled_users_session_opens_nothing(sessions: Sessions, noor: User, catalogue: Catalogue) -> None:
    token, _ = sessions.begin(noor, "10.0.0.1")
    with catalogue.write() as connection:
        connection.execute(schema.users.update().values(disabled=True))
    assert sessions.find(token) is None


@pytest.mark.parametrize("token", [None, "", "x", "\0", "٤", "x" * 100_000])
def test_no_made_up_token_opens_anything(sessions: Sessions, noor: User, token: str | None) -> None:
    sessions.begin(noor, "10.0.0.1")
    assert sessions.find(token) is None


def test_the_csrf_token_is_the_sessions_own(sessions: Sessions, noor: User) -> None:
    _, first = sessions.begin(noor, "10.0.0.1")
    _, second = sessions.begin(noor, "10.0.0.1")
    assert first.csrf_agrees(first.csrf_token)
    assert not first.csrf_agrees(second.csrf_token)
    assert not first.csrf_agrees(None)
    assert not first.csrf_agrees("")
