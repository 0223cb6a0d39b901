"""A recorder killed at any instant has lost nothing it promised, and the next one adopts what it left."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.conftest import clip_of
from tests.faults.subject import add_file_cameras, broken, committed, promises, recorder, settings_of


def _kill_repeatedly(folder: Path, clip: Path, times: int) -> None:
    settings = settings_of(folder / "data")
    add_file_cameras(settings, clip, 4)
    acknowledged, rng = folder / "acknowledged", random.Random(11)
    promised: dict[str, int] = {}
    for _ in range(times):
        before = len(promises(acknowledged)) + 1
        with recorder(settings, acknowledged, folder / "log") as process:
            while len(promises(acknowledged)) < before:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.05)
            time.sleep(rng.uniform(0.0, 2.0))
            seen = committed(settings.footage_path)
        for name, length in seen.items():
            promised[name] = max(length, promised.get(name, 0))
        assert broken(settings.footage_path, promised) == []
    assert len(promised) >= times


def test_whatever_was_committed_survives_kill_9_at_any_instant(tmp_path: Path, clips: Path) -> None:
    _kill_repeatedly(tmp_path, clip_of(clips), 6)


@pytest.mark.slow
def test_whatever_was_committed_survives_two_hundred_kills(tmp_path: Path, clips: Path) -> None:
    _kill_repeatedly(tmp_path, clip_of(clips), 200)
