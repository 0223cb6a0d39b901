"""Our client gets cosignatures from our witness, believes none that does not verify, and notices a lost end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from basira.base.clock import SystemClock
from basira.custody.cosignature import SignatureVerifier
from basira.custody.note import Note, verify
from basira.custody.submission import Submission
from basira.custody.vkey import VerifierKey
from basira.custody.witness.app import make_app
from basira.custody.witness.home import WitnessHome
from basira.custody.witness_client import (
    WitnessAddress,
    WitnessAhead,
    WitnessClient,
    WitnessRefused,
    WitnessUnreachable,
)
from tests.custody import vectors
from tests.custody.logs import TestLog
from tests.custody.serving import serving

ORIGIN = "node01.gov.example/log"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[WitnessAddress]:
    home = WitnessHome(tmp_path / "witness")
    home.create("w1.example")
    home.follow(vectors.LOG_VKEY)
    witness = home.open(SystemClock())
    with serving(make_app(witness, "w1.example")) as url:
        yield WitnessAddress("w1", url, tuple(witness.keys))


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


@pytest.fixture
def log(tmp_path: Path) -> TestLog:
    return TestLog(tmp_path / "log")


def test_a_growing_log_is_cosigned_and_a_new_client_catches_up(
    address: WitnessAddress, http: httpx.Client, log: TestLog
) -> None:
    client = WitnessClient(address, http)
    assert client.latest(ORIGIN) is None
    for size in (3, 3, 200):
        note = log.grow(size)
        lines = client.cosign(note, log.tiles)
        assert len(verify(Note(note.text, tuple(lines)), [SignatureVerifier(key) for key in address.keys])) == 2
    fresh = WitnessClient(address, http)
    assert len(fresh.cosign(log.grow(300), log.tiles)) == 2
    shown = fresh.latest(ORIGIN)
    assert shown is not None
    assert shown[0].size == 300


def test_lines_by_keys_the_policy_does_not_name_are_dropped(
    address: WitnessAddress, http: httpx.Client, log: TestLog
) -> None:
    one_key = WitnessAddress("w1", address.url, address.keys[:1])
    assert len(WitnessClient(one_key, http).cosign(log.grow(3), log.tiles)) == 1


def test_a_log_that_lost_its_end_is_told_so(
    address: WitnessAddress, http: httpx.Client, log: TestLog, tmp_path: Path
) -> None:
    WitnessClient(address, http).cosign(log.grow(9), log.tiles)
    shorter = TestLog(tmp_path / "restored")
    with pytest.raises(WitnessAhead) as caught:
        WitnessClient(address, http).cosign(shorter.grow(5), shorter.tiles)
    assert caught.value.size == 9


def test_another_history_is_refused(address: WitnessAddress, http: httpx.Client, log: TestLog, tmp_path: Path) -> None:
    WitnessClient(address, http).cosign(log.grow(9), log.tiles)
    fork = TestLog(tmp_path / "fork")
    note = fork.append([b"another history"] * 12)
    with pytest.raises(WitnessRefused) as caught:
        WitnessClient(address, http).cosign(note, fork.tiles)
    assert caught.value.status == 422


def test_a_cosignature_that_does_not_verify_is_not_believed(address: WitnessAddress, log: TestLog) -> None:
    note = log.grow(5)
    forged = vectors.witness_signer().sign("another text\n", 5)
    key = vectors.witness_signer().vkey

    def lie(request: httpx.Request) -> httpx.Response:
        assert Submission.parse(request.content).note == note.encode()
        return httpx.Response(200, content=forged.encode().encode())

    with httpx.Client(transport=httpx.MockTransport(lie)) as http:
        liar = WitnessClient(WitnessAddress("w1", "http://w.example", (key,)), http)
        with pytest.raises(WitnessUnreachable, match="bad cosignature"):
            liar.cosign(note, log.tiles)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(409, content=b"5\n"),
        httpx.Response(409, content=b"x\n", headers={"content-type": "text/x.tlog.size"}),
        httpx.Response(500),
        httpx.Response(200, content=b"nonsense"),
    ],
)
def test_a_witness_that_makes_no_sense_is_unreachable(answer: httpx.Response, log: TestLog) -> None:
    key = VerifierKey.parse(vectors.WITNESS_VKEY)
    with httpx.Client(transport=httpx.MockTransport(lambda _: answer)) as http:
        client = WitnessClient(WitnessAddress("w1", "http://w.example", (key,)), http)
        with pytest.raises(WitnessUnreachable):
            client.cosign(log.grow(5), log.tiles)


def test_a_witness_that_is_down_is_unreachable(http: httpx.Client, log: TestLog) -> None:
    key = VerifierKey.parse(vectors.WITNESS_VKEY)
    client = WitnessClient(WitnessAddress("w1", "http://127.0.0.1:1", (key,)), http)
    with pytest.raises(WitnessUnreachable):
        client.latest(ORIGIN)
    with pytest.raises(WitnessUnreachable):
        client.cosign(log.grow(5), log.tiles)
