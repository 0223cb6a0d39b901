"""The wall clock set forward, back, to 1970 and right again: recordings stay in order, findable, and apart."""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from basira.base.clock import NS_PER_S, SystemClock
from basira.base.identifiers import StreamKey
from basira.databases.sqlite import open_database
from basira.recording.recorder import Recorder
from basira.replay.footage import Footage
from basira.replay.ranges import spans_of
from tests.conftest import clip_of
from tests.faults.store import fragment_ends, fragments_lost, invariants_broken, site_of
from tests.faults.table import Matrix
from tests.recording.node import Node, wait_until
from tests.recording.rig import Rig, shifted

_HOUR_S, _WEEK_S = 3600, 7 * 86_400


class SetClock(SystemClock):
    """The machine's clock, set by the test; monotonic time stays what it is."""

    def __init__(self) -> None:
        self.ahead_ns = 0

    def utc_ns(self) -> int:
        return super().utc_ns() + self.ahead_ns


@contextmanager
def _recorder(node: Node, clock: SetClock) -> Iterator[Recorder]:
    stop = threading.Event()
    with Recorder(node.settings, clock) as recorder:
        thread = threading.Thread(target=recorder.run, args=(stop,))
        thread.start()
        try:
            yield recorder
        finally:
            stop.set()
            thread.join()


def _hashes(node: Node) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in node.files("gate")}


def test_recordings_stay_in_order_findable_and_apart_whatever_the_clock_does(
    tmp_path: Path, clips: Path, matrix: Matrix
) -> None:
    row, clock = matrix.row("wall clock set: ±1 h, to 1970, a week on, right again"), SetClock()
    node = Node(tmp_path / "data", segment_target_s=2.0, retention_days=2.0)
    node.add("gate", str(clip_of(clips)))
    to_1970_s = -time.time_ns() // NS_PER_S + 60
    with _recorder(node, clock):
        for ahead_s in (0, _HOUR_S, -_HOUR_S, to_1970_s, 0, _WEEK_S, 0):
            changed = clock.ahead_ns != ahead_s * NS_PER_S
            clock.ahead_ns = ahead_s * NS_PER_S
            if changed:
                row.injected += 1
                wait_until(lambda: len(node.rows("clock_steps")) == row.injected)
                assert "clock_stepped" in {alarm["code"] for alarm in node.status()["alarms"]}
            recordings = row.injected
            wait_until(lambda recordings=recordings: _recordings(node) > recordings, 60)  # type: ignore[misc]
            count = node.fragments("gate")
            wait_until(lambda count=count: node.fragments("gate") > count + 3, 60)  # type: ignore[misc]
        before = _hashes(node)
    ends = fragment_ends(node.settings.footage_path)
    clock.ahead_ns = to_1970_s * NS_PER_S
    with _recorder(node, clock) as recorder:  # a node that wakes without knowing the time
        wait_until(lambda: node.fragments("gate") > 3)
        assert recorder.status()["retention"]["deleted_segments"] == 0
    after = _hashes(node)
    closed = {str(node.settings.footage_path / found.path) for found in node.rows("segments") if found.bytes}
    assert all(after[path] == digest or path == max(before) for path, digest in before.items())
    assert {str(path) for path in after} == closed
    row.acknowledged += sum(len(found) for found in ends.values())
    row.lost += fragments_lost(node.settings.footage_path, ends)
    row.broken += invariants_broken(node.settings)
    assert row.is_kept, row
    _assert_ordered_and_found(node)


def _recordings(node: Node) -> int:
    return len({found.recording for found in node.rows("segments")})


def _assert_ordered_and_found(node: Node) -> None:
    """Numbers go with monotonic time, and each second that the rows claim is found by asking for it."""
    rows = node.rows("segments")
    assert all(a.start_mono_ns <= b.start_mono_ns for a, b in itertools.pairwise(rows))
    index = open_database(node.settings.index_path, read_only=True)
    footage = Footage(index, node.settings.footage_path)
    try:
        key = StreamKey(site_of(node.settings), "gate", "main")
        for found in rows:
            spans = spans_of(footage, key, found.start_utc_ns, found.end_utc_ns, NS_PER_S)
            assert spans and spans[0][0] <= found.start_utc_ns and spans[-1][1] >= found.end_utc_ns
    finally:
        index.dispose()
    assert {gap.cause for gap in node.rows("gaps")} <= {"clock", "operator", "unknown"}


@pytest.mark.parametrize(("zone", "utc_s"), [("Europe/Berlin", 1_774_746_000), ("Asia/Tehran", 1_663_788_600)])
def test_daylight_saving_is_no_step(
    tmp_path: Path, clips: Path, monkeypatch: pytest.MonkeyPatch, zone: str, utc_s: int
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert time.localtime(utc_s - 2).tm_isdst != time.localtime(utc_s + 2).tm_isdst
        rig = Rig(tmp_path)
        rig.clock.step(utc_s * NS_PER_S - 6 * NS_PER_S - rig.clock.utc_ns())
        rig.recorder = rig.new_recorder()
        stream, packets = rig.load(clip_of(clips))
        rig.recorder.begin(stream, "start")
        for turn in range(2):
            rig.play(shifted(packets, mono_s=6.0 * turn, ticks=int(6 / stream.video.time_base) * turn))
        rig.recorder.end()
        assert {recording for recording, *_ in rig.segments()} == {1}
        assert rig.gaps() == []
        assert all(
            abs(after.start_utc_ns - before.end_utc_ns) < NS_PER_S // 30
            for before, after in itertools.pairwise(rig.vouched_rows())
        )
        rig.close()
    finally:
        monkeypatch.undo()
        time.tzset()
