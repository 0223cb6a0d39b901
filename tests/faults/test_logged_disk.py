"""The harness itself: it must be able to lose what was not synced, and never what was."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from tests.faults.logged_disk import image_after_cut, logged_disk, mounted, read_log, why_not

_SIZE = 64 << 20
_BODY = b"basira" * 20_000


def _write(folder: Path, name: str, *, synced: bool) -> int:
    """Write a file, synced with its folder or not at all; returns when that was done, monotonic ns."""
    with (folder / name).open("wb") as file:
        file.write(_BODY)
        file.flush()
        if synced:
            os.fsync(file.fileno())
    if synced:
        descriptor = os.open(folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    return time.monotonic_ns()


def test_a_power_cut_takes_what_was_not_synced_and_nothing_that_was(tmp_path: Path) -> None:
    if (lacking := why_not()) is not None:
        pytest.skip(f"power cuts are left out: {lacking}")
    done: dict[str, int] = {}
    with logged_disk(tmp_path, _SIZE) as disk:
        for number in range(20):
            done[f"synced-{number}"] = _write(disk.mount, f"synced-{number}", synced=True)
            done[f"loose-{number}"] = _write(disk.mount, f"loose-{number}", synced=False)
    writes = read_log(disk.log)
    first = next(i for i, write in enumerate(writes) if write.mono_ns > disk.ready_mono_ns)
    rng = random.Random(7)
    lost = {"synced": 0, "loose": 0}
    for _ in range(8):
        cut = rng.randrange(first, len(writes))
        image = tmp_path / "image"
        image.write_bytes(image_after_cut(writes, disk.size, cut, rng))
        with mounted(image, tmp_path / "after") as after:
            for name, at in done.items():
                if at <= writes[cut - 1].mono_ns:
                    path = after / name
                    lost[name.split("-")[0]] += not path.exists() or path.read_bytes() != _BODY
    assert lost["synced"] == 0
    assert lost["loose"] > 0
