"""The last write torn at every byte: of a fragment, and of a page of the index. At most that fragment is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from basira.base.clock import SimulatedClock
from basira.recording.check import Check
from basira.recording.index import IndexWriter, open_or_set_aside
from basira.recording.layout import Verified, verify_commits
from basira.recording.startup import Startup
from basira.recording.storage import open_storage
from tests.conftest import clip_of
from tests.faults.table import Matrix
from tests.recording.rig import Rig

_WAL_FRAME = 24 + 4096
# Each of these is a whole recovery and a full check; at the other places the reader alone is asked.
_RECOVER_EVERY = 499


@pytest.fixture
def crashed(tmp_path: Path, clips: Path) -> Path:
    """A node's folder as a killed recorder leaves it: three segments, the last of them open; its index not merged."""
    folder = tmp_path / "crashed"
    folder.mkdir()
    rig = Rig(folder)
    stream, packets = rig.load(clip_of(clips))
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.settle()
    left = tmp_path / "left"
    shutil.copytree(folder, left)
    rig.close()
    return left


def _verified(path: Path) -> Verified:
    with path.open("rb") as file:
        return verify_commits(file)


def _recovered(folder: Path) -> list[str]:
    """Recover a store as the next recorder does; what the full check then says."""
    rig_clock = SimulatedClock()
    engine = open_or_set_aside(folder / "index.db", rig_clock)
    index = IndexWriter(engine, rig_clock)
    storage = open_storage(folder / "footage", engine, "basra", rig_clock)
    startup = Startup(engine, index, storage, "basra")
    startup.recover()
    startup.adopt_rest(threading.Event())
    index.close()
    found = [str(finding) for finding in Check(engine, folder / "footage", "basra", full=True).findings()]
    engine.dispose()
    return found


@pytest.mark.parametrize("fill", ["nothing", "zeros"])
def test_a_fragment_torn_at_every_byte_costs_that_fragment_alone(
    crashed: Path, tmp_path: Path, matrix: Matrix, fill: str
) -> None:
    row = matrix.row(f"last fragment torn, {fill} behind the tear")
    path = max((crashed / "footage").rglob("*.mp4"))
    whole = _verified(path)
    *before, last = whole.commits
    for cut in range(last.end - 1, last.offset - 1, -1):
        os.truncate(path, cut)
        if fill == "zeros":
            os.truncate(path, last.end)
        found = _verified(path)
        row.injected += 1
        row.lost += found.commits != tuple(before)
        if cut % _RECOVER_EVERY == 0:
            copy = shutil.copytree(crashed, tmp_path / f"at-{cut}")
            row.broken += _recovered(copy)
    row.acknowledged += len(before)
    assert row.is_kept, row


def _wal_states(database: Path) -> set[tuple[str, int]]:
    connection = sqlite3.connect(database)
    try:
        assert connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        return set(connection.execute("SELECT path, fragments FROM segments"))
    finally:
        connection.close()


def _tear_index(crashed: Path, tmp_path: Path, matrix: Matrix, step: int) -> None:
    row = matrix.row("page of the index torn as it is written")
    wal = (crashed / "index.db-wal").read_bytes()
    fragments = sum(len(_verified(path).commits) for path in (crashed / "footage").rglob("*.mp4"))
    torn = tmp_path / "torn"
    torn.mkdir()
    for cut in range(len(wal) - _WAL_FRAME, len(wal), step):
        shutil.copy(crashed / "index.db", torn / "index.db")
        (torn / "index.db-wal").write_bytes(wal[:cut])
        (torn / "index.db-shm").unlink(missing_ok=True)
        _wal_states(torn / "index.db")
        row.injected += 1
        if cut % _RECOVER_EVERY < step:
            copy = shutil.copytree(crashed, tmp_path / f"at-{cut}")
            (copy / "index.db-wal").write_bytes(wal[:cut])
            row.broken += _recovered(copy)
            row.lost += fragments - sum(count for _, count in _wal_states(copy / "index.db"))
    row.acknowledged += fragments
    assert row.is_kept, row


def test_a_page_of_the_index_torn_here_and_there_is_written_again(
    crashed: Path, tmp_path: Path, matrix: Matrix
) -> None:
    _tear_index(crashed, tmp_path, matrix, 61)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_page_of_the_index_torn_at_every_byte_is_written_again(crashed: Path, tmp_path: Path, matrix: Matrix) -> None:
    _tear_index(crashed, tmp_path, matrix, 1)
