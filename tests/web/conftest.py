"""A web process's application with a user who has logged in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

import basira.access.passwords as passwords
from basira.access.users import Users
from basira.base.clock import SimulatedClock
from basira.base.settings import Settings
from basira.catalogue.store import open_catalogue
from basira.web.app import create_app
from basira.web.guard import CSRF_HEADER

PASSWORD = "a long enough password"


@dataclass
class Site:
    """One node's application, its clock, and a user ``noor`` with :data:`PASSWORD`."""

    app: FastAPI
    settings: Settings
    clock: SimulatedClock

    def add_user(self, name: str) -> str:
        """Add a user; returns their one-time password."""
        catalogue = open_catalogue(self.settings.catalogue_path, self.clock)
        try:
            return Users(catalogue).add(name)
        finally:
            catalogue.close()

    def visitor(self) -> TestClient:
        """A browser without a session. Use it as a context manager no more than once at a time."""
        return TestClient(self.app, base_url="https://testserver")


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 at its least effort: these tests are about who may do what, not about guessing."""
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    settings = Settings(data_dir=tmp_path / "data", run_dir=tmp_path / "run")
    clock = SimulatedClock()
    catalogue = open_catalogue(settings.catalogue_path, clock)
    users = Users(catalogue)
    once = users.add("noor")
    users.change_password("noor", once, PASSWORD)
    catalogue.close()
    return Site(create_app(settings, clock), settings, clock)


@pytest.fixture
def visitor(site: Site) -> Iterator[TestClient]:
    """A browser without a session."""
    with site.visitor() as client:
        yield client


@pytest.fixture
def operator(visitor: TestClient) -> TestClient:
    """A browser in which ``noor`` has logged in and whose page sends the CSRF header."""
    log_in(visitor)
    return visitor


def log_in(client: TestClient, password: str = PASSWORD, *, user: str = "noor") -> None:
    """Log in and make the client send the CSRF token from now on."""
    answer = client.post("/api/session", json={"username": user, "password": password})
    assert answer.status_code == 200, answer.text
    client.headers[CSRF_HEADER] = answer.json()["csrf_token"]
