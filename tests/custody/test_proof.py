"""A .tlog-proof has one spelling and carries its checkpoint verbatim."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.custody.proof import TlogProof
from basira.custody.strict import Malformed
from tests.custody import vectors

PROOF = TlogProof(123, tuple(vectors.INCLUSION_123_300), vectors.CHECKPOINT)


def test_a_proof_reads_back() -> None:
    assert TlogProof.parse(PROOF.encode()) == PROOF
    extra = TlogProof(0, (), b"x\n", b"opaque")
    assert TlogProof.parse(extra.encode()) == extra
    assert extra.encode() == b"c2sp.org/tlog-proof@v1\nextra b3BhcXVl\nindex 0\n\nx\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"c2sp.org/tlog-proof@v1\n\nx\n",
        b"c2sp.org/tlog-proof@v2\nindex 0\n\nx\n",
        b"c2sp.org/tlog-proof@v1\nindex 00\n\nx\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\nx\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\nx\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\n" + b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64 + b"\nx\n",
    ],
)
def test_other_spellings_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        TlogProof.parse(data)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_fall_over(tail: bytes) -> None:
    data = b"c2sp.org/tlog-proof@v1\n" + tail
    with contextlib.suppress(Malformed):
        assert TlogProof.parse(data).encode() == data
