"""What the page, the feed and the webhooks can rely on of ``events.db``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from basira.analysis.boxes import Box
from basira.analysis.event import Event, event_id
from basira.analysis.path import PathPoint
from basira.analysis.store import EventFilter, EventStore, StoredCursor, open_events, read_events
from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey
from basira.replay.tail import Cursor

GATE = StreamKey("site-1", "gate", "main")
YARD = StreamKey("site-1", "yard", "sub")
NOON = 1_760_000_000 * NS_PER_S


def an_event(
    at_s: float = 0, stream: StreamKey = GATE, label: str = "person", zones: tuple[str, ...] = (), ordinal: int = 0
) -> Event:
    start = NOON + round(at_s * NS_PER_S)
    point = PathPoint(start, Box(0.1, 0.2, 0.3, 0.8), 0.6)
    return Event(
        id=event_id(stream, 1, start, label, ordinal), stream_key=stream, recording=1, label=label, score=0.6,
        start_utc_ns=start, end_utc_ns=start + 2 * NS_PER_S, ongoing=True, alert=bool(zones), zones=zones,
        path=(point,), snapshot_utc_ns=start, progress=1, jpeg=b"picture",
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    opened = open_events(tmp_path / "events.db")
    yield opened
    opened.close()


def test_a_stored_event_comes_back_with_its_path_and_picture(store: EventStore) -> None:
    event = an_event()
    store.commit([event], GATE, None)
    found = store.event(event.id)
    assert found is not None
    assert (found.label, found.ongoing, found.start_utc_ns) == ("person", True, event.start_utc_ns)
    assert found.path[0].box == pytest.approx(event.path[0].box, abs=1e-4)
    assert store.snapshot(event.id) == b"picture"


def test_streams_analysed_at_the_same_time_never_get_the_same_change(store: EventStore) -> None:
    def commit(stream: StreamKey) -> None:
        for second in range(100):
            store.commit([an_event(second, stream)], stream, None)

    streams = [GATE, YARD, StreamKey("site-1", "roof", "main")]
    with ThreadPoolExecutor(len(streams)) as pool:
        list(pool.map(commit, streams))
    changes = [event.change for event in store.changes_since(0, limit=1000)]
    assert changes == list(range(1, 301))


def test_pages_run_newest_first_and_meet_without_overlap(store: EventStore) -> None:
    made = [an_event(at_s=second // 2, ordinal=second) for second in range(23)]
    store.commit(made, GATE, None)
    found: list[Event] = []
    cursor = None
    while True:
        page = store.query_events(EventFilter(), limit=5, cursor=cursor)
        found += page.events
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len({event.id for event in found}) == len(found) == 23
    assert [event.start_utc_ns for event in found] == sorted((e.start_utc_ns for e in made), reverse=True)


def test_a_cursor_nobody_gave_is_refused(store: EventStore) -> None:
    with pytest.raises(BasiraError, match="cursor"):
        store.query_events(EventFilter(), cursor="nonsense")


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (EventFilter(cameras=("gate",)), 3),
        (EventFilter(cameras=("gate", "yard")), 4),
        (EventFilter(labels=("car",)), 1),
        (EventFilter(zones=("door",)), 1),
        (EventFilter(alert=True), 1),
        (EventFilter(alert=False), 3),
        (EventFilter(start_utc_ns=NOON + 101 * NS_PER_S), 3),
        (EventFilter(start_utc_ns=NOON + 103 * NS_PER_S), 2),
        (EventFilter(end_utc_ns=NOON + 100 * NS_PER_S), 1),
        (EventFilter(cameras=("gate",), labels=("person",), end_utc_ns=NOON + 101 * NS_PER_S), 2),
    ],
)
def test_filters(store: EventStore, wanted: EventFilter, count: int) -> None:
    store.commit([an_event(0), an_event(100, zones=("door",)), an_event(200, label="car")], GATE, None)
    store.commit([an_event(200, stream=YARD)], YARD, None)
    assert len(store.query_events(wanted).events) == count


def test_a_row_never_goes_back_to_what_less_footage_said(store: EventStore) -> None:
    early = an_event()
    late = dataclasses.replace(early, ongoing=False, progress=2, label="dog")
    store.commit([early], GATE, None)
    store.commit([late], GATE, None)
    change = store.latest_change()
    store.commit([early, late], GATE, None)
    found = store.event(early.id)
    assert found is not None
    assert (found.label, found.ongoing) == ("dog", False)
    assert store.latest_change() == change


def test_followers_hear_of_each_change_once_and_of_an_alert_when_it_becomes_one(store: EventStore) -> None:
    first = an_event()
    store.commit([first, an_event(10)], GATE, None)
    assert [event.id for event in store.changes_since(0)] == [first.id, an_event(10).id]
    assert store.alerts_since(0) == []
    seen = store.latest_change()
    alert = dataclasses.replace(first, alert=True, zones=("door",), progress=2)
    store.commit([alert], GATE, None)
    store.commit([dataclasses.replace(alert, progress=3)], GATE, None)
    (changed,) = store.changes_since(seen)
    (alerted,) = store.alerts_since(seen)
    assert changed.id == alerted.id == first.id
    assert alerted.alert_change == seen + 1
    assert store.alerts_since(seen + 1) == []


def test_a_change_number_is_never_given_twice_even_after_deletion(store: EventStore) -> None:
    store.commit([dataclasses.replace(an_event(), ongoing=False)], GATE, None)
    used = store.latest_change()
    assert store.forget([(GATE, 0, NOON + 3600 * NS_PER_S)], "mark", 7) == 1
    assert store.counter("mark") == 7
    store.commit([an_event(5)], GATE, None)
    assert store.changes_since(0)[0].change > used


def test_forgetting_takes_the_picture_and_the_zones_with_it(store: EventStore) -> None:
    event = dataclasses.replace(an_event(zones=("door",)), ongoing=False)
    store.commit([event], GATE, None)
    store.forget([(GATE, NOON, NOON + 3 * NS_PER_S)], "mark", 1)
    assert store.snapshot(event.id) is None
    assert store.query_events(EventFilter(zones=("door",))).events == ()


def test_events_and_cursor_are_committed_together(store: EventStore) -> None:
    stored = StoredCursor(Cursor(3, 1, 4), NOON, b"memory", 1)
    broken = dataclasses.replace(an_event(), label=None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="NOT NULL"):
        store.commit([an_event(5), broken], GATE, stored)
    assert store.cursor(GATE) is None
    assert store.query_events(EventFilter()).events == ()
    store.commit([an_event(5)], GATE, stored)
    assert store.cursor(GATE) == stored


def test_how_far_each_stream_is_analysed_is_told(store: EventStore) -> None:
    store.report({GATE: NOON, YARD: NOON + 1})
    store.report({GATE: NOON + 2})
    assert store.known_to() == {GATE: NOON + 2}


def test_counts_by_slice_and_class(store: EventStore) -> None:
    store.commit([an_event(0), an_event(1), an_event(12), an_event(13, label="car")], GATE, None)
    counts = store.event_counts(["gate"], NOON, NOON + 20 * NS_PER_S, 10 * NS_PER_S)
    assert [((one.start_utc_ns - NOON) // NS_PER_S, one.label, one.count) for one in counts] == [
        (0, "person", 2),
        (10, "car", 1),
        (10, "person", 1),
    ]


def test_a_reader_that_comes_first_finds_no_events(tmp_path: Path) -> None:
    reader = read_events(tmp_path / "new" / "events.db")
    assert reader.query_events(EventFilter()).events == ()
    assert reader.latest_change() == 0
    reader.close()


@pytest.mark.parametrize(
    "wanted",
    [
        "1",
        "camera = 'gate'",
        "class = 'car'",
        "camera = 'gate' AND start_utc_ns < 5",
        "alert",
    ],
)
def test_a_page_is_read_along_an_index_without_sorting(store: EventStore, wanted: str) -> None:
    statement = f"EXPLAIN QUERY PLAN SELECT * FROM events WHERE {wanted} ORDER BY start_utc_ns DESC, id DESC LIMIT 51"
    with store._engine.connect() as connection:
        plan = " ".join(row[3] for row in connection.execute(text(statement)))
    assert "USING INDEX" in plan
    assert "TEMP B-TREE" not in plan
