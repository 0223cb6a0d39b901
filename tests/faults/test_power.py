"""Power cut at any instant, on a real ext4: what was synced is there, and the index agrees with the files again."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from basira.databases.sqlite import open_database
from basira.recording import schema
from tests.conftest import clip_of
from tests.faults.logged_disk import LoggedDisk, image_after_cut, logged_disk, mounted, read_log, why_not
from tests.faults.subject import add_file_cameras, broken, committed, promises, recorder, settings_of
from tests.faults.table import Row, table

_SIZE = 192 << 20


def _record(disk: LoggedDisk, folder: Path, clip: Path, seconds: float) -> None:
    """Let the recorder fill the disk for a while; the clip lies elsewhere, as a camera does."""
    settings = settings_of(disk.mount / "data")
    add_file_cameras(settings, clip, 4)
    with recorder(settings, folder / "acknowledged", folder / "log") as process:
        time.sleep(seconds)
        assert process.poll() is None, (folder / "log").read_text()


def _adopt(data: Path, folder: Path) -> None:
    """Start the recorder on what the cut left, until it has looked at every file."""
    log = folder / "adoption.log"
    log.write_text("")
    with recorder(settings_of(data), folder / "elsewhere", log) as process:
        while "adoption_finished" not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)


def _unowned(data: Path) -> list[str]:
    """Committed files that the index does not list."""
    engine = open_database(data / "index.db", read_only=True)
    with engine.connect() as connection:
        listed = set(connection.execute(select(schema.segments.c.path)).scalars())
    engine.dispose()
    return sorted(name for name in committed(data / "footage") if name not in listed)


def _cut_power(folder: Path, clip: Path, cuts: int, seconds: float) -> Row:
    row = Row("power cut")
    with logged_disk(folder, _SIZE) as disk:
        _record(disk, folder, clip, seconds)
    writes, promised_ever = read_log(disk.log), promises(folder / "acknowledged")
    first = next(i for i, write in enumerate(writes) if write.mono_ns > promised_ever[0].mono_ns)
    rng = random.Random(3)
    for _ in range(cuts):
        cut = rng.randrange(first, len(writes))
        kept = [promise for promise in promised_ever if promise.mono_ns <= writes[cut - 1].mono_ns]
        image = folder / "image"
        image.write_bytes(image_after_cut(writes, disk.size, cut, rng))
        with mounted(image, folder / "after") as after:
            data = after / "data"
            row.lost += len(broken(data / "footage", {promise.path: promise.length for promise in kept}))
            _adopt(data, folder)
            row.broken += _unowned(data)
        row.injected += 1
        row.acknowledged += len(kept)
    return row


@pytest.fixture
def _able() -> None:
    if (lacking := why_not()) is not None:
        pytest.skip(f"power cuts are left out: {lacking}")


@pytest.mark.usefixtures("_able")
def test_what_was_synced_survives_a_power_cut(tmp_path: Path, clips: Path) -> None:
    row = _cut_power(tmp_path, clip_of(clips), cuts=4, seconds=12)
    print(table([row]))  # noqa: T201 - the table is what the run is for
    assert (row.lost, row.broken) == (0, [])
    assert row.acknowledged > 0


@pytest.mark.slow
@pytest.mark.usefixtures("_able")
def test_what_was_synced_survives_fifty_power_cuts(tmp_path: Path, clips: Path) -> None:
    row = _cut_power(tmp_path, clip_of(clips), cuts=50, seconds=60)
    print(table([row]))  # noqa: T201
    assert (row.lost, row.broken) == (0, [])
