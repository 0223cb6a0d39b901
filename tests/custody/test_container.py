"""The container has one form: other programs open it, and any changed byte is noticed."""

from __future__ import annotations

import contextlib
import subprocess
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basira.custody import container
from basira.custody.container import Container, write_container
from basira.custody.strict import Malformed

FILES = {"b/two.txt": b"second", "a.txt": b"first" * 100, "empty": b""}


def packed(folder: Path, files: dict[str, bytes]) -> Path:
    sources = {}
    for number, (name, data) in enumerate(files.items()):
        sources[name] = folder / f"source-{number}"
        sources[name].write_bytes(data)
    target = folder / "bundle.zip"
    write_container(target, sources)
    return target


def test_what_is_packed_comes_out_and_is_flawless(tmp_path: Path) -> None:
    with packed(tmp_path, FILES).open("rb") as file:
        opened = Container(file)
        assert {name: opened.read(name) for name in opened.members} == FILES
        assert opened.flaws() == []


def test_the_order_of_packing_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    turned = dict(reversed(FILES.items()))
    assert packed(tmp_path, FILES).read_bytes() == packed(tmp_path / "x", turned).read_bytes()


def test_other_programs_open_it(tmp_path: Path) -> None:
    path = packed(tmp_path, FILES)
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == FILES
    subprocess.run(["python3", "-m", "zipfile", "-t", path], check=True, capture_output=True)


def test_more_files_than_a_plain_zip_can_count_use_zip64(tmp_path: Path, single_file: ModuleType) -> None:
    (tmp_path / "one").write_bytes(b"x")
    path = tmp_path / "bundle.zip"
    write_container(path, {f"file-{i:05d}": tmp_path / "one" for i in range(70_000)})
    with path.open("rb") as file:
        opened = Container(file)
        assert opened.flaws() == []
        assert len(opened.members) == 70_000
        alone = single_file.Bundle(file)
        assert (alone.flaws, len(alone.files)) == ([], 70_000)
    with zipfile.ZipFile(path) as other:
        assert len(other.namelist()) == 70_000


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(data=st.data())
def test_every_changed_byte_is_noticed(tmp_path: Path, data: st.DataObject) -> None:
    good = packed(tmp_path, FILES).read_bytes()
    place = data.draw(st.integers(0, len(good) - 1))
    changed = bytearray(good)
    changed[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "changed.zip"
    path.write_bytes(changed)
    with path.open("rb") as file:
        try:
            opened = Container(file)
        except Malformed:
            return
        assert opened.flaws()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(1, 400), added=st.binary(min_size=1, max_size=30))
def test_bytes_cut_off_or_added_are_noticed(tmp_path: Path, cut: int, added: bytes) -> None:
    good = packed(tmp_path, FILES).read_bytes()
    for changed in (good[:-cut], good[cut:], good + added, added + good):
        path = tmp_path / "changed.zip"
        path.write_bytes(changed)
        with path.open("rb") as file:
            try:
                opened = Container(file)
            except Malformed:
                continue
            assert opened.flaws()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_no_bytes_make_the_reader_fall_over(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(data + b"PK\5\6" + data[:18].ljust(18, b"\0"))
    with path.open("rb") as file, contextlib.suppress(Malformed):
        Container(file).flaws()


@pytest.mark.parametrize("name", ["../up", "/root", "a//b", "a\\b", "c:d", "", "a/./b", "ع"])
def test_unsafe_names_are_not_written(tmp_path: Path, name: str) -> None:
    assert not container.is_safe_name(name)
    (tmp_path / "x").write_bytes(b"")
    with pytest.raises(ValueError, match="bad name"):
        write_container(tmp_path / "bundle", {name: tmp_path / "x"})
