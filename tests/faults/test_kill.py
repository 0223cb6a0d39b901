"""A recorder killed at any instant has lost nothing it promised, and the next one adopts what it left."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.conftest import clip_of
from tests.faults.store import Ends, fragment_ends, fragments_lost, invariants_broken, recover
from tests.faults.subject import add_file_cameras, promises, recorder, settings_of
from tests.faults.table import Matrix

_FULL_EVERY = 20


def _kill_repeatedly(folder: Path, clip: Path, times: int, matrix: Matrix) -> None:
    settings, row = settings_of(folder / "data"), matrix.row("kill -9 at a random instant")
    add_file_cameras(settings, clip, 4)
    acknowledged, rng = folder / "acknowledged", random.Random(11)
    ever: Ends = {}
    for number in range(times):
        began_s = time.time() - 1.0
        before = len(promises(acknowledged)) + 1
        with recorder(settings, acknowledged, folder / "log") as process:
            while len(promises(acknowledged)) < before:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.05)
            time.sleep(rng.uniform(0.0, 2.0))
            # Read while it records: whatever is whole in a file now is acknowledged, a kill must not take it away.
            seen = fragment_ends(settings.footage_path, changed_since_s=began_s)
        ever |= seen
        row.injected += 1
        # Sometimes the next recorder finds what two kills left.
        if rng.random() < 0.5:
            recover(settings)
            row.broken += invariants_broken(settings, full=number % _FULL_EVERY == 0)
    recover(settings)
    row.acknowledged += sum(len(ends) for ends in ever.values())
    row.lost += fragments_lost(settings.footage_path, ever)
    row.broken += invariants_broken(settings)
    assert row.is_kept, row
    assert len(ever) >= times


def test_whatever_was_committed_survives_kill_9_at_any_instant(tmp_path: Path, clips: Path, matrix: Matrix) -> None:
    _kill_repeatedly(tmp_path, clip_of(clips), 3, matrix)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_whatever_was_committed_survives_two_hundred_kills(tmp_path: Path, clips: Path, matrix: Matrix) -> None:
    _kill_repeatedly(tmp_path, clip_of(clips), 200, matrix)
