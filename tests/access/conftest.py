from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from basira.access.passwords import Passwords
from basira.access.users import Users
from basira.base.clock import SimulatedClock
from basira.catalogue.store import Catalogue, open_catalogue


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def catalogue(tmp_path: Path, clock: SimulatedClock) -> Iterator[Catalogue]:
    opened = open_catalogue(tmp_path / "catalogue.db", clock)
    yield opened
    opened.close()


@pytest.fixture
def users(catalogue: Catalogue) -> Users:
    return Users(catalogue, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
