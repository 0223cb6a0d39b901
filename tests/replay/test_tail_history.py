"""Whatever recorder, crashes and retention do in whatever order, a tail gives each fragment at most once, in order,
and leaves out only what was deleted before it came there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.replay.tail import OLDEST, Cursor, Skipped, Tail
from tests.replay.store import GATE, START_NS, OpenSegment, Store
from tests.streams import make_numbered_clip

_FOLDER = tempfile.TemporaryDirectory(prefix="basira-tail-")


def _clip() -> Path:
    path = Path(_FOLDER.name) / "clip.mp4"
    return path if path.exists() else make_numbered_clip(path, frames=60, rate=15, gop=15, size=(160, 120))


class History(RuleBasedStateMachine):
    """A stream's life as the recorder writes it, read by one tail that is closed and opened again at will."""

    def __init__(self) -> None:
        super().__init__()
        self.root = tempfile.TemporaryDirectory(dir=_FOLDER.name)
        self.store = Store(Path(self.root.name))
        self.clock = SimulatedClock()
        self.tail = Tail(self.store.footage, GATE, OLDEST, self.clock)
        self.recordings = 0
        self.waiting: list[OpenSegment] = []
        self.open: OpenSegment | None = None
        self.ended: list[OpenSegment] = []
        self.all: list[OpenSegment] = []
        self.deleted: set[tuple[int, int]] = set()
        self.given: list[tuple[Cursor, bytes]] = []
        self.skips = 0

    @initialize()
    def first_recording(self) -> None:
        self.new_recording()

    @rule()
    @precondition(lambda self: self.open is None)
    def new_recording(self) -> None:
        self.recordings += 1
        start = START_NS + self.recordings * 100 * NS_PER_S
        self.waiting = self.store.begin(_clip(), GATE, self.recordings, start, 1)
        self.open = self.waiting.pop(0)

    @rule(samples=st.integers(1, 15))
    @precondition(lambda self: self.open is not None)
    def write(self, samples: int) -> None:
        assert self.open is not None
        self.open.append(samples)
        if self.open.writer.started and self.open not in self.all:
            self.all.append(self.open)

    @rule()
    @precondition(lambda self: self.open is not None and self.open.writer.started)
    def go_on_in_the_next_segment(self) -> None:
        self._end("closed")
        self.open = self.waiting.pop(0) if self.waiting else None

    @rule()
    @precondition(lambda self: self.open is not None and self.open.writer.started)
    def crash_and_recover(self) -> None:
        self._end("recovered")
        self.open = None

    @rule()
    @precondition(lambda self: bool(self.ended))
    def delete_the_oldest(self) -> None:
        segment = self.ended.pop(0)
        self.store.delete(segment.key)
        self.deleted.add((segment.key.recording, segment.key.segment))

    @rule()
    def read(self) -> None:
        self.clock.advance(2 * NS_PER_S)
        for item in self.tail.available():
            if isinstance(item, Skipped):
                self.skips += 1
            else:
                self.given.append((item.after, item.data))

    @rule(count=st.integers(1, 3))
    def read_a_little(self, count: int) -> None:
        for _, item in zip(range(count), self.tail.available(), strict=False):
            if isinstance(item, Skipped):
                self.skips += 1
            else:
                self.given.append((item.after, item.data))

    @rule()
    def restart_the_reader(self) -> None:
        self.tail.close()
        self.tail = Tail(self.store.footage, GATE, self.tail.cursor, self.clock)

    @invariant()
    def each_fragment_comes_at_most_once_and_in_order(self) -> None:
        places = [after for after, _ in self.given]
        assert places == sorted(set(places))

    def teardown(self) -> None:
        self.read()
        self.read()
        given = dict(self.given)
        missing: set[tuple[int, int]] = set()
        for segment in self.all:
            key = (segment.key.recording, segment.key.segment)
            for commit in segment.writer.commits:
                data = given.pop(Cursor(*key, commit.fragment + 1), None)
                if data is None:
                    missing.add(key)
                else:
                    assert len(data) == commit.length
        assert not given, "nothing is given that was not committed"
        assert missing <= self.deleted, "only what was deleted is left out"
        newest = max((after[:2] for after, _ in self.given), default=(0, 0))
        assert self.skips or not [key for key in missing if key < newest], "and that is said"
        self.tail.close()
        self.store.close()
        self.root.cleanup()

    def _end(self, state: str) -> None:
        assert self.open is not None
        self.open.end(state)
        self.ended.append(self.open)


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
