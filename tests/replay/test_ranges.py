"""Any span of any set of segments gives exactly what was recorded in it, once and in order."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from basira.base.clock import NS_PER_MS, NS_PER_S
from basira.base.identifiers import StreamKey
from basira.recording.layout import Gop
from basira.replay.footage import Gap, covered_statement
from basira.replay.ranges import JITTER_NS, Span, gaps_of, merge, parts_of, spans_of
from tests.replay.rows import gops_lasting, insert_segments, segment_row
from tests.replay.store import GATE, START_NS, Store

_ELSEWHERE = StreamKey("basra", "yard", "main")

# Silence before a segment; negative where the clock was set back.
_SEGMENTS = st.lists(
    st.tuples(
        st.integers(-20_000, 90_000).map(lambda ms: ms * NS_PER_MS),
        st.lists(st.integers(9_000, 400_000), min_size=1, max_size=5),
    ),
    max_size=8,
)


def written(store: Store, drawn: list[tuple[int, list[int]]]) -> list[tuple[int, int, Gop]]:
    """Insert segments and say when each GOP was: start, end, GOP."""
    at, rows, expected = START_NS, [], []
    for number, (silence_ns, durations) in enumerate(drawn):
        at += silence_ns
        gops = gops_lasting(durations, size=1000 + number)
        rows.append(segment_row(GATE, 1, number, at, gops))
        rows.append(segment_row(_ELSEWHERE, 1, number, at, gops_lasting([90_000])))
        expected += [
            (at + gop.dts * 100_000 // 9, at + (gop.dts + gop.duration) * 100_000 // 9, gop) for gop in gops
        ]  # fmt: skip
        at = rows[-2]["end_utc_ns"]
    if rows:
        insert_segments(store, rows)
    return expected


@settings(max_examples=60, deadline=None)
@given(drawn=_SEGMENTS, offset_ms=st.integers(-10_000, 200_000), length_ms=st.integers(1, 200_000))
def test_a_span_holds_every_gop_that_overlaps_it_and_no_other(
    drawn: list[tuple[int, list[int]]], offset_ms: int, length_ms: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = Store(tmp_path_factory.mktemp("ranges"))
    expected = written(store, drawn)
    start = START_NS + offset_ms * NS_PER_MS
    end = start + length_ms * NS_PER_MS
    parts = parts_of(store.footage, GATE, start, end)
    found = [(part.segment.utc_ns(gop.dts), part.segment.utc_ns(gop.dts + gop.duration), gop)
             for part in parts for gop in part.gops]  # fmt: skip
    inside = [entry for entry in expected if entry[0] < end and entry[1] > start]
    assert sorted(found, key=str) == sorted(inside, key=str)
    assert len({part.segment.key for part in parts}) == len(parts)
    assert [part.segment.start_utc_ns for part in parts] == sorted(part.segment.start_utc_ns for part in parts)
    for part in parts:
        assert part.length == sum(gop.length for gop in part.gops)
        assert part.segment.key.stream_key == GATE
    store.close()


@settings(max_examples=60, deadline=None)
@given(
    drawn=_SEGMENTS,
    offset_ms=st.integers(-10_000, 200_000),
    length_ms=st.integers(1, 400_000),
    resolution_ms=st.sampled_from([0, 1, 900, 7_000, 60_000]),
)
def test_spans_are_ordered_disjoint_and_cover_what_was_recorded(
    drawn: list[tuple[int, list[int]]],
    offset_ms: int,
    length_ms: int,
    resolution_ms: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    store = Store(tmp_path_factory.mktemp("spans"))
    expected = written(store, drawn)
    start = START_NS + offset_ms * NS_PER_MS
    end = start + length_ms * NS_PER_MS
    closest = max(resolution_ms * NS_PER_MS, JITTER_NS)
    spans = spans_of(store.footage, GATE, start, end, resolution_ms * NS_PER_MS)
    recorded = merge(
        (Span(max(a, start), min(b, end)) for a, b, _ in expected if a < end and b > start), closest
    )  # fmt: skip
    assert spans == recorded
    for before, after in itertools.pairwise(spans):
        assert before.end_utc_ns + closest <= after.start_utc_ns
    store.close()


def test_an_open_segment_counts_as_far_as_it_is_committed(store: Store, six_seconds: Path) -> None:
    segments = store.record(six_seconds, leave_open=True)
    committed = segments[-1].end_utc_ns
    assert spans_of(store.footage, GATE, START_NS, START_NS + 60 * NS_PER_S) == [Span(START_NS, committed)]
    parts = parts_of(store.footage, GATE, START_NS, START_NS + 60 * NS_PER_S)
    assert [part.segment.key for part in parts] == [segment.key for segment in segments]
    assert parts[-1].gops == tuple(segments[-1].writer.gops())
    assert parts[-1].end_utc_ns == committed


def test_a_recovered_segment_counts_as_far_as_the_index_vouches(store: Store, six_seconds: Path) -> None:
    (segment,) = store.begin(six_seconds, GATE, 1, START_NS, 6)
    segment.append(40)
    segment.end("recovered")
    (part,) = parts_of(store.footage, GATE, START_NS, START_NS + 60 * NS_PER_S)
    assert part.offset + part.length == segment.writer.written.length
    assert part.end_utc_ns == segment.end_utc_ns < START_NS + 3 * NS_PER_S


def test_nothing_recorded_is_nothing(store: Store) -> None:
    assert parts_of(store.footage, GATE, START_NS, START_NS + NS_PER_S) == []
    assert spans_of(store.footage, GATE, START_NS, START_NS + NS_PER_S) == []


def test_gaps_are_told_with_their_cause_and_the_last_may_still_last(store: Store) -> None:
    store.add_gap(START_NS, START_NS + 10 * NS_PER_S, "camera")
    store.add_gap(START_NS + 20 * NS_PER_S, None, "link")
    store.add_gap(START_NS, START_NS + 10 * NS_PER_S, "disk", _ELSEWHERE)
    assert gaps_of(store.footage, GATE, START_NS + 5 * NS_PER_S, START_NS + 60 * NS_PER_S) == [
        Gap(START_NS, START_NS + 10 * NS_PER_S, "camera", ""),
        Gap(START_NS + 20 * NS_PER_S, None, "link", ""),
    ]
    assert gaps_of(store.footage, GATE, START_NS + 10 * NS_PER_S, START_NS + 20 * NS_PER_S) == []


def test_a_day_of_short_gaps_is_few_enough_to_draw(store: Store) -> None:
    for number in range(500):
        at = START_NS + number * 100 * NS_PER_S
        store.add_gap(at, at + 6 * NS_PER_S, "camera" if number != 250 else "disk")
    coarse = gaps_of(store.footage, GATE, START_NS, START_NS + 86_400 * NS_PER_S, 3600 * NS_PER_S)
    assert len(coarse) < 50
    assert [gap.cause for gap in coarse].count("disk") == 1
    assert len(gaps_of(store.footage, GATE, START_NS, START_NS + 86_400 * NS_PER_S)) == 500


def test_the_timeline_is_answered_from_the_index_by_time_alone(store: Store) -> None:
    plans: list[str] = []
    with store.index.connect() as connection:
        statement = str(covered_statement(GATE, 0, NS_PER_S, NS_PER_S).compile(
            store.index, compile_kwargs={"literal_binds": True}))  # fmt: skip
        plans += [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"))]
    assert any("USING COVERING INDEX segments_by_time" in plan and "start_utc_ns>" in plan for plan in plans), plans
