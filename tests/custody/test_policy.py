"""A policy says which logs and which quorum; what does not satisfy it is not believed."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.custody.checkpoint import Checkpoint
from basira.custody.cosignature import Signer
from basira.custody.note import BadSignature, Note
from basira.custody.policy import LogLine, Policy, WitnessLine, default_quorum, parse_policy, write_policy
from basira.custody.strict import Malformed
from basira.custody.vkey import KeyType
from tests.custody import vectors

LOG = vectors.LOG_VKEY
TEXT = Checkpoint("node01.gov.example/log", 300, bytes.fromhex(vectors.ROOTS[300])).encode()
WITNESSES = [Signer(f"w{i}.example", KeyType.ED25519_COSIGNATURE, bytes([i]) * 32) for i in range(1, 8)]


def policy_of(n: int, k: int | None = None) -> Policy:
    witnesses = [WitnessLine(f"w{i}", signer.vkey) for i, signer in enumerate(WITNESSES[:n], start=1)]
    return parse_policy(write_policy([LogLine(vectors.log_signer().vkey)], witnesses, k).encode())


def signed_by(times_s: dict[int, int]) -> bytes:
    """The checkpoint signed by the log and by witnesses (counted from 1) at the given times."""
    lines = [vectors.log_signer().sign(TEXT, 1)]
    lines += [WITNESSES[i - 1].sign(TEXT, seconds) for i, seconds in times_s.items()]
    return Note(TEXT, tuple(lines)).encode()


def test_the_default_quorum_is_one_and_two_thirds() -> None:
    assert [default_quorum(n) for n in (0, 1, 2, 3, 4, 5, 7, 10)] == [0, 1, 2, 3, 3, 4, 5, 7]


@pytest.mark.parametrize("n", range(1, 40))
def test_two_default_quorums_share_an_honest_witness_when_the_honest_ones_are_a_quorum(n: int) -> None:
    k = default_quorum(n)
    dishonest = n - k
    assert 2 * k - n > dishonest


def test_a_quorum_of_cosignatures_is_needed() -> None:
    policy = policy_of(4)
    judged = policy.judge(signed_by({1: 50, 2: 10, 4: 30}))
    assert judged.cosigned_s == {"w1": 50, "w2": 10, "w4": 30}
    with pytest.raises(BadSignature, match="no quorum"):
        policy.judge(signed_by({1: 50, 2: 10}))


def test_the_bracket_holds_although_one_of_four_witnesses_lies_about_the_time() -> None:
    judged = policy_of(4).judge(signed_by({1: 100, 2: 101, 3: 102, 4: 9_999}))
    assert judged.not_after_s == 102
    assert judged.not_before_s == 101
    early = policy_of(4).judge(signed_by({1: 1, 2: 101, 3: 102, 4: 103}))
    assert early.not_after_s == 102


def test_the_log_itself_must_have_signed() -> None:
    note = Note.parse(signed_by({1: 1, 2: 2, 3: 3, 4: 4}))
    with pytest.raises(BadSignature, match="has not signed"):
        policy_of(4).judge(Note(note.text, note.signatures[1:]).encode())


def test_another_log_is_not_believed() -> None:
    other = Checkpoint("elsewhere.example", 300, bytes.fromhex(vectors.ROOTS[300])).encode()
    line = vectors.log_signer().sign(other, 1)
    with pytest.raises(BadSignature, match="knows no log"):
        policy_of(1, 1).judge(Note(other, (line,)).encode())


def test_the_same_witness_twice_counts_once() -> None:
    note = Note.parse(signed_by({1: 1}))
    twice = Note(note.text, (*note.signatures, note.signatures[1], note.signatures[1]))
    with pytest.raises(BadSignature, match="no quorum"):
        policy_of(3, 2).judge(twice.encode())


def test_groups_of_groups() -> None:
    keys = [signer.vkey.encode() for signer in WITNESSES]
    text = f"""
# two institutions
log {LOG}\thttps://node01.example
witness X1 {keys[0]}
witness X2 {keys[1]} http://x2.example/
witness X3 {keys[2]}
group X 2 X1 X2 X3
  witness Y1 {keys[3]}
witness Y2 {keys[4]}
group Y any Y1 Y2
group both all X Y
quorum both
"""
    policy = parse_policy(text.encode())
    assert policy.satisfied({"X1", "X3", "Y2"})
    assert not policy.satisfied({"X1", "X2", "X3"})
    assert not policy.satisfied({"X1", "Y1", "Y2"})
    assert policy.witnesses[1].url == "http://x2.example/"


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"log {LOG}\n",
        f"log {LOG}\nlog {LOG}\nquorum none\n",
        f"log {LOG}\nquorum none\nquorum none\n",
        f"log {LOG}\nquorum w1\n",
        f"log {LOG} a b\nquorum none\n",
        f"log {LOG[:-1]}\nquorum none\n",
        f"witness w1 {LOG}\nquorum w1\n",
        f"witness none {vectors.WITNESS_VKEY}\nquorum none\n",
        f"witness w1 {vectors.WITNESS_VKEY}\nwitness w2 {vectors.WITNESS_VKEY}\nquorum w1\n",
        f"witness w1 {vectors.WITNESS_VKEY}\ngroup g 0 w1\nquorum g\n",
        f"witness w1 {vectors.WITNESS_VKEY}\ngroup g 2 w1\nquorum g\n",
        f"witness w1 {vectors.WITNESS_VKEY}\ngroup g any w1 w1\nquorum g\n",
        f"witness w1 {vectors.WITNESS_VKEY}\ngroup g any w1\ngroup h any w1\nquorum h\n",
        f"witness w1 {vectors.WITNESS_VKEY}\ngroup g any none\nquorum g\n",
        f"witness w1 {vectors.WITNESS_VKEY}\ngroup w1 any w1\nquorum w1\n",
        f"witness w1 {vectors.WITNESS_VKEY}\ngroup g any\nquorum g\n",
        "quorum none\rx\n",
        "quorum none",
    ],
)
def test_a_policy_that_breaks_a_rule_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_policy(text.encode())


def test_a_policy_without_witnesses_gives_no_bracket() -> None:
    judged = parse_policy(f"log {LOG}\nquorum none\n".encode()).judge(signed_by({}))
    assert (judged.not_before_s, judged.not_after_s) == (None, None)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_fall_over(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        parse_policy(data)
