"""The index follows: changes wait their turn, survive a database that is away, and may come twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import OperationalError

from basira.base.clock import SystemClock
from basira.base.errors import BasiraError
from basira.base.identifiers import SegmentKey, StreamKey
from basira.recording import schema
from basira.recording.index import IndexWriter, open_index, open_or_set_aside
from basira.recording.rows import ClockStepRow, GapRow, SegmentRow
from tests.recording.node import wait_until

GATE = StreamKey("basra", "gate", "main")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_index(tmp_path / "index.db")
    yield made
    made.dispose()


@pytest.fixture
def index(engine: Engine) -> Iterator[IndexWriter]:
    made = IndexWriter(engine, SystemClock())
    yield made
    made.close()


def row(segment: int, *, state: str = "open", length: int = 10) -> SegmentRow:
    return SegmentRow(
        key=SegmentKey(*GATE, 1, segment), state="open" if state == "open" else "closed",
        path=f"gate/main/00000001/{segment:06d}.mp4", storage="s", start_utc_ns=segment, end_utc_ns=segment + 1,
        start_mono_ns=0, boot_id="b", length=length, init_length=5, sha256=None, fragments=1, gops=b"",
        video_codec="avc1", audio_codec=None, width=1, height=1, reason="start",
    )  # fmt: skip


def states(engine: Engine) -> list[tuple[int, str, int]]:
    table = schema.segments
    with engine.connect() as connection:
        query = select(table.c.segment, table.c.state, table.c.bytes).order_by(table.c.segment)
        return [tuple(found) for found in connection.execute(query)]


def test_a_segments_row_is_written_and_then_replaced(engine: Engine, index: IndexWriter) -> None:
    index.put_segment(row(0))
    index.put_segment(row(0, state="closed", length=99)).result(10)
    assert states(engine) == [(0, "closed", 99)]


def test_changes_may_be_applied_twice(engine: Engine, index: IndexWriter) -> None:
    gap = GapRow(GATE, 5, None, "link")
    step = ClockStepRow("basra", 1, 2, "b", 3)
    for _ in range(2):
        index.put_segment(row(0))
        index.put_gap(gap)
        index.put_clock_step(step)
    index.put_gap(GapRow(GATE, 5, 9, "camera", "camera_silent")).result(10)
    assert len(states(engine)) == 1
    with engine.connect() as connection:
        assert [tuple(g)[4:] for g in connection.execute(select(schema.gaps))] == [(5, 9, "camera", "camera_silent")]
        assert len(connection.execute(select(schema.clock_steps)).all()) == 1


def test_while_the_database_is_away_changes_wait_in_order_and_nobody_blocks(engine: Engine, index: IndexWriter) -> None:
    away = threading.Event()
    away.set()

    @event.listens_for(engine, "before_cursor_execute")
    def refuse(*_: object) -> None:
        if away.is_set():
            raise OperationalError("insert", {}, OSError("disk I/O error"))

    futures = [index.put_segment(row(number)) for number in range(5)]
    wait_until(lambda: "disk I/O error" in index.state.error)
    assert index.state.waiting == 5 and not any(future.done() for future in futures)
    away.clear()
    futures[-1].result(20)
    assert [number for number, _, _ in states(engine)] == [0, 1, 2, 3, 4]
    assert index.state.waiting == 0 and index.state.error == ""


def test_a_change_the_database_refuses_does_not_hold_up_the_others(engine: Engine, index: IndexWriter) -> None:
    def wrong(_: object) -> None:
        raise ValueError("nonsense")

    refused = index.submit(wrong)
    index.put_segment(row(0)).result(10)
    with pytest.raises(ValueError, match="nonsense"):
        refused.result(1)
    assert index.state.refused == 1 and len(states(engine)) == 1


def test_closing_writes_what_waits(engine: Engine) -> None:
    index = IndexWriter(engine, SystemClock())
    for number in range(300):
        index.put_segment(row(number))
    assert index.close()
    assert len(states(engine)) == 300


@pytest.mark.parametrize(
    ("word", "instead"),
    [
        (b"CREATE TABLE gaps", b"CREATE TABLE \xff\xffps"),  # SQLite quotes it, and Python cannot read the quotation
        (b"version_num VARCHAR", b"versi\xffn_num VARCHAR"),  # what SQLite takes for a name is no text
        (b"version_num VARCHAR", b"versixn_num VARCHAR"),  # a column is not there
    ],
)
def test_an_index_whose_schema_is_no_longer_what_it_was_is_set_aside(
    tmp_path: Path, word: bytes, instead: bytes
) -> None:
    path = tmp_path / "index.db"
    engine = open_index(path)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    good = path.read_bytes()
    assert word in good
    path.write_bytes(good.replace(word, instead))
    opened = open_or_set_aside(path, SystemClock())
    with opened.connect() as connection:
        assert connection.execute(select(schema.gaps)).all() == []
    opened.dispose()
    assert len(list(tmp_path.glob("index.db.damaged-*"))) >= 1


def test_an_index_of_no_release_is_set_aside_and_one_of_a_later_release_is_left_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    for revision in ("00x1", "9998"):
        engine = open_index(path)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        engine.dispose()
        if revision == "00x1":
            open_or_set_aside(path, SystemClock()).dispose()
    with pytest.raises(BasiraError, match="newer Basira"):
        open_or_set_aside(path, SystemClock())
    assert path.exists() and len(list(tmp_path.glob("index.db.damaged-*"))) == 1
