"""A recorder with two cameras, whose footage lies on a disk that a test makes fail; and the reckoning after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from basira.base.clock import NS_PER_MS
from basira.recording.segment import LocalFilesystem
from tests.faults.store import fragment_ends, fragments_lost, invariants_broken, promised_fragments
from tests.faults.subject import promises, witnessed
from tests.faults.table import Row
from tests.recording.node import Node, wait_until


@dataclass
class Site:
    """All that is not footage lies elsewhere, so that it is known what was acknowledged."""

    node: Node
    acknowledged: Path

    def alarms(self) -> set[str]:
        return {alarm["code"] for alarm in self.node.status()["alarms"]}

    def records(self) -> bool:
        return all(self.node.is_recording(camera) for camera in ("gate", "yard"))

    def wait_recorded(self, fragments: int = 3) -> None:
        """Until both cameras have that many more fragments."""
        wait_until(self.records, 90)
        before = {camera: self.node.fragments(camera) for camera in ("gate", "yard")}
        wait_until(lambda: all(self.node.fragments(camera) > n + fragments for camera, n in before.items()), 90)

    def wait_refused(self, alarm: str) -> None:
        """Until that alarm stands and each camera has a gap for which the disk is to blame."""
        wait_until(lambda: alarm in self.alarms())
        self.wait_gap()

    def wait_gap(self) -> None:
        """Until each camera has a gap for which the disk is to blame."""
        wait_until(lambda: all(self._cause(camera) == "disk" for camera in ("gate", "yard")))

    def _cause(self, camera: str) -> object:
        return (self.node.state(camera).get("gap") or {}).get("cause")

    def wait_well(self) -> None:
        """Until it records by itself again and no alarm of the disk is left."""
        self.wait_recorded()
        wait_until(lambda: not any(code.startswith(("storage", "recording_gap")) for code in self.alarms()))

    def settle(self, row: Row, times: int) -> None:
        """As :meth:`reckon`; and there were gaps, the disk to blame for each."""
        self.reckon(row, times)
        gaps = self.gaps()
        assert {gap.cause for gap in gaps} == {"disk"} and all(gap.end_utc_ns for gap in gaps), gaps

    def reckon(self, row: Row, times: int) -> None:
        """After the recorder's end: count what was promised, and hold the store to the full check."""
        footage = self.node.settings.footage_path
        kept = promised_fragments(promises(self.acknowledged), fragment_ends(footage))
        row.injected += times
        row.acknowledged += sum(len(ends) for ends in kept.values())
        row.lost += fragments_lost(footage, kept)
        row.broken += invariants_broken(self.node.settings)
        assert row.is_kept, row

    def gaps(self) -> list[Any]:
        """Both cameras' gaps since each has its first segment."""
        return [gap for camera in ("gate", "yard") for gap in self._gaps_since_first_segment(camera)]

    def _gaps_since_first_segment(self, camera: str) -> list[Any]:
        """A busy machine may have been slow to begin: that is a gap of its own. What lasts no 0.1 s was only feared."""
        first_utc_ns = self.node.rows("segments", camera=camera)[0].start_utc_ns
        gaps = self.node.rows("gaps", camera=camera)
        lasted = [gap for gap in gaps if not gap.end_utc_ns or gap.end_utc_ns - gap.start_utc_ns > 100 * NS_PER_MS]
        return [gap for gap in lasted if gap.start_utc_ns >= first_utc_ns]


@contextmanager
def site_on(
    storage: Path, folder: Path, clip: Path, monkeypatch: pytest.MonkeyPatch, **settings: object
) -> Iterator[Site]:
    """A site whose every successful sync is written down, with what it kept."""
    acknowledged = folder / "acknowledged"
    monkeypatch.setattr(LocalFilesystem, "fdatasync", witnessed(acknowledged))
    node = Node(folder / "data", storage_dir=str(storage), segment_target_s=2.0, gap_after_s=2.0, **settings)
    for camera in ("gate", "yard"):
        node.add(camera, str(clip))
    yield Site(node, acknowledged)
    node.catalogue.close()
