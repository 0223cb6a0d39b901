"""A store after a fault: recovered as the next recorder would do it, then checked by the code of ``basira check``."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from basira.base.clock import SystemClock
from basira.base.errors import BasiraError
from basira.base.settings import Settings
from basira.catalogue.store import open_catalogue
from basira.databases.sqlite import open_database
from basira.recording.check import Check
from basira.recording.index import IndexWriter, open_or_set_aside
from basira.recording.layout import read_header, verify_commits, walk_commits
from basira.recording.startup import Startup
from basira.recording.storage import open_storage
from tests.faults.subject import Promise

Ends = dict[str, list[int]]
"""Of each segment file, by path relative to the footage: where each of its fragments ends."""


def fragment_ends(footage: Path, *, changed_since_s: float = 0.0) -> Ends:
    """By box lengths alone, so cheap; of files changed since then."""
    found: Ends = {}
    for path in footage.glob("*/*/*/*.mp4"):
        if path.stat().st_mtime >= changed_since_s and path.stat().st_size:
            with path.open("rb") as file, suppress(BasiraError):  # torn in its header: it holds no fragment
                _, init_length = read_header(file)
                found[str(path.relative_to(footage))] = [commit.end for commit in walk_commits(file, init_length)]
    return found


def promised_fragments(promised: Iterable[Promise], ends: Ends) -> Ends:
    """The fragments that these syncs promised; of a file that is gone, or ends before, at least one."""
    length: dict[str, int] = {}
    for promise in promised:
        length[promise.path] = max(promise.length, length.get(promise.path, 0))
    found: Ends = {}
    for path, until in length.items():
        known = ends.get(path, [])
        found[path] = [end for end in known if end <= until] or [until]
        if known and known[-1] < until:
            found[path].append(until)
    return found


def fragments_lost(footage: Path, acknowledged: Ends) -> int:
    """How many of these fragments are not there with good digests."""
    lost = 0
    for name, ends in acknowledged.items():
        path = footage / name
        good = 0
        if path.exists():
            with path.open("rb") as file, suppress(BasiraError):
                good = verify_commits(file).length
        lost += sum(end > good for end in ends)
    return lost


def recover(settings: Settings) -> None:
    """What a recorder does at its start to what the last one left, up to the end of adoption. None may run."""
    clock = SystemClock()
    site = site_of(settings)
    engine = open_or_set_aside(settings.index_path, clock)
    index = IndexWriter(engine, clock)
    try:
        storage = open_storage(settings.footage_path, engine, site, clock, submit=index.submit)
        startup = Startup(engine, index, storage, site)
        startup.recover()
        startup.adopt_rest(threading.Event())
        assert not startup.adopting
        storage.close()
    finally:
        index.close()
        engine.dispose()


def invariants_broken(settings: Settings, *, full: bool = True, running: bool = False) -> list[str]:
    """What ``basira check`` finds wrong, each with its invariant's number. Cold unless a recorder is ``running``."""
    index = open_database(settings.index_path, read_only=True)
    try:
        check = Check(index, settings.footage_path, site_of(settings), full=full, recorder_running=running)
        return [
            f"[{finding.invariant}] {finding.code} {finding.params}"
            for finding in check.findings()
            if finding.severity != "info"
        ]
    finally:
        index.dispose()


def site_of(settings: Settings) -> str:
    catalogue = open_catalogue(settings.catalogue_path, SystemClock())
    try:
        return catalogue.site
    finally:
        catalogue.close()
