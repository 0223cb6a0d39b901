"""Power cut at any instant, on a real ext4: what was synced is there, and the index agrees with the files again."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.conftest import clip_of
from tests.faults.logged_disk import LoggedDisk, image_after_cut, logged_disk, mounted, read_log, why_not
from tests.faults.store import Ends, fragment_ends, fragments_lost, invariants_broken, promised_fragments, recover
from tests.faults.subject import add_file_cameras, promises, recorder, settings_of
from tests.faults.table import Matrix
from tests.recording.node import wait_until

_SIZE = 192 << 20


def _record(disk: LoggedDisk, folder: Path, clip: Path, seconds: float) -> Ends:
    """Let the recorder fill the disk for a while; the clip lies elsewhere, as a camera does."""
    settings = settings_of(disk.mount / "data")
    add_file_cameras(settings, clip, 4)
    with recorder(settings, folder / "acknowledged", folder / "log") as process:
        wait_until(lambda: bool(promises(folder / "acknowledged")), 90)
        time.sleep(seconds)
        assert process.poll() is None, (folder / "log").read_text()
    return fragment_ends(settings.footage_path)


def _cut_power(folder: Path, clip: Path, cuts: int, seconds: float, matrix: Matrix) -> None:
    row = matrix.row("power cut")
    with logged_disk(folder, _SIZE) as disk:
        ends = _record(disk, folder, clip, seconds)
    writes, promised_ever = read_log(disk.log), promises(folder / "acknowledged")
    first = next(i for i, write in enumerate(writes) if write.mono_ns > promised_ever[0].mono_ns)
    rng = random.Random(3)
    for _ in range(cuts):
        cut = rng.randrange(first, len(writes))
        kept = promised_fragments([p for p in promised_ever if p.mono_ns <= writes[cut - 1].mono_ns], ends)
        image = folder / "image"
        image.write_bytes(image_after_cut(writes, disk.size, cut, rng))
        with mounted(image, folder / "after") as after:
            settings = settings_of(after / "data")
            row.lost += fragments_lost(settings.footage_path, kept)
            recover(settings)
            row.broken += invariants_broken(settings)
        row.injected += 1
        row.acknowledged += sum(len(fragments) for fragments in kept.values())
    assert row.is_kept, row
    assert row.acknowledged > 0


@pytest.fixture
def _able() -> None:
    if (lacking := why_not()) is not None:
        pytest.skip(f"power cuts are left out: {lacking}")


@pytest.mark.usefixtures("_able")
def test_what_was_synced_survives_a_power_cut(tmp_path: Path, clips: Path, matrix: Matrix) -> None:
    _cut_power(tmp_path, clip_of(clips), cuts=4, seconds=5, matrix=matrix)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("_able")
def test_what_was_synced_survives_fifty_power_cuts(tmp_path: Path, clips: Path, matrix: Matrix) -> None:
    _cut_power(tmp_path, clip_of(clips), cuts=50, seconds=60, matrix=matrix)
