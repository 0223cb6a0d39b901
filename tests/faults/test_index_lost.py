"""The index deleted, cut short, or replaced by yesterday's: rebuilt from the files, gaps and holds included."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from basira.catalogue.cameras import CameraChange
from basira.catalogue.holds import Holds
from basira.recording.layout import read_header
from tests.conftest import clip_of
from tests.faults.store import fragment_ends, fragments_lost, invariants_broken
from tests.faults.table import Matrix
from tests.recording.node import Node, wait_until


def _index_files(node: Node) -> list[Path]:
    return list(node.settings.index_path.parent.glob("index.db*"))


def _record(node: Node, fragments: int) -> None:
    """A run with a gap in the middle, for which the operator is to blame."""
    with node.recorder():
        wait_until(lambda: node.fragments("gate") > fragments, 90)
        node.cameras.update("gate", CameraChange(enabled=False))
        wait_until(lambda: node.state("gate").get("state") == "stopped")
        time.sleep(0.5)
        node.cameras.update("gate", CameraChange(enabled=True))
        wait_until(lambda: node.is_recording("gate"), 90)
        count = node.fragments("gate")
        wait_until(lambda: node.fragments("gate") > count + fragments, 90)


def _delete(node: Node, _: Path) -> None:
    for part in _index_files(node):
        part.unlink()


def _cut_short(node: Node, _: Path) -> None:
    os.truncate(node.settings.index_path, node.settings.index_path.stat().st_size // 2)


def _replace_by_yesterdays(node: Node, yesterday: Path) -> None:
    _delete(node, yesterday)
    for part in yesterday.glob("index.db*"):
        shutil.copy(part, node.settings.index_path.parent / part.name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "damage"),
    [("deleted", _delete), ("cut short", _cut_short), ("replaced by yesterday's", _replace_by_yesterdays)],
)
def test_an_index_that_is_lost_is_rebuilt_from_the_files(
    tmp_path: Path, clips: Path, matrix: Matrix, fault: str, damage: Callable[[Node, Path], None]
) -> None:
    row = matrix.row(f"index {fault}")
    node = Node(tmp_path / "data", segment_target_s=2.0)
    node.add("gate", str(clip_of(clips)))
    yesterday = tmp_path / "yesterday"
    _record(node, 6)
    yesterday.mkdir()
    for part in _index_files(node):
        shutil.copy(part, yesterday / part.name)
    first = node.rows("segments")[0]
    Holds(node.catalogue).set("gate", first.start_utc_ns, first.end_utc_ns, reason="court", by="judge")
    with node.recorder():  # what retention deletes now, yesterday's index does not know of
        node.cameras.update("gate", CameraChange(retention_bytes=1))
        wait_until(lambda: bool(node.rows("tombstones")), 60)
        node.cameras.update("gate", CameraChange(retention_bytes=1 << 40))
    with node.recorder():
        wait_until(lambda: node.fragments("gate") > 6, 90)
    expected, ends = node.rows("segments"), fragment_ends(node.settings.footage_path)
    damage(node, yesterday)
    with node.recorder() as recorder:
        wait_until(lambda: not recorder.status()["index"]["adopting"])
        sealed = _gaps_in_files(node.settings.footage_path, ends)
        assert sealed and sealed <= {(gap.start_utc_ns, gap.end_utc_ns, gap.cause) for gap in node.rows("gaps")}
        node.cameras.update("gate", CameraChange(retention_bytes=1))
        wait_until(lambda: recorder.status()["retention"]["deleted_segments"] > 0, 60)
        wait_until(lambda: node.fragments("gate") > 3, 90)
        node.cameras.update("gate", CameraChange(retention_bytes=1 << 40))
    row.injected += 1
    row.acknowledged += sum(len(found) for found in ends.values())
    deleted = {found.path for found in node.rows("tombstones")}
    kept = {path: found for path, found in ends.items() if path not in deleted}
    row.lost += fragments_lost(node.settings.footage_path, kept)
    row.broken += invariants_broken(node.settings)
    assert row.is_kept, row
    assert first.path in kept, "it is held"
    now = {found.path: found for found in node.rows("segments")}
    assert all(now[found.path] == found for found in expected if found.path in kept)
    assert not node.rows("segments", state="open")
    node.catalogue.close()


def _gaps_in_files(footage: Path, names: Iterable[str]) -> set[tuple[int, int, str]]:
    """The gaps that these files tell of in their headers."""
    found = set()
    for name in names:
        with (footage / name).open("rb") as file:
            found |= {(gap.start_utc_ns, gap.end_utc_ns, gap.cause) for gap in read_header(file)[0].gaps}
    return found
