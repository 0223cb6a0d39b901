"""Our client and witnesses that others wrote understand each other.

``plain`` is a script in this folder that imports nothing of Basira. ``aics`` is PyPI's aics-witness, which needs
Python ≥ 3.12: ``tools/interop-peer`` puts it where these tests find it.
"""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from basira.custody.cosignature import SignatureVerifier, Signer
from basira.custody.note import Note, verify
from basira.custody.vkey import KeyType, VerifierKey
from basira.custody.witness_client import WitnessAddress, WitnessAhead, WitnessClient, WitnessRefused
from tests.custody import vectors
from tests.custody.logs import TestLog
from tests.interop import peers

ORIGIN = "node01.gov.example/log"


@pytest.mark.parametrize("kind", peers.available())
def test_an_independent_witness_cosigns_our_log_and_refuses_a_fork(kind: str, tmp_path: Path) -> None:
    log = TestLog(tmp_path / "log")
    with peers.running(kind, tmp_path, vectors.LOG_VKEY) as peer, httpx.Client() as http:
        key = VerifierKey.parse(peer.vkey)
        address = WitnessAddress("peer", peer.url, (key,))
        client = WitnessClient(address, http)
        assert client.latest(ORIGIN) is None
        for size in (1, 2, 7, 200, 256, 300):
            note = log.grow(size)
            mldsa = Signer(ORIGIN, KeyType.MLDSA44_COSIGNATURE, bytes(32)).sign(note.text, vectors.TIMESTAMP_S)
            both = Note(note.text, (*note.signatures, mldsa))
            lines = client.cosign(both, log.tiles)
            assert verify(Note(note.text, tuple(lines)), [SignatureVerifier(key)])
        shown = client.latest(ORIGIN)
        assert shown is not None
        assert shown[0].size == 300
        fork = TestLog(tmp_path / "fork")
        fork.append([b"another history"] * 301)
        with pytest.raises(WitnessRefused):
            WitnessClient(address, http).cosign(fork.note(), fork.tiles)
        short = TestLog(tmp_path / "short")
        with pytest.raises(WitnessAhead):
            WitnessClient(address, http).cosign(short.grow(5), short.tiles)
