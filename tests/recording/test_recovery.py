"""After a crash, or without an index, what the files hold is found again; nothing is deleted and no number reused."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from basira.base.identifiers import StreamKey
from basira.recording import schema
from basira.recording.check import Check
from basira.recording.index import IndexWriter, open_index, open_or_set_aside
from basira.recording.layout import verify_commits
from basira.recording.recovery import next_recording, rebuild_index
from basira.recording.startup import Startup
from tests.recording.rig import GATE, Rig, shifted


def crash(rig: Rig, clip: Path) -> None:
    """Record, with a gap and a clock step, and stop as a killed process does."""
    stream, packets = rig.load(clip)
    ticks = int(6 / stream.video.time_base)
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    rig.ledger.blame("link")
    rig.clock.step(3_600_000_000_000)
    rig.recorder.begin(stream, "reconnect")
    rig.play(shifted(packets, mono_s=9.0, ticks=ticks)[:70])
    rig.settle()


def startup(rig: Rig) -> Startup:
    return Startup(rig.engine, rig.index, rig.storage, "basra")


def rows(rig: Rig) -> list[tuple[object, ...]]:
    rig.settle()
    with rig.engine.connect() as connection:
        query = select(schema.segments).order_by(schema.segments.c.path)
        return [tuple(row) for row in connection.execute(query)]


def test_a_segment_left_open_by_a_crash_is_kept_up_to_its_last_fragment(rig: Rig, clip: Path) -> None:
    crash(rig, clip)
    assert rig.segments()[-1][2] == "open"
    begun = startup(rig)
    begun.recover()
    assert [state for _, _, state in rig.segments()] == ["closed"] * (len(rig.segments()) - 1) + ["recovered"]
    with rig.files()[-1].open("rb") as file:
        verified = verify_commits(file)
    with rig.engine.connect() as connection:
        table = schema.segments
        row = connection.execute(select(table).where(table.c.state == "recovered")).one()
    assert (row.bytes, row.fragments, row.sha256) == (verified.length, len(verified.commits), verified.sha256)


@pytest.mark.parametrize("cut", [1, 100, 5_000])
def test_a_torn_end_is_left_as_it_is_and_not_read(rig: Rig, clip: Path, cut: int) -> None:
    crash(rig, clip)
    path = rig.files()[-1]
    with path.open("ab") as file:
        file.write(b"\x00\x00\x10\x00moof" + bytes(cut))
    size = path.stat().st_size
    startup(rig).recover()
    assert path.stat().st_size == size
    table = schema.segments
    with rig.engine.connect() as connection:
        query = select(table.c.bytes).where(table.c.path == str(path.relative_to(rig.root)))
        assert connection.execute(query).scalar_one() < size


def test_a_file_without_a_row_is_adopted(rig: Rig, clip: Path) -> None:
    crash(rig, clip)
    before = rows(rig)
    rig.index.call(lambda connection: connection.execute(delete(schema.segments).where(schema.segments.c.segment == 1)))
    begun = startup(rig)
    begun.recover()
    begun.adopt_rest(threading.Event())
    assert not begun.adopting
    assert [row for row in rows(rig) if row[5] == "closed"] == [row for row in before if row[5] == "closed"]


def test_the_whole_index_is_rebuilt_from_the_files(rig: Rig, clip: Path, tmp_path: Path) -> None:
    crash(rig, clip)
    startup(rig).recover()
    engine = open_index(tmp_path / "rebuilt.db")
    result = rebuild_index(rig.root, engine, "basra", rig.storage.identity.storage)
    assert not result.refused and len(result.adopted) == len(rig.files())
    for table, order in (
        (schema.segments, schema.segments.c.path),
        (schema.recordings, schema.recordings.c.recording),
    ):
        with rig.engine.connect() as old, engine.connect() as new:
            assert new.execute(select(table).order_by(order)).all() == old.execute(select(table).order_by(order)).all()
    with engine.connect() as connection:
        gaps = connection.execute(select(schema.gaps)).all()
        steps = connection.execute(select(schema.clock_steps.c.step_ns)).scalars().all()
    assert [(gap.start_utc_ns, gap.end_utc_ns, gap.cause) for gap in gaps] == [
        (gap.start_utc_ns, gap.end_utc_ns, gap.cause) for gap in rig.gaps()
    ]
    assert steps and abs(steps[0] - 3_600_000_000_000) < 1_000_000_000
    engine.dispose()


def test_a_damaged_index_is_set_aside_and_filled_again(tmp_path: Path, clip: Path) -> None:
    rig = Rig(tmp_path)
    crash(rig, clip)
    startup(rig).recover()
    expected = rows(rig)
    rig.close()
    damaged = bytearray((tmp_path / "index.db").read_bytes())
    damaged[:4096] = os.urandom(4096)
    (tmp_path / "index.db").write_bytes(damaged)
    engine = open_or_set_aside(tmp_path / "index.db", rig.clock)
    assert len(list(tmp_path.glob("index.db.damaged-*"))) >= 1
    rig.engine, rig.index = engine, IndexWriter(engine, rig.clock)
    begun = startup(rig)
    begun.recover()
    begun.adopt_rest(threading.Event())
    assert rows(rig) == expected
    rig.close()


def test_a_recording_number_is_never_used_again_even_without_the_index(rig: Rig, clip: Path, tmp_path: Path) -> None:
    crash(rig, clip)
    engine = open_index(tmp_path / "empty.db")
    with engine.connect() as connection:
        assert next_recording(connection, rig.root, GATE) == 3
        assert next_recording(connection, rig.root, StreamKey("basra", "other", "main")) == 1
    engine.dispose()


def test_a_file_in_another_segments_place_is_not_adopted_nor_touched(rig: Rig, clip: Path) -> None:
    crash(rig, clip)
    stray = rig.root / "yard" / "main" / "00000001" / "000000.mp4"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(rig.files()[0].read_bytes())
    foreign = stray.with_name("000001.mp4")
    foreign.write_bytes(b"not ours")
    begun = startup(rig)
    begun.recover()
    begun.adopt_rest(threading.Event())
    refused = {path: error.code for path, error in begun.recovered.refused.items()}
    assert refused == {
        "yard/main/00000001/000000.mp4": "segment_duplicate_place",
        "yard/main/00000001/000001.mp4": "segment_header_damaged",
    }
    assert stray.exists() and foreign.read_bytes() == b"not ours"


@pytest.mark.parametrize("left", [0, 3, 100, None])
def test_a_file_that_power_took_before_its_first_fragment_holds_no_recording(
    rig: Rig, clip: Path, left: int | None
) -> None:
    crash(rig, clip)
    *_, before, last = rig.files()
    last.write_bytes(bytes(4096) if left is None else before.read_bytes()[:left])
    begun = startup(rig)
    begun.recover()
    begun.adopt_rest(threading.Event())
    assert begun.recovered.unbegun[0] == str(last.relative_to(rig.root)) and not begun.recovered.refused
    assert rig.segments()[-1][2] == "recovered"
    assert [f.code for f in Check(rig.engine, rig.root, "basra", full=True).findings()] == []
    rig.index.call(lambda connection: connection.execute(delete(schema.segments).where(schema.segments.c.bytes == 0)))
    found = list(Check(rig.engine, rig.root, "basra", full=True).findings())
    assert [(f.code, f.severity) for f in found] == [("segment_empty", "info")]


def test_a_row_whose_file_is_gone_is_reported_and_stays(rig: Rig, clip: Path) -> None:
    crash(rig, clip)
    rig.files()[-1].unlink()
    begun = startup(rig)
    begun.recover()
    assert begun.recovered.missing == [rows(rig)[-1][6]]
    assert rig.segments()[-1][2] == "open"


@pytest.mark.parametrize(
    ("orderly", "same_boot", "cause"), [(True, True, "operator"), (False, True, "recorder"), (False, False, "power")]
)
def test_the_time_between_two_runs_is_a_gap_with_its_cause(
    rig: Rig, clip: Path, orderly: bool, same_boot: bool, cause: str
) -> None:
    crash(rig, clip)
    first = startup(rig)
    first.recover()
    if orderly:
        first.say_orderly_end(rig.clock.utc_ns())
    if not same_boot:
        rig.index.call(lambda connection: connection.execute(schema.segments.update().values(boot_id="before")))
    rig.clock.advance(60_000_000_000)
    second = startup(rig)
    second.recover()
    continuation = second.resume(GATE, rig.ledger, wanted=True)
    assert continuation.next_recording == 3
    assert rig.gaps()[-1].cause == cause and rig.gaps()[-1].end_utc_ns is None
