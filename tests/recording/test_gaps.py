"""Every interval without recording is written down once, with its cause, whatever the wall clock does."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.base.identifiers import StreamKey
from basira.recording.gaps import GapLedger, Resumption
from basira.recording.rows import GapRow

S = NS_PER_S


class Book:
    """A ledger and the rows it has written: the newest of each start."""

    def __init__(self) -> None:
        self.clock = SimulatedClock()
        self.rows: dict[int, GapRow] = {}
        self.until_mono_ns = self.clock.mono_ns()
        self.ledger = GapLedger(StreamKey("basra", "gate", "main"), self.clock, 5.0, self._put)

    def _put(self, row: GapRow) -> None:
        self.rows[row.start_utc_ns] = row

    def commit(self) -> None:
        self.commit_from(0, 0)

    def commit_from(self, start_s: float, end_s: float) -> None:
        """A fragment that began and ended that long ago."""
        now_utc_ns, now_mono_ns = self.clock.utc_ns(), self.clock.mono_ns()
        end_ns = round(end_s * S)
        self.until_mono_ns = now_mono_ns - end_ns
        self.ledger.committed(now_mono_ns - round(start_s * S), now_utc_ns - end_ns, self.until_mono_ns)

    def resume(self, reason: str = "reconnect", *, new_recording: bool = True) -> None:
        start = Resumption(self.clock.utc_ns(), self.clock.mono_ns(), reason, new_recording)
        self.ledger.resumed(start)
        self.commit()

    def gaps(self) -> list[tuple[float, float | None, str]]:
        start = SimulatedClock().utc_ns()
        return [
            ((g.start_utc_ns - start) / S, None if g.end_utc_ns is None else (g.end_utc_ns - start) / S, g.cause)
            for g in sorted(self.rows.values(), key=lambda g: g.start_utc_ns)
        ]


def test_silence_shorter_than_the_limit_opens_nothing() -> None:
    book = Book()
    book.commit()
    book.clock.advance(4 * S)
    assert book.ledger.check() is None


def test_silence_opens_a_gap_at_the_end_of_the_last_fragment_and_recording_closes_it() -> None:
    book = Book()
    book.commit()
    book.clock.advance(6 * S)
    book.ledger.blame("link")
    assert book.ledger.check() is not None
    assert book.gaps() == [(0, None, "link")]
    book.clock.advance(4 * S)
    book.resume()
    assert book.gaps() == [(0, 10, "link")]


def test_a_cause_that_is_found_later_names_the_open_gap() -> None:
    book = Book()
    book.commit()
    book.clock.advance(6 * S)
    book.ledger.check()
    assert book.gaps() == [(0, None, "unknown")]
    book.ledger.blame("camera", "camera_refused_password")
    assert book.gaps() == [(0, None, "camera")]


def test_a_frame_from_before_the_silence_that_is_written_late_does_not_end_the_gap() -> None:
    book = Book()
    book.commit()
    book.clock.advance(6 * S)
    book.ledger.check()
    book.commit_from(6, 6 - 1 / 15)
    book.ledger.blame("link", "camera_silent")
    assert book.gaps() == [(0, None, "link")]
    book.clock.advance(4 * S)
    book.resume()
    assert book.gaps() == [(0, 10, "link")]


def test_frames_that_come_late_but_one_after_the_other_are_no_gap_until_none_comes() -> None:
    book = Book()
    book.commit()
    late_ns = 0
    for _ in range(40):  # a line that carries half of what is sent
        book.clock.advance(S)
        late_ns += S // 2
        book.commit_from(late_ns / S + 0.5, late_ns / S)
        assert book.ledger.check() is None
        assert book.ledger.late_s() == (late_ns / S if late_ns >= 10 * S else None)
    book.clock.advance(4 * S)
    assert book.ledger.check() is None
    book.clock.advance(S)
    assert book.ledger.check() is not None
    assert book.gaps() == [(20, None, "unknown")]
    assert book.ledger.late_s() is None


def test_frames_are_no_longer_late_when_they_are_nearly_in_time_again() -> None:
    book = Book()
    for late_s, told in ((9, None), (10, 10), (6, 6), (4, None), (6, None)):
        book.clock.advance(S)
        book.commit_from(late_s + 1, late_s)
        assert book.ledger.late_s() == told


@pytest.mark.parametrize("silent_s", [6, 9, 30])
def test_a_line_that_stalls_and_then_brings_everything_leaves_no_gap(silent_s: int) -> None:
    book = Book()
    book.commit()
    book.clock.advance(silent_s * S)
    assert book.ledger.check() is not None
    for ago_s in range(silent_s, 0, -1):  # all at once, one after the other
        book.commit_from(ago_s, ago_s - 1)
    assert book.gaps() == [(0, 0, "unknown")]
    assert book.ledger.open_gap is None
    book.clock.advance(6 * S)
    assert book.ledger.check() is not None
    assert book.gaps() == [(0, 0, "unknown"), (silent_s, None, "unknown")]


def test_a_segment_that_begins_while_a_gap_is_being_filled_leaves_none_either() -> None:
    book = Book()
    book.commit()
    book.clock.advance(30 * S)
    book.ledger.check()
    book.commit_from(30, 29)
    start = Resumption(book.clock.utc_ns() - 29 * S, book.clock.mono_ns() - 29 * S, "length", False)
    (header,) = book.ledger.headers(start)
    assert header.start_utc_ns == header.end_utc_ns
    book.ledger.resumed(start)
    assert book.gaps() == [(0, 0, "unknown")]


def test_a_hole_in_what_came_late_leaves_a_gap_that_ends_with_the_hole() -> None:
    book = Book()
    book.commit()
    book.clock.advance(10 * S)
    book.ledger.check()
    book.commit_from(10, 9)
    for ago_s in range(7, 0, -1):
        book.commit_from(ago_s, ago_s - 1)
    assert book.gaps() == [(0, 3, "unknown")]


def test_what_turns_out_not_to_be_on_the_disk_is_a_gap_however_lately_it_was_committed() -> None:
    book = Book()
    began_utc_ns, began_mono_ns = book.clock.utc_ns(), book.clock.mono_ns()
    for _ in range(6):
        book.clock.advance(S)
        book.commit()
    book.ledger.lost_since(began_utc_ns, began_mono_ns)
    assert book.ledger.check() is not None
    assert book.gaps() == [(0, None, "unknown")]


def test_a_hole_too_short_to_be_noticed_is_written_when_recording_resumes() -> None:
    book = Book()
    book.commit()
    book.ledger.blame("link")
    book.clock.advance(2 * S)
    book.resume()
    assert book.gaps() == [(0, 2, "link")]


def test_the_next_segment_without_interruption_is_no_gap() -> None:
    book = Book()
    book.commit()
    book.clock.advance(S // 20)
    book.resume("length", new_recording=False)
    assert book.gaps() == []


@pytest.mark.parametrize("step", [-3600 * S, -86_400 * S])
def test_a_clock_set_back_hides_no_gap(step: int) -> None:
    book = Book()
    book.commit()
    book.clock.step(step)
    book.clock.advance(6 * S)
    opened = book.ledger.check()
    assert opened is not None
    assert opened.start_utc_ns == book.clock.utc_ns() - 6 * S


def test_a_clock_set_forward_opens_no_gap_but_the_skipped_time_is_explained() -> None:
    book = Book()
    book.commit()
    book.clock.step(3600 * S)
    assert book.ledger.check() is None
    book.resume("clock")
    assert book.gaps() == [(0, 3600, "clock")]


def test_a_clock_that_wakes_in_1970_leaves_no_gap_over_what_was_recorded() -> None:
    book = Book()
    yesterday = book.clock.utc_ns()
    book.clock.step(-yesterday)
    book.ledger.restore(yesterday, [], "power")
    book.resume("start")
    book.clock.advance(10 * S)
    book.commit()
    book.clock.step(yesterday + 86_400 * S)
    book.resume("clock")
    assert book.gaps()[-1] == (0, 86_410, "clock")


def test_time_while_the_machine_was_off_is_a_gap_apart_from_what_came_after() -> None:
    book = Book()
    end = book.clock.utc_ns()
    book.clock.advance(100 * S)
    book.ledger.restore(end, [], "power")
    book.ledger.able()
    book.clock.advance(3 * S)
    book.ledger.blame("link", "camera_unreachable")
    assert book.gaps() == [(0, 100, "power"), (100, None, "link")]
    book.clock.advance(7 * S)
    book.resume()
    assert book.gaps() == [(0, 100, "power"), (100, 110, "link")]


def test_an_open_gap_of_the_last_run_goes_on() -> None:
    book = Book()
    end = book.clock.utc_ns()
    book.clock.advance(50 * S)
    lasting = GapRow(StreamKey("basra", "gate", "main"), end, None, "link")
    book.ledger.restore(end, [lasting], "power")
    book.resume()
    assert book.gaps() == [(0, 50, "link")]


def test_switching_a_camera_off_and_on_gives_each_time_its_cause() -> None:
    book = Book()
    book.commit()
    book.clock.advance(S)
    book.ledger.interrupt("operator")
    book.clock.advance(60 * S)
    book.ledger.able()
    book.clock.advance(2 * S)
    book.resume()
    assert book.gaps() == [(0, 63, "operator")]


def test_headers_hold_each_gap_once() -> None:
    book = Book()
    book.commit()
    book.clock.advance(6 * S)
    book.ledger.check()
    start = Resumption(book.clock.utc_ns(), book.clock.mono_ns(), "reconnect", True)
    (header,) = book.ledger.headers(start)
    assert (header.end_utc_ns - header.start_utc_ns) == 6 * S
    book.resume()
    assert book.ledger.headers(Resumption(book.clock.utc_ns(), book.clock.mono_ns(), "length", False)) == ()


_STEPS = ["commit", "late", "wait", "resume", "blame", "check", "step"]


@given(st.lists(st.tuples(st.sampled_from(_STEPS), st.integers(1, 20))))
def test_gaps_never_overlap_nor_end_before_they_start(steps: list[tuple[str, int]]) -> None:
    book = Book()
    for what, amount in steps:
        if what == "commit" and book.ledger.open_gap is None:
            book.commit()
        elif what == "late":  # a second of what was kept back, behind a hole now and then
            ago_s = (book.clock.mono_ns() - book.until_mono_ns) / S - amount // 10
            if ago_s >= 1:
                book.commit_from(ago_s, ago_s - 1)
        elif what == "wait":
            book.clock.advance(amount * S)
        elif what == "resume":
            book.resume()
        elif what == "blame":
            book.ledger.blame("link")
        elif what == "check":
            book.ledger.check()
        elif what == "step":
            book.clock.step(amount * S)
    rows = sorted(book.rows.values(), key=lambda row: row.start_utc_ns)
    assert sum(row.end_utc_ns is None for row in rows) <= 1
    for row in rows:
        assert row.end_utc_ns is None or row.end_utc_ns >= row.start_utc_ns
    for before, after in itertools.pairwise(rows):
        assert before.end_utc_ns is not None and before.end_utc_ns <= after.start_utc_ns
