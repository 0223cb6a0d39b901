"""Frames lost as the benchmark counts them, also where retention deletes while it counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete

from basira.recording import schema
from bench.losses import LossWatch, frames_lost
from tests.recording.rig import Rig

_RATE = 15
_MISSING = 40


@pytest.fixture
def work(tmp_path: Path, clip: Path) -> Path:
    """What a node leaves behind that never got one frame, in the second of three segments."""
    rig = Rig(tmp_path / "data")
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets[:_MISSING] + packets[_MISSING + 1 :])
    rig.recorder.end()
    rig.settle()
    rig.close()
    return tmp_path


def forget(work: Path, segment: int) -> None:
    """As retention does."""
    rig = Rig(work / "data")
    (file,) = (path for path in rig.files() if path.stem == f"{segment:06}")
    file.unlink()
    with rig.engine.begin() as connection:
        connection.execute(delete(schema.segments).where(schema.segments.c.segment == segment))
    rig.close()


def test_a_missing_frame_is_counted(work: Path) -> None:
    assert frames_lost(work, _RATE) == 1


def test_it_is_counted_though_its_segment_was_deleted_before_the_end(work: Path) -> None:
    watch = LossWatch(work, _RATE)
    watch.look()
    forget(work, 1)
    assert watch.total() == 1
    assert frames_lost(work, _RATE) == 30  # all of the segment: what a count at the end alone would say


def test_segments_that_were_deleted_before_anybody_read_them_are_not_passed_over(work: Path) -> None:
    for path in work.rglob("000001.mp4"):
        path.unlink()
    with pytest.raises(RuntimeError, match="1 segments were deleted"):
        LossWatch(work, _RATE).total()
