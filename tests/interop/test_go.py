"""Go's ``x/mod/sumdb`` accepts what we write and refuses it when changed.

Needs Debian's ``golang-go`` and ``golang-golang-x-mod-dev``, which ``tools/system-packages`` installs.
"""

from __future__ import annotations

import os
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest

from basira.custody import merkle
from basira.custody.proof import TlogProof
from tests.custody import vectors

SOURCE = Path(__file__).parent / "go"
GO_LIBRARY = Path("/usr/share/gocode")
ROOT_300 = b64encode(bytes.fromhex(vectors.ROOTS[300])).decode()
ROOT_200 = b64encode(vectors.ROOT_200).decode()


class Checker:
    def __init__(self, program: Path, folder: Path) -> None:
        self.program = program
        self.folder = folder

    def file(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def hashes(self, name: str, hashes: list[bytes]) -> str:
        return self.file(name, b"".join(b64encode(one) + b"\n" for one in hashes))

    def accepts(self, *arguments: str | int) -> bool:
        done = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        assert done.returncode == 0 or done.stderr.startswith("refused:")
        return done.returncode == 0


@pytest.fixture(scope="session")
def go_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("go")
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": str(GO_LIBRARY),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "-p=1",
    }
    program = folder / "checker"
    subprocess.run(["go", "build", "-o", str(program), "."], cwd=SOURCE, env=environment, check=True)
    return program


@pytest.fixture
def checker(go_program: Path, tmp_path: Path) -> Checker:
    return Checker(go_program, tmp_path)


@pytest.fixture(scope="module")
def leaves() -> merkle.LeafList:
    return merkle.LeafList([merkle.leaf_hash(entry) for entry in vectors.ENTRIES])


@pytest.mark.parametrize("vkey", [vectors.LOG_VKEY, vectors.WITNESS_VKEY])
def test_go_accepts_our_checkpoint_and_our_cosignature(checker: Checker, vkey: str) -> None:
    assert checker.accepts("note", vkey, checker.file("checkpoint", vectors.CHECKPOINT))
    forged = vectors.CHECKPOINT.replace(b"\n300\n", b"\n301\n")
    assert not checker.accepts("note", vkey, checker.file("forged", forged))


def test_go_accepts_our_inclusion_proofs(checker: Checker, leaves: merkle.LeafList) -> None:
    for index in (0, 1, 123, 255, 256, 299):
        entry = checker.file("entry", vectors.ENTRIES[index])
        proof = checker.hashes("proof", merkle.inclusion_proof(leaves, index, 300))
        assert checker.accepts("inclusion", 300, ROOT_300, index, entry, proof)
        assert not checker.accepts("inclusion", 300, ROOT_300, (index + 1) % 300, entry, proof)
        assert not checker.accepts("inclusion", 300, ROOT_300, index, checker.file("other", b"forged"), proof)


def test_go_accepts_our_consistency_proofs(checker: Checker, leaves: merkle.LeafList) -> None:
    proof = checker.hashes("proof", merkle.consistency_proof(leaves, 200, 300))
    assert checker.accepts("consistency", 200, ROOT_200, 300, ROOT_300, proof)
    assert not checker.accepts("consistency", 200, ROOT_300, 300, ROOT_200, proof)


def test_go_accepts_a_tlog_proof_whole(checker: Checker, leaves: merkle.LeafList) -> None:
    proof = TlogProof(7, tuple(merkle.inclusion_proof(leaves, 7, 300)), vectors.CHECKPOINT).encode()
    file, entry = checker.file("7.tlog-proof", proof), checker.file("entry", vectors.ENTRIES[7])
    assert checker.accepts("proof", vectors.LOG_VKEY, entry, file)
    assert not checker.accepts("proof", vectors.LOG_VKEY, checker.file("other", vectors.ENTRIES[8]), file)
