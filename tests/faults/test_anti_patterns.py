"""The anti-patterns of other systems, each by its name (docs/durability.md), and that it cannot happen here.

A3, A4, A5 and A8 of retention are in tests/recording/test_retention.py, A7 in tests/web/test_guard.py;
:func:`test_each_anti_pattern_is_named_by_a_test` holds the list complete.
"""

from __future__ import annotations

import ast
import errno
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

import basira
from basira.base.clock import NS_PER_S
from basira.base.settings import Settings
from basira.recording.check import Check
from basira.recording.storage import IDENTITY_FILE
from tests.conftest import clip_of
from tests.recording.clips import demuxed
from tests.recording.failing import FailingFilesystem
from tests.recording.node import wait_until
from tests.recording.rig import Rig, shifted, video

_SOURCES = Path(basira.__file__).parent
_TESTS = Path(__file__).parents[1]


def test_each_anti_pattern_is_named_by_a_test() -> None:
    named = {
        match
        for path in _TESTS.rglob("test_*.py")
        for match in re.findall(r"^def test_(a[1-9])_", path.read_text("utf-8"), re.MULTILINE)
    }
    assert named == {f"a{number}" for number in range(1, 10)}


def test_a1_what_is_recorded_and_kept_depends_on_no_detector() -> None:
    """A1: detector lag deletes video. The recorder, retention in it, does not even load the analysis."""
    program = "import sys, basira.recording.recorder; print(*sorted(m for m in sys.modules if m.startswith('basira.')))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "basira.recording.retention" in loaded
    assert [name for name in loaded if name.split(".")[1] in ("analysis", "replay", "alerting", "web")] == []
    assert "events_path" not in (_SOURCES / "recording" / "retention.py").read_text("utf-8")


def _deleting_calls(path: Path) -> list[str]:
    """What in a module can take bytes of a file away."""
    tree = ast.parse(path.read_text("utf-8"))
    names = {"unlink", "_unlink", "rmtree", "rmdir", "remove", "truncate", "ftruncate"}
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = [call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in names]
    return found + [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "O_TRUNC"]


def test_a2_in_the_recorder_only_retention_deletes_and_only_its_socket_and_lock_are_cleared_besides() -> None:
    """A2: an exception unlinks the only copy. There is no such call: whatever fails, nothing knows how to delete."""
    deleting = {path.name: _deleting_calls(path) for path in (_SOURCES / "recording").glob("*.py")}
    assert {name: calls for name, calls in deleting.items() if calls} == {
        "retention.py": ["_unlink", "rmdir"],  # of folders that are empty
        "control.py": ["unlink", "unlink"],
        "recorder.py": ["truncate"],
    }


@pytest.mark.parametrize("call", ["write", "fdatasync", "fsync_folder"])
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS])
def test_a2_whatever_call_fails_however_often_no_written_byte_goes_away(
    tmp_path: Path, clips: Path, call: str, number: int
) -> None:
    """A2, by experiment: files never shrink, disappear or change where they were written."""
    rig = Rig(tmp_path, filesystem=FailingFilesystem(call, 4, number, times=3))
    stream, packets = rig.load(clip_of(clips))
    seen: dict[Path, bytes] = {}
    rig.recorder.begin(stream, "start")
    for packet in packets:
        rig.play([packet])
        for path in rig.files():
            content = path.read_bytes()
            assert content.startswith(seen.get(path, b""))
            seen[path] = content
        assert set(rig.files()) == set(seen)
    rig.recorder.end()
    assert set(rig.files()) >= set(seen) and rig.recorder.counters.disk_failures > 0
    rig.close()


def test_a6_rows_that_cannot_be_written_wait_and_are_written(tmp_path: Path, clips: Path) -> None:
    """A6: fire-and-forget insert into the index, whose failure nobody learns of."""
    rig = Rig(tmp_path)
    stream, packets = rig.load(clip_of(clips))
    rig.settle()
    with closing(sqlite3.connect(tmp_path / "index.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        rig.recorder.begin(stream, "start")
        rig.play(packets)
        rig.recorder.end()
        assert len(rig.files()) == 3
        assert rig.index.state.waiting > 0  # and the recorder tells of it: alarm index_not_writable
        other.execute("ROLLBACK")
    wait_until(lambda: rig.index.state.waiting == 0, 60)
    assert rig.segments() == [(1, 0, "closed"), (1, 1, "closed"), (1, 2, "closed")]
    rig.close()


def test_a7_a_node_as_it_comes_listens_to_its_own_machine_alone() -> None:
    """A7: an anonymous port. Besides, no route is open: tests/web/test_guard.py."""
    settings = Settings(data_dir=Path("data"))
    assert settings.listen_host == settings.custody_listen_host == "127.0.0.1"
    assert not [name for name in Settings.model_fields if "auth" in name or "anonymous" in name]


def test_a8_check_beside_a_missing_mount_says_so_and_deletes_nothing(tmp_path: Path, clips: Path) -> None:
    """A8: a repair tool deletes when a mount is missing."""
    rig = Rig(tmp_path)
    stream, packets = rig.load(clip_of(clips))
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    rows = rig.segments()
    rig.root.rename(tmp_path / "unmounted")
    rig.root.mkdir()
    findings = list(Check(rig.engine, rig.root, "basra", full=True).findings())
    assert {finding.code for finding in findings} == {"segment_file_missing"} and len(findings) == 3
    assert rig.segments() == rows
    assert len(list((tmp_path / "unmounted").rglob("*.mp4"))) == 3 and (tmp_path / "unmounted" / IDENTITY_FILE).exists()
    rig.close()


def test_a9_a_clock_set_back_to_the_very_second_overwrites_and_skips_nothing(tmp_path: Path, clips: Path) -> None:
    """A9: a file named by the wall clock, so that after a step back the name is taken and the segment is dropped."""
    rig = Rig(tmp_path)
    stream, packets = rig.load(clip_of(clips))
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    before = {path: path.read_bytes() for path in rig.files()}
    elapsed_s = (rig.clock.mono_ns() - packets[0].mono_ns) // NS_PER_S
    rig.clock.step(-elapsed_s * NS_PER_S)
    rig.recorder.begin(stream, "reconnect")
    rig.play(shifted(packets, mono_s=float(elapsed_s)))
    rig.recorder.end()
    assert {path: path.read_bytes() for path in before} == before
    added = [path for path in rig.files() if path not in before]
    assert [data for path in added for data in demuxed(path)] == video(packets)
    names = [str(path.relative_to(rig.root)) for path in rig.files()]
    assert not [name for name in names if re.search(r"\d{9,}", name) or time.strftime("%Y") in name]
    rig.close()
