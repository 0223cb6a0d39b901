"""Before a camera was added nothing was owed; but who takes away its first segments is found, by all three judges."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.custody.entries import Camera, Stream, decode_entry
from basira.custody.manifest import entry_name, proof_name
from tests.custody.adversary.conftest import agreed
from tests.custody.adversary.test_attacks import place_of
from tests.custody.adversary.test_mutations import with_manifest
from tests.custody.bundles import CLIP_NS, contents, export, judged, repacked
from tests.custody.node import Node
from tests.custody.page_judge import PageJudge
from tests.replay.store import OpenSegment

HOUR_NS = 3600 * NS_PER_S
Found = Callable[[Path], list[str]]
Noticed = Callable[[Path], list[list[str]]]


@pytest.fixture
def found(node: Node, single_file: ModuleType, page_judge: PageJudge) -> Found:
    return lambda bundle: agreed(bundle, node.policy_path, single_file, page_judge)


@pytest.fixture
def noticed(node: Node, single_file: ModuleType, page_judge: PageJudge) -> Noticed:
    """What each of the three judges remarks without condemning it."""

    def codes_of(bundle: Path) -> list[list[str]]:
        with bundle.open("rb") as file:
            alone = single_file.Judgement(single_file.Bundle(file), single_file.Policy(node.policy_path.read_bytes()))
        return [
            [notice.code for notice in judged(node, bundle).notices],
            [code for code, _, _ in alone.notices],
            [notice["code"] for notice in page_judge.verdict(bundle, node.policy_path)["notices"]],
        ]

    return codes_of


def record_at(node: Node, start_ns: int, recording: int = 1) -> list[OpenSegment]:
    """Three segments from then on; the clock stands at their end."""
    recorded = node.record(recording=recording, start_utc_ns=start_ns)
    node.clock.advance(max(0, start_ns + CLIP_NS - node.clock.utc_ns()))
    return recorded


def new_camera(node: Node, after_ns: int = 2 * NS_PER_S) -> list[OpenSegment]:
    """The log takes note of the camera; so much later it records."""
    node.turn()
    recorded = record_at(node, node.clock.utc_ns() + after_ns)
    node.turn()
    return recorded


def with_the_hour_before(node: Node, first: OpenSegment, end_ns: int = CLIP_NS) -> Path:
    return export(node, start_ns=first.start_utc_ns - HOUR_NS, end_ns=first.start_utc_ns + end_ns)


def forget(node: Node, segment: OpenSegment) -> None:
    """File and row gone, and no tombstone: as somebody does who wants no trace."""
    segment.path.unlink()
    with node.store.index.begin() as connection:
        connection.exec_driver_sql(
            "DELETE FROM segments WHERE recording = ? AND segment = ?", (segment.key.recording, segment.key.segment)
        )


def test_the_hour_before_a_camera_was_added_is_no_gap(node: Node, found: Found, noticed: Noticed) -> None:
    bundle = with_the_hour_before(node, new_camera(node)[0])
    assert found(bundle) == []
    assert all("not_yet_recording" in codes for codes in noticed(bundle))


def begin_sub_stream(node: Node) -> None:
    """An hour after the camera it gets a second stream, which is what is recorded from now on."""
    new_camera(node)
    node.turn(3600)
    node.add_stream("gate", "sub")
    node.stream = node.stream._replace(stream="sub")


def test_a_stream_added_later_than_its_camera_owes_nothing_before(node: Node, found: Found, noticed: Noticed) -> None:
    begin_sub_stream(node)
    bundle = with_the_hour_before(node, new_camera(node)[0])
    assert found(bundle) == []
    assert all("not_yet_recording" in codes for codes in noticed(bundle))


def test_what_a_stream_missed_after_it_was_added_needs_a_cause(node: Node, found: Found) -> None:
    begin_sub_stream(node)
    first, *_ = new_camera(node, after_ns=30 * NS_PER_S)
    assert found(with_the_hour_before(node, first)) == ["unexplained_gap"]


def test_the_first_segments_of_a_stream_that_was_added_later_taken_away(node: Node, found: Found) -> None:
    begin_sub_stream(node)
    recorded = new_camera(node)
    forget(node, recorded[0])
    node.turn()
    assert "unexplained_gap" in found(with_the_hour_before(node, recorded[1]))


def test_a_stream_taken_out_and_added_again_is_not_new(node: Node, found: Found) -> None:
    begin_sub_stream(node)
    first = new_camera(node)
    with node.catalogue.change() as connection:
        connection.exec_driver_sql("DELETE FROM camera_streams WHERE stream = 'sub'")
    node.turn(600)
    node.add_stream("gate", "sub")
    again = record_at(node, node.clock.utc_ns() + 40 * NS_PER_S, recording=2)
    for segment in first:
        forget(node, segment)
    node.turn()
    assert [(entry.stream, entry.change) for entry in node.of_kind("stream") if isinstance(entry, Stream)] == [
        ("main", "added"), ("sub", "added"), ("sub", "removed"), ("sub", "added"),
    ]  # fmt: skip
    assert found(with_the_hour_before(node, again[0])) == ["unexplained_gap"]


def test_streams_of_a_log_that_told_none_before_are_not_told_to_be_new(node: Node, found: Found) -> None:
    """As after an upgrade: a stream that was there is owed from when its camera was added, as before."""
    node.turn()
    node.add_stream("gate", "sub")
    noted = node.journal.note("decisions")
    del noted["streams"]
    node.journal.remember({"decisions": noted})
    node.start()
    node.turn()
    node.stream = node.stream._replace(stream="sub")
    first, *_ = new_camera(node)
    assert [entry.stream for entry in node.of_kind("stream") if isinstance(entry, Stream)] == ["main"]
    assert found(with_the_hour_before(node, first)) == ["unexplained_gap"]


def test_a_camera_recorded_before_the_log_took_note_of_it_is_believed_for_what_it_recorded(
    node: Node, found: Found
) -> None:
    first, *_ = record_at(node, node.clock.utc_ns())
    node.turn()
    assert found(with_the_hour_before(node, first)) == []


def test_what_a_camera_missed_after_it_was_added_needs_a_cause(node: Node, found: Found) -> None:
    node.turn()
    added_ns = node.clock.utc_ns()
    first, *_ = record_at(node, added_ns + 30 * NS_PER_S)
    node.turn()
    assert found(with_the_hour_before(node, first)) == ["unexplained_gap"]
    node.store.add_gap(added_ns, first.start_utc_ns, "link", node.stream)
    node.turn()
    assert found(with_the_hour_before(node, first)) == []


@pytest.mark.parametrize("was_logged", [False, True])
@pytest.mark.parametrize("count", [1, 2])
def test_the_first_segments_taken_away(node: Node, found: Found, count: int, was_logged: bool) -> None:
    node.turn()
    recorded = record_at(node, node.clock.utc_ns() + 2 * NS_PER_S)
    if was_logged:
        node.turn()
    for segment in recorded[:count]:
        forget(node, segment)
    node.turn()
    assert found(with_the_hour_before(node, recorded[0])) == ["unexplained_gap"]


def test_a_whole_first_recording_taken_away(node: Node, found: Found) -> None:
    first = new_camera(node)
    later = record_at(node, node.clock.utc_ns() + NS_PER_S, recording=2)
    for segment in first:
        forget(node, segment)
    node.turn()
    assert found(with_the_hour_before(node, later[0])) == ["unexplained_gap"]


def test_the_first_segment_deleted_with_its_entry_and_its_proof(node: Node, found: Found, tmp_path: Path) -> None:
    files = contents(with_the_hour_before(node, new_camera(node)[0]))
    place = place_of(files, 1, 0)
    for name in (entry_name(*place), proof_name(*place), "video/gate/main/00000001/000000.mp4"):
        del files[name]
    bad = repacked(tmp_path / "bad.zip", with_manifest(files))
    assert found(bad) == ["manifest_not_logged", "unexplained_gap"]


def test_without_the_proof_that_it_was_added_the_hour_stays_unexplained(
    node: Node, found: Found, tmp_path: Path
) -> None:
    files = contents(with_the_hour_before(node, new_camera(node)[0]))
    for name in [name for name in files if name.startswith("entries/")]:
        if isinstance(decode_entry(files[name]), Camera | Stream):
            del files[name]
            del files[name.replace("entries", "proofs").replace(".json", ".tlog-proof")]
    bad = repacked(tmp_path / "bad.zip", with_manifest(files))
    assert found(bad) == ["manifest_not_logged", "unexplained_gap"]


def test_a_camera_taken_out_and_added_again_is_not_new(node: Node, found: Found) -> None:
    """The first word of the log about it is what counts, and not the latest."""
    first = new_camera(node)
    with node.catalogue.change() as connection:
        connection.exec_driver_sql("DELETE FROM camera_streams")
        connection.exec_driver_sql("DELETE FROM cameras")
    node.turn(600)
    node.add_camera("gate")
    again = record_at(node, node.clock.utc_ns() + 40 * NS_PER_S, recording=2)
    for segment in first:
        forget(node, segment)
    node.turn()
    assert [entry.change for entry in node.of_kind("camera") if isinstance(entry, Camera)] == [
        "added", "removed", "added",
    ]  # fmt: skip
    assert found(with_the_hour_before(node, again[0])) == ["unexplained_gap"]


def test_a_stream_wiped_and_begun_anew_has_its_old_entries_against_it(node: Node, found: Found) -> None:
    for segment in new_camera(node):
        forget(node, segment)
    with node.store.index.begin() as connection:
        connection.exec_driver_sql("DELETE FROM recordings")
    node.store.last_sha256.clear()
    again = record_at(node, node.clock.utc_ns() + NS_PER_S)
    node.turn()
    assert found(with_the_hour_before(node, again[0])) == [*["segment_altered"] * 3, "unexplained_gap"]


def test_a_clock_set_forward_when_the_camera_is_added_proves_nothing(node: Node, found: Found) -> None:
    """The log claims that it was added an hour later than the witnesses know."""
    node.witnesses.clock = SimulatedClock(utc_ns=node.clock.utc_ns())
    for name, home in node.witnesses.homes.items():
        node.witnesses.running[name] = home.open(node.witnesses.clock)
    node.clock.advance(HOUR_NS)
    first, *_ = new_camera(node)
    assert "unexplained_gap" in found(with_the_hour_before(node, first))
