"""Hundreds of single changes to an honest bundle, chosen by chance: both verifiers refuse every one of them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from basira.custody.manifest import MANIFEST, SUMS, ListedFile, Manifest, encode_sums
from tests.custody.adversary.conftest import Judge
from tests.custody.bundles import contents, repacked

FLIPS = 200
FORGERIES = 60
Files = dict[str, bytes]


def flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def with_sums(files: Files) -> Files:
    """As a forger repairs them."""
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != SUMS}
    return files | {SUMS: encode_sums(sums)}


def with_manifest(files: Files) -> Files:
    """As a forger with more time repairs them: he can, but the log will not say that he may."""
    manifest = Manifest.parse(files[MANIFEST])
    listed = {
        name: ListedFile(bytes=len(files[name]), sha256=hashlib.sha256(files[name]).hexdigest())
        for name in files
        if not name.startswith("seal/") and name not in (MANIFEST, SUMS)
    }
    return with_sums(files | {MANIFEST: manifest.model_copy(update={"files": listed}).encode()})


def forged(files: Files, chance: random.Random) -> Files:
    """One file changed, dropped, doubled or exchanged, in a container without a flaw."""
    name = chance.choice(sorted(set(files) - {SUMS, MANIFEST}))
    other = chance.choice(sorted(set(files) - {SUMS, MANIFEST, name}))
    how = chance.randrange(5)
    changed = dict(files)
    if how == 0:
        changed[name] = flipped(files[name], chance)
    elif how == 1:
        del changed[name]
    elif how == 2:
        changed[name] = files[other]
    elif how == 3:
        changed[name + ".copy"] = files[name]
    else:
        changed[name] = files[name][: chance.randrange(len(files[name]))]
    repairs: list[Callable[[Files], Files]] = [with_sums, with_manifest, dict]
    return chance.choice(repairs)(changed)


def test_the_honest_bundle_is_good(sealed: Path, judge: Judge) -> None:
    assert judge(sealed) == []


@pytest.mark.parametrize("seed", range(4))
def test_no_flipped_bit_anywhere_is_accepted(sealed: Path, judge: Judge, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    good = sealed.read_bytes()
    for number in range(FLIPS // 4):
        bad = tmp_path / "bad.zip"
        bad.write_bytes(flipped(good, chance))
        assert judge(bad), f"flip {number} of seed {seed}"


def test_no_flipped_bit_in_any_small_file_is_accepted(sealed: Path, judge: Judge, tmp_path: Path) -> None:
    """Flips by file and not by byte: else nearly all of them hit video."""
    chance = random.Random(7)
    files = contents(sealed)
    for name in sorted(files):
        bad = repacked(tmp_path / "bad.zip", files | {name: flipped(files[name], chance)})
        assert judge(bad), name


@pytest.mark.parametrize("seed", range(3))
def test_no_forgery_in_a_flawless_container_is_accepted(sealed: Path, judge: Judge, tmp_path: Path, seed: int) -> None:
    chance = random.Random(100 + seed)
    files = contents(sealed)
    for number in range(FORGERIES // 3):
        bad = repacked(tmp_path / "bad.zip", forged(files, chance))
        assert judge(bad), f"forgery {number} of seed {seed}"


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_change_out_of_thousands_is_accepted(sealed: Path, judge: Judge, tmp_path: Path) -> None:
    chance = random.Random(2026)
    files, good = contents(sealed), sealed.read_bytes()
    bad = tmp_path / "bad.zip"
    for _ in range(2000):
        if chance.random() < 0.5:
            bad.write_bytes(flipped(good, chance))
            assert judge(bad)
        else:
            assert judge(repacked(bad, forged(files, chance)))
