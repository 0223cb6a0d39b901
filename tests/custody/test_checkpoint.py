"""A checkpoint names a log, a size and a root in one spelling."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.custody.checkpoint import Checkpoint, origin_hash
from basira.custody.merkle import EMPTY_ROOT
from basira.custody.note import Note
from basira.custody.strict import Malformed
from tests.custody import vectors

ROOT = "rrsCfVw90Ihx7lJXemH8gxItDRQ1J5GUNjm9TBLTaUM="


def test_the_checkpoint_of_the_brief() -> None:
    checkpoint = Checkpoint.parse(Note.parse(vectors.CHECKPOINT).text)
    assert checkpoint == Checkpoint("node01.gov.example/log", 300, bytes.fromhex(vectors.ROOTS[300]))
    assert checkpoint.encode() + "\n" == vectors.CHECKPOINT.decode().split("—")[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        f"a\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"a\n01\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n٣\n{ROOT}\n",
        f"a\n{2**63}\n{ROOT}\n",
        f"a\n1\n{ROOT[:-1]}\n",
        "a\n1\nAAAA\n",
        f"a\n1\n{ROOT}\n\n",
        f"{'a' * 256}\n1\n{ROOT}\n",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Checkpoint.parse(text)


def test_only_the_empty_root_goes_with_size_zero() -> None:
    assert Checkpoint("a", 0, EMPTY_ROOT).is_sane()
    assert not Checkpoint("a", 0, bytes(32)).is_sane()


def test_the_origin_hash_is_lowercase_hex() -> None:
    assert origin_hash("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


@given(st.text(max_size=120))
def test_no_text_makes_the_parser_fall_over(text: str) -> None:
    with contextlib.suppress(Malformed):
        assert Checkpoint.parse(text).encode() == text
