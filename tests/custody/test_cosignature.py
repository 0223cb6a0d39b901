"""Signatures of the three kinds are the ones of the specification, to the byte where they are deterministic."""

from __future__ import annotations

import struct

import pytest

from basira.custody.checkpoint import Checkpoint
from basira.custody.cosignature import SignatureVerifier, Signer, timestamp_of
from basira.custody.note import Note, verify
from basira.custody.strict import Malformed
from basira.custody.vkey import KeyType
from tests.custody import vectors

TEXT = Checkpoint("node01.gov.example/log", 300, bytes.fromhex(vectors.ROOTS[300])).encode()


def test_ed25519_lines_are_those_of_the_brief_to_the_byte() -> None:
    lines = (
        vectors.log_signer().sign(TEXT, vectors.TIMESTAMP_S),
        vectors.witness_signer().sign(TEXT, vectors.TIMESTAMP_S),
    )
    assert Note(TEXT, lines).encode() == vectors.CHECKPOINT


def test_the_checkpoint_of_the_brief_verifies() -> None:
    verifiers = [SignatureVerifier(s.vkey) for s in (vectors.log_signer(), vectors.witness_signer())]
    verified = verify(Note.parse(vectors.CHECKPOINT), verifiers)
    assert len(verified) == 2
    assert timestamp_of(verified[1].line.blob) == vectors.TIMESTAMP_S


def test_an_mldsa_cosignature_binds_time_origin_size_root_and_its_makers_name() -> None:
    signer = vectors.mldsa_witness_signer()
    line = signer.sign(TEXT, vectors.TIMESTAMP_S)
    verifier = SignatureVerifier(signer.vkey)
    assert verifier.verify(TEXT, line.blob)
    assert not verifier.verify(TEXT.replace("node01", "node02"), line.blob)
    assert not verifier.verify(TEXT.replace("300", "301"), line.blob)
    assert not verifier.verify(TEXT, struct.pack(">Q", vectors.TIMESTAMP_S + 1) + line.blob[8:])
    renamed = SignatureVerifier(Signer("w3.example", signer.kind, signer.seed).vkey)
    assert not renamed.verify(TEXT, line.blob)


def test_a_cosignature_without_a_time_is_refused() -> None:
    signer = vectors.witness_signer()
    with pytest.raises(ValueError, match="has a time"):
        signer.sign(TEXT, 0)
    blob = signer.sign(TEXT, 5).blob
    assert not SignatureVerifier(signer.vkey).verify(TEXT, bytes(8) + blob[8:])
    assert not SignatureVerifier(signer.vkey).verify(TEXT, b"\xff" * 8 + blob[8:])


def test_an_ed25519_cosignature_is_not_a_log_signature() -> None:
    seed = bytes(range(32))
    log = Signer("a.example", KeyType.ED25519, seed)
    witness = Signer("a.example", KeyType.ED25519_COSIGNATURE, seed)
    assert log.vkey.id != witness.vkey.id
    assert not SignatureVerifier(log.vkey).verify(TEXT, witness.sign(TEXT, 5).blob)
    assert not SignatureVerifier(witness.vkey).verify(TEXT, log.sign(TEXT, 5).blob)


def test_signatures_of_the_wrong_length_are_refused() -> None:
    for signer in (vectors.log_signer(), vectors.witness_signer(), vectors.mldsa_witness_signer()):
        blob = signer.sign(TEXT, 5).blob
        verifier = SignatureVerifier(signer.vkey)
        assert not verifier.verify(TEXT, blob + b"\0")
        assert not verifier.verify(TEXT, blob[:-1])
    with pytest.raises(Malformed):
        timestamp_of(b"\0" * 7)


def test_a_seed_never_shows() -> None:
    assert "seed" not in repr(vectors.log_signer())
