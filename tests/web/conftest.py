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
from basira.base.clock import NS_PER_S, SimulatedClock
from basira.base.identifiers import StreamKey
from basira.base.settings import Settings
from basira.catalogue.cameras import Camera, Cameras, CameraStream
from basira.catalogue.store import open_catalogue
from basira.web.app import create_app
from basira.web.guard import CSRF_HEADER
from tests.replay.store import START_NS, OpenSegment, Store
from tests.streams import make_numbered_clip

# A minute after the footage of ``recorded`` begins.
NOW_NS = START_NS + 60 * NS_PER_S
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

    def add_camera(self, camera_id: str) -> None:
        """Add a camera that plays a file."""
        catalogue = open_catalogue(self.settings.catalogue_path, self.clock)
        streams = (CameraStream(name="main", url="/nowhere.mp4"),)
        Cameras(catalogue).add(Camera(id=camera_id, name="البوابة", kind="file", streams=streams))
        catalogue.close()

    def stream(self, camera: str) -> StreamKey:
        """The main stream of a camera of this site."""
        catalogue = open_catalogue(self.settings.catalogue_path, self.clock)
        catalogue.close()
        return StreamKey(catalogue.site, camera, "main")

    def visitor(self) -> TestClient:
        """A browser without a session. Use it as a context manager no more than once at a time."""
        return TestClient(self.app, base_url="https://testserver")


@pytest.fixture(autouse=True, scope="module")
def cheap_hashes() -> Iterator[None]:
    """Argon2 at its least effort: these tests are about who may do what, not about guessing."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "PasswordHasher", lambda: cheap)
        yield


def new_site(folder: Path) -> Site:
    """A node in ``folder`` with a user ``noor``, whose password is :data:`PASSWORD`."""
    settings = Settings(data_dir=folder / "data", run_dir=folder / "run", webhook_loopback=True, disk_floor_bytes=0)
    clock = SimulatedClock(NOW_NS)
    catalogue = open_catalogue(settings.catalogue_path, clock)
    users = Users(catalogue)
    once = users.add("noor")
    users.change_password("noor", once, PASSWORD)
    catalogue.close()
    return Site(create_app(settings, clock), settings, clock)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return new_site(tmp_path)


@pytest.fixture(scope="session")
def six_seconds(clips: Path) -> Path:
    """90 numbered frames, 15 a second, a keyframe each second."""
    return make_numbered_clip(clips / "web-six-seconds.mp4", frames=90)


@pytest.fixture
def store(site: Site) -> Iterator[Store]:
    """The site's index and footage, empty, with a camera ``gate`` in its catalogue."""
    site.add_camera("gate")
    made = Store(site.settings.data_dir)
    yield made
    made.close()


@pytest.fixture
def recorded(site: Site, store: Store, six_seconds: Path) -> list[OpenSegment]:
    """Six seconds of ``gate`` in three segments, beginning at ``START_NS``; the last is still being written."""
    return store.record(six_seconds, stream=site.stream("gate"), leave_open=True)


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
