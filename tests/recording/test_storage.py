"""A storage folder that is not the one expected is refused; an unmounted disk's empty folder is never filled."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from basira.base.clock import SimulatedClock
from basira.base.errors import BasiraError
from basira.recording.index import open_index
from basira.recording.storage import IDENTITY_FILE, GuardedFilesystem, open_storage, read_identity


class Node:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "footage"
        self.clock = SimulatedClock()
        self.index: Engine = open_index(folder / "index.db")

    def open(self, site: str = "basra", root: Path | None = None) -> str:
        return open_storage(root or self.root, self.index, site, self.clock).identity.storage

    def refusal(self, site: str = "basra", root: Path | None = None) -> str:
        with pytest.raises(BasiraError) as error:
            self.open(site, root)
        return error.value.code


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path)
    yield made
    made.index.dispose()


def test_a_new_folder_gets_an_identity_and_keeps_it(node: Node) -> None:
    first = node.open()
    assert node.open() == first
    identity = read_identity(node.root)
    assert identity is not None and identity.opens == 2 and identity.site == "basra"


def test_a_folder_that_is_not_mounted_is_refused(node: Node) -> None:
    node.open()
    node.root.rename(node.folder / "elsewhere")
    assert node.refusal() == "storage_missing"
    node.root.mkdir()
    assert node.refusal() == "storage_missing"
    assert list(node.root.iterdir()) == []


def test_another_nodes_disk_is_refused(node: Node, tmp_path: Path) -> None:
    node.open()
    (tmp_path / "other").mkdir()
    other = Node(tmp_path / "other")
    other.open()
    assert node.refusal(root=other.root) == "storage_crossed"
    other.index.dispose()


def test_a_disk_of_another_site_is_refused_by_a_new_index(node: Node, tmp_path: Path) -> None:
    node.open()
    fresh = open_index(tmp_path / "fresh.db")
    with pytest.raises(BasiraError) as error:
        open_storage(node.root, fresh, "baghdad", node.clock)
    assert error.value.code == "storage_of_other_site"
    fresh.dispose()


def test_an_older_copy_of_the_disk_is_refused(node: Node) -> None:
    node.open()
    shutil.copytree(node.root, node.folder / "backup")
    node.open()
    assert node.refusal(root=node.folder / "backup") == "storage_stale"


def test_a_copy_from_within_the_present_run_is_refused_too(node: Node) -> None:
    storage = open_storage(node.root, node.index, "basra", node.clock)
    shutil.copytree(node.root, node.folder / "backup")
    storage.probe()
    node.root.rename(node.folder / "newest")
    (node.folder / "backup").rename(node.root)
    for refuse in (storage.examine, node.open):
        with pytest.raises(BasiraError) as error:
            refuse()
        assert error.value.code == "storage_stale"
    node.root.rename(node.folder / "backup")
    (node.folder / "newest").rename(node.root)
    storage.examine()
    node.open()


def test_a_disk_that_comes_back_as_another_device_is_taken_up_again(node: Node) -> None:
    storage = open_storage(node.root, node.index, "basra", node.clock)
    shutil.copytree(node.root, node.folder / "same")
    node.root.rename(node.folder / "away")
    assert not storage.is_present()
    (node.folder / "same").rename(node.root)
    storage.examine()
    assert storage.is_present()
    storage.probe()


def test_what_takes_the_place_of_a_disk_never_passes_for_it(node: Node) -> None:
    """Device and inode numbers are given again: only what is held open cannot be mistaken."""
    storage = open_storage(node.root, node.index, "basra", node.clock)
    path = node.root / IDENTITY_FILE
    content = path.read_bytes().replace(storage.identity.storage.encode(), b"storage-another")
    for _ in range(50):
        path.unlink()
        path.write_bytes(content)
        assert not storage.is_present()


def test_a_disk_that_another_recorder_used_meanwhile_waits_for_a_restart(node: Node, tmp_path: Path) -> None:
    storage = open_storage(node.root, node.index, "basra", node.clock)
    moved = node.root.rename(node.folder / "moved")
    elsewhere = open_index(tmp_path / "elsewhere.db")
    open_storage(moved, elsewhere, "basra", node.clock)
    elsewhere.dispose()
    moved.rename(node.root)
    with pytest.raises(BasiraError) as error:
        storage.examine()
    assert error.value.code == "storage_used_elsewhere"
    node.open()


def test_an_older_index_is_accepted_for_files_tell_the_rest(node: Node) -> None:
    node.open()
    node.index.dispose()
    shutil.copy(node.folder / "index.db", node.folder / "yesterday.db")
    node.index = open_index(node.folder / "index.db")
    expected = node.open()
    node.open()
    yesterday = open_index(node.folder / "yesterday.db")
    assert open_storage(node.root, yesterday, "basra", node.clock).identity.storage == expected
    yesterday.dispose()


def test_a_folder_with_footage_but_no_identity_is_refused(node: Node) -> None:
    (node.root / "gate").mkdir(parents=True)
    assert node.refusal() == "storage_not_empty"


def test_a_damaged_identity_is_refused(node: Node) -> None:
    node.open()
    (node.root / IDENTITY_FILE).write_text("{")
    assert node.refusal() == "storage_identity_damaged"


def test_the_probe_reads_back_what_it_wrote(node: Node) -> None:
    storage = open_storage(node.root, node.index, "basra", node.clock)
    storage.probe()
    assert storage.usage().total_bytes > storage.usage().free_bytes > 0


def test_nothing_is_created_once_the_disk_is_gone(node: Node) -> None:
    storage = open_storage(node.root, node.index, "basra", node.clock)
    filesystem = GuardedFilesystem(storage)
    node.root.rename(node.folder / "unmounted")
    node.root.mkdir()
    for attempt in (filesystem.make_folder, filesystem.create):
        with pytest.raises(OSError, match="gone"):
            attempt(node.root / "gate")
    with pytest.raises(OSError, match="device"):
        storage.probe()
    assert list(node.root.iterdir()) == []
