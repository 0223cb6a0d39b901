"""A verifier key has one spelling, and its ID is its own."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.custody.strict import Malformed
from basira.custody.vkey import KeyType, VerifierKey
from tests.custody import vectors


def test_the_keys_of_the_brief() -> None:
    assert vectors.log_signer().vkey.encode() == vectors.LOG_VKEY
    assert vectors.witness_signer().vkey.encode() == vectors.WITNESS_VKEY
    assert vectors.mldsa_witness_signer().vkey.id.hex() == vectors.MLDSA_WITNESS_KEY_ID
    assert VerifierKey.parse(vectors.LOG_VKEY) == vectors.log_signer().vkey


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a+b",
        vectors.LOG_VKEY.replace("2f566382", "2f566383"),
        vectors.LOG_VKEY.replace("2f566382", "2F566382"),
        vectors.LOG_VKEY.replace("node01", "node02"),
        vectors.LOG_VKEY + "=",
        vectors.LOG_VKEY[:-4],
        " " + vectors.LOG_VKEY,
        "x+00000000+",
        "x+00000000+/w==",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        VerifierKey.parse(text)


def test_a_name_with_a_space_or_plus_names_no_key() -> None:
    for name in ("", "a b", "a+b", "a\u00a0b", "a\nb"):
        with pytest.raises(Malformed):
            VerifierKey(name, KeyType.ED25519, bytes(32))


@given(st.text(max_size=80))
def test_no_text_makes_the_parser_fall_over(text: str) -> None:
    with contextlib.suppress(Malformed):
        assert VerifierKey.parse(text).encode() == text
