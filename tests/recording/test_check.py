"""The check finds what is wrong between index and files, says so in both languages, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, update

from basira.recording import schema
from basira.recording.check import Check, Finding
from basira.recording.layout import verify_commits
from tests.recording.rig import Rig


@pytest.fixture
def recorded(rig: Rig, clip: Path) -> Rig:
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    rig.settle()
    return rig


def findings(rig: Rig, *, full: bool = True, running: bool = False) -> list[Finding]:
    found = list(Check(rig.engine, rig.root, "basra", full=full, recorder_running=running).findings())
    for finding in found:
        assert finding.message("ar") != finding.message("en")
    return found


def codes(rig: Rig, **options: bool) -> list[str]:
    return [finding.code for finding in findings(rig, **options)]


def test_a_sound_store_has_no_finding(recorded: Rig) -> None:
    assert findings(recorded) == []


def test_a_missing_file_is_found(recorded: Rig) -> None:
    recorded.files()[1].unlink()
    assert codes(recorded, full=False) == ["segment_file_missing"]


def test_a_file_cut_short_is_found(recorded: Rig) -> None:
    path = recorded.files()[0]
    path.write_bytes(path.read_bytes()[:-1])
    assert codes(recorded, full=False) == ["segment_file_short"]


def test_one_flipped_bit_of_video_is_found_by_the_full_check_alone(recorded: Rig) -> None:
    path = recorded.files()[0]
    damaged = bytearray(path.read_bytes())
    with path.open("rb") as file:
        first = verify_commits(file).commits[0]
    damaged[first.offset + first.length - 5] ^= 1
    path.write_bytes(damaged)
    assert codes(recorded, full=False) == []
    assert codes(recorded) == ["segment_hash_differs"]


def test_a_file_swapped_for_another_is_found(recorded: Rig) -> None:
    first, second, _ = recorded.files()
    first.write_bytes(second.read_bytes())
    found = codes(recorded, full=False)
    assert found and set(found) <= {"segment_duplicate_place", "segment_file_short"}


def test_a_row_that_was_changed_is_found(recorded: Rig) -> None:
    table = schema.segments
    recorded.index.call(
        lambda connection: connection.execute(
            update(table).where(table.c.segment == 1).values(end_utc_ns=table.c.end_utc_ns + 5)
        )
    )
    assert codes(recorded, full=False) == ["segment_row_differs"]


def test_a_file_without_a_row_is_found_and_left(recorded: Rig) -> None:
    table = schema.segments
    recorded.index.call(lambda connection: connection.execute(delete(table).where(table.c.segment == 2)))
    assert codes(recorded) == ["segment_without_row"]
    assert len(recorded.files()) == 3


def test_a_segment_being_written_is_no_finding_while_the_recorder_runs(recorded: Rig, clip: Path) -> None:
    stream, packets = recorded.load(clip)
    recorded.recorder.begin(stream, "reconnect")
    recorded.play(packets[:20])
    recorded.settle()
    assert codes(recorded, running=True) == []
    assert codes(recorded, running=False) == ["segment_open_for_long"]
