from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from basira.analysis.forgetting import forget_with_footage
from basira.analysis.store import EventFilter, EventStore, open_events
from basira.base.clock import NS_PER_S
from basira.databases.migrate import upgrade
from basira.databases.sqlite import open_database
from basira.recording.schema import metadata, tombstones
from tests.analysis.test_store import GATE, NOON, YARD, an_event


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "index.db")
    upgrade(engine, "basira.recording", metadata)
    yield engine
    engine.dispose()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    opened = open_events(tmp_path / "events.db")
    opened.commit([dataclasses.replace(an_event(second), ongoing=False) for second in (0, 100, 200)], GATE, None)
    opened.commit([dataclasses.replace(an_event(0, stream=YARD), ongoing=False)], YARD, None)
    yield opened
    opened.close()


def delete_footage(index: Engine, start_s: int, end_s: int, segment: int = 0, unlinked_ns: int | None = 5) -> None:
    with index.begin() as connection:
        connection.execute(
            insert(tombstones).values(
                **GATE._asdict(), recording=1, segment=segment, path="p", start_utc_ns=NOON + start_s * NS_PER_S,
                end_utc_ns=NOON + end_s * NS_PER_S, bytes=1, why="age", tombstoned_utc_ns=1,
                unlinked_utc_ns=unlinked_ns,
            )
        )  # fmt: skip


def test_an_event_goes_with_the_footage_it_was_last_seen_in(store: EventStore, index: Engine) -> None:
    delete_footage(index, 60, 120)
    assert forget_with_footage(store, index) == 1
    left = store.query_events(EventFilter()).events
    assert sorted((event.camera, (event.start_utc_ns - NOON) // NS_PER_S) for event in left) == [
        ("gate", 0),
        ("gate", 200),
        ("yard", 0),
    ]
    assert forget_with_footage(store, index) == 0


def test_footage_that_is_still_being_deleted_takes_nothing_with_it_yet(store: EventStore, index: Engine) -> None:
    delete_footage(index, 0, 600, unlinked_ns=None)
    assert forget_with_footage(store, index) == 0


def test_an_index_without_any_rows_makes_nobody_forget(store: EventStore, index: Engine) -> None:
    assert forget_with_footage(store, index) == 0
    assert len(store.query_events(EventFilter()).events) == 4
