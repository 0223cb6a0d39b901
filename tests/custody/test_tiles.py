"""The log on disk is tlog-tiles, and a power cut at any instant leaves the published checkpoint provable."""

from __future__ import annotations

import base64
import contextlib
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basira.custody import merkle, tiles
from basira.custody.checkpoint import Checkpoint
from basira.custody.note import Note
from basira.custody.strict import Malformed
from basira.custody.tiles import LogDamaged, TileLog, TileReader, decode_bundle, encode_bundle, tile_path
from tests.custody import vectors


def note_of(log: TileLog) -> bytes:
    text = Checkpoint("node01.gov.example/log", log.size, log.root()).encode()
    return Note(text, (vectors.log_signer().sign(text, 1),)).encode()


def published(folder: Path) -> Checkpoint:
    return Checkpoint.parse(Note.parse((folder / "checkpoint").read_bytes()).text)


def grown(folder: Path, *sizes: int) -> TileLog:
    log = TileLog(folder, None)
    for size in sizes:
        log.append(vectors.ENTRIES[log.size : size])
        log.publish(note_of(log))
    return log


def test_paths_are_those_of_the_specification() -> None:
    assert tile_path(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tile_path("entries", 0, 44) == "tile/entries/000.p/44"
    assert tile_path(1, 273, 17) == "tile/1/273.p/17"
    assert [tiles.partial_width(level, 70_000) for level in range(4)] == [112, 17, 1, 0]


def test_the_log_of_the_brief_comes_out_of_the_tiles(tmp_path: Path) -> None:
    log = grown(tmp_path, 1, 7, 200, 255, 256, 257, 300)
    assert base64.b64encode(log.root()).decode() == "rrsCfVw90Ihx7lJXemH8gxItDRQ1J5GUNjm9TBLTaUM="
    assert log.inclusion(123) == vectors.INCLUSION_123_300
    assert log.consistency(200) == vectors.CONSISTENCY_200_300
    assert [entry for _, entry in log.entries()] == vectors.ENTRIES
    assert log.entry(299) == b"entry-299"
    assert [index for index, _ in log.entries(250)] == list(range(250, 300))
    assert log.first_difference() is None


def test_tiles_on_disk_have_the_layout_and_nothing_else(tmp_path: Path) -> None:
    grown(tmp_path, 100, 300)
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    }
    assert (tmp_path / "tile/0/000").stat().st_size == 8192


def test_every_published_size_can_be_read_until_the_tile_is_full(tmp_path: Path) -> None:
    log = grown(tmp_path, 3, 5, 200)
    for size in (3, 5, 200):
        assert TileReader(tmp_path, size).frontier().root() == merkle.tree_root(
            merkle.leaf_hash(entry) for entry in vectors.ENTRIES[:size]
        )
    log.append(vectors.ENTRIES[200:])
    log.publish(note_of(log))
    assert len(list(TileReader(tmp_path, 200).entries())) == 200


def test_a_large_log_uses_three_levels(tmp_path: Path) -> None:
    entries = [str(i).encode() for i in range(66_000)]
    log = TileLog(tmp_path, None)
    log.append(entries[:65_000])
    log.append(entries[65_000:])
    assert log.root() == merkle.tree_root(merkle.leaf_hash(entry) for entry in entries)
    assert (tmp_path / "tile/2/000.p/1").exists()
    path = log.inclusion(65_999)
    assert merkle.verify_inclusion(65_999, 66_000, merkle.leaf_hash(b"65999"), path, log.root())


def test_a_checkpoint_never_runs_ahead_of_the_tiles(tmp_path: Path) -> None:
    log = grown(tmp_path, 10)
    text = Checkpoint("node01.gov.example/log", 11, log.root()).encode()
    with pytest.raises(ValueError, match="not of the tiles"):
        log.publish(Note(text, (vectors.log_signer().sign(text, 1),)).encode())


class PowerCut(Exception):
    pass


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.integers(0, 280), grow=st.integers(1, 20), survive=st.integers(0, 6))
def test_a_power_cut_at_any_write_loses_only_what_was_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, grow: int, survive: int
) -> None:
    folder = tmp_path / "log"
    shutil.rmtree(folder, ignore_errors=True)
    log = grown(folder, before)
    writes = 0
    real = tiles.write_synced

    def cut(path: Path, data: bytes, mode: int = 0o644) -> None:
        nonlocal writes
        if writes == survive:
            raise PowerCut
        writes += 1
        real(path, data, mode)

    with monkeypatch.context() as patch:
        patch.setattr(tiles, "write_synced", cut)
        with contextlib.suppress(PowerCut):
            log.append([b"lost"] * grow)
            log.publish(note_of(log))

    again = TileLog(folder, published(folder))
    assert again.size in (before, before + grow)
    if again.size == before:
        again.append([b"other"] * 3)
        again.publish(note_of(again))
    assert TileLog(folder, published(folder)).first_difference() is None


def test_damaged_tiles_are_refused_and_named(tmp_path: Path) -> None:
    grown(tmp_path, 300)
    tile = tmp_path / "tile/0/001.p/44"
    tile.write_bytes(bytes(44 * 32))
    with pytest.raises(LogDamaged, match="root"):
        TileLog(tmp_path, published(tmp_path))
    tile.unlink()
    with pytest.raises(LogDamaged, match=r"tile/0/001\.p/44 is missing"):
        TileLog(tmp_path, published(tmp_path))


def test_a_changed_entry_is_found(tmp_path: Path) -> None:
    log = grown(tmp_path, 300)
    bundle = tmp_path / "tile/entries/001.p/44"
    entries = decode_bundle(bundle.read_bytes())
    entries[10] = b"forged"
    bundle.write_bytes(encode_bundle(entries))
    assert log.first_difference() == 266


def test_an_entry_longer_than_its_length_field_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too long"):
        TileLog(tmp_path, None).append([bytes(65_536)])


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_bundles_read_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries)) == entries


@given(st.binary(max_size=60))
def test_no_bytes_make_the_bundle_reader_fall_over(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert encode_bundle(decode_bundle(data)) == data
