"""Each system call that footage depends on made to fail: nothing promised is lost, a failed sync is never tried again,
and recording goes on by itself."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from basira.catalogue.cameras import CameraChange
from basira.recording.segment import LocalFilesystem
from tests.conftest import clip_of
from tests.faults.failing_disk import FailingDisk, failing_disk, why_not
from tests.faults.site import Site, site_on
from tests.faults.store import invariants_broken
from tests.faults.table import Matrix
from tests.recording.node import wait_until

_ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC}
_SHORT = [("write", "ENOSPC"), ("fsync", "EIO")]
_LONG = [pair for pair in product(("open", "write", "fsync", "fsyncdir"), _ERRORS) if pair not in _SHORT]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[FailingDisk]:
    if (lacking := why_not()) is not None:
        pytest.skip(f"failing system calls are left out: {lacking}")
    with failing_disk(tmp_path) as made:
        yield made


@pytest.fixture
def site(disk: FailingDisk, tmp_path: Path, clips: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with site_on(disk.root, tmp_path, clip_of(clips), monkeypatch) as made:
        yield made


@pytest.fixture
def used_after_failure(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Writes and syncs of a segment file that began after a write or sync of it had failed.

    Seen in the recorder and not at the disk, where a write may wait while the sync before it fails.
    """
    failed: set[str] = set()
    used: list[str] = []

    def watched(call: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def do(filesystem: LocalFilesystem, descriptor: int, *arguments: bytes) -> Any:
            path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
            if path in failed:
                used.append(f"{call} {path}")
            try:
                return work(filesystem, descriptor, *arguments)
            except OSError:
                failed.add(path)
                raise

        return do

    for call in ("write", "fdatasync"):
        monkeypatch.setattr(LocalFilesystem, call, watched(call, getattr(LocalFilesystem, call)))
    return used


def _inject(disk: FailingDisk, site: Site, matrix: Matrix, pairs: list[tuple[str, str]], used: list[str]) -> None:
    with site.node.recorder():
        site.wait_recorded()
        for call, error in pairs:
            before = disk.failures()
            # Once: another file takes over and nothing is missing.
            disk.fail(call, _ERRORS[error], suffix="" if call == "fsyncdir" else ".mp4", times=1)
            wait_until(lambda before=before: disk.failures() > before)  # type: ignore[misc]
            site.wait_well()
            # For as long as it lasts: a gap for which the disk is to blame.
            disk.fail(call, _ERRORS[error])
            site.wait_gap()
            disk.heal()
            site.wait_well()
            matrix.row(f"{error} from {call}").injected += disk.failures() - before
    assert used == []
    row = matrix.row("EIO and ENOSPC while recording, together")
    site.settle(row, 2 * len(pairs))


def test_calls_that_fail_while_recording(
    disk: FailingDisk, site: Site, matrix: Matrix, used_after_failure: list[str]
) -> None:
    _inject(disk, site, matrix, _SHORT, used_after_failure)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_call_that_fails_while_recording(
    disk: FailingDisk, site: Site, matrix: Matrix, used_after_failure: list[str]
) -> None:
    _inject(disk, site, matrix, _LONG, used_after_failure)


@pytest.mark.slow
@pytest.mark.parametrize("error", _ERRORS)
def test_an_unlink_that_fails_keeps_file_and_row(disk: FailingDisk, site: Site, matrix: Matrix, error: str) -> None:
    row = matrix.row(f"{error} from unlink")
    with site.node.recorder() as recorder:
        site.wait_recorded(8)
        disk.fail("unlink", _ERRORS[error])
        site.node.cameras.update("gate", CameraChange(retention_bytes=1))
        wait_until(lambda: recorder.status()["retention"]["failed_unlinks"] > 0)
        row.injected += recorder.status()["retention"]["failed_unlinks"]
        assert recorder.status()["retention"]["deleted_segments"] == 0
        row.broken += invariants_broken(site.node.settings, running=True)
        disk.heal()
        wait_until(lambda: recorder.status()["retention"]["deleted_segments"] > 0)
        site.wait_well()
    row.broken += invariants_broken(site.node.settings)
    assert row.is_kept, row


@pytest.mark.slow
@pytest.mark.parametrize("error", _ERRORS)
def test_a_rename_that_fails_at_the_start_is_told_and_waited_for(
    disk: FailingDisk, site: Site, matrix: Matrix, error: str
) -> None:
    with site.node.recorder():
        site.wait_recorded()
    disk.fail("rename", _ERRORS[error])
    with site.node.recorder() as recorder:
        wait_until(lambda: "storage_not_writable" in {alarm["code"] for alarm in recorder.status()["alarms"]})
        disk.heal()
        site.wait_well()
    site.settle(matrix.row(f"{error} from rename"), disk.failures())
