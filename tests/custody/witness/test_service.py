"""A witness gives the whole table of tlog-witness, keeps evidence, and never vouches for two histories."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.base.errors import BasiraError
from basira.custody.checkpoint import Checkpoint, origin_hash
from basira.custody.cosignature import SignatureVerifier, Signer, timestamp_of
from basira.custody.merkle import EMPTY_ROOT
from basira.custody.note import Note, parse_signature_lines, verify
from basira.custody.submission import Submission
from basira.custody.vkey import KeyType
from basira.custody.witness.app import make_app
from basira.custody.witness.home import WitnessHome
from basira.custody.witness.service import Witness
from tests.custody import vectors
from tests.custody.logs import TestLog, signed
from tests.custody.serving import serving

ORIGIN = "node01.gov.example/log"


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(utc_ns=vectors.TIMESTAMP_S * NS_PER_S)


@pytest.fixture
def home(tmp_path: Path) -> WitnessHome:
    home = WitnessHome(tmp_path / "witness")
    home.create("w1.example")
    home.follow(vectors.LOG_VKEY)
    return home


@pytest.fixture
def witness(home: WitnessHome, clock: SimulatedClock) -> Witness:
    return home.open(clock)


@pytest.fixture
def server(witness: Witness) -> Iterator[httpx.Client]:
    with serving(make_app(witness, "w1.example")) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.fixture
def log(tmp_path: Path) -> TestLog:
    return TestLog(tmp_path / "log")


def post(server: httpx.Client, old: int, proof: list[bytes], note: Note) -> httpx.Response:
    return server.post("/add-checkpoint", content=Submission(old, tuple(proof), note.encode()).encode())


def test_a_first_head_and_its_growth_are_cosigned(server: httpx.Client, witness: Witness, log: TestLog) -> None:
    verifiers = [SignatureVerifier(key) for key in witness.keys]
    assert {key.kind for key in witness.keys} == {KeyType.ED25519_COSIGNATURE, KeyType.MLDSA44_COSIGNATURE}
    for old, new in ((0, 7), (7, 7), (7, 300)):
        note = log.grow(new)
        answer = post(server, old, log.tiles.consistency(old), note)
        assert answer.status_code == 200
        lines = parse_signature_lines(answer.text)
        assert len(verify(Note(note.text, lines), verifiers)) == 2
        assert {timestamp_of(line.blob) for line in lines} == {vectors.TIMESTAMP_S}


def test_what_is_malformed_is_400(server: httpx.Client, log: TestLog) -> None:
    note = log.grow(5).encode()
    bodies = [
        b"",
        b"old 0\n" + note,
        b"old 00\n\n" + note,
        b"old -1\n\n" + note,
        b"0\n\n" + note,
        b"old 0\nAAAA\n\n" + note,
        Submission(0, (EMPTY_ROOT,) * 64, note).encode(),
        b"old 0\n\n" + note.replace(b"\n5\n", b"\n05\n"),
        b"old 0\n\nnot a note\n",
        b"x" * 2_000_000,
    ]
    assert [server.post("/add-checkpoint", content=body).status_code for body in bodies] == [400] * len(bodies)


def test_an_unknown_log_is_404(server: httpx.Client) -> None:
    stranger = Signer("stranger.example", KeyType.ED25519, bytes(32))
    assert post(server, 0, [], signed(Checkpoint("stranger.example", 1, bytes(32)), stranger)).status_code == 404


def test_a_log_that_has_not_signed_is_403(server: httpx.Client, log: TestLog) -> None:
    note = log.grow(5)
    other = Signer(ORIGIN, KeyType.ED25519, bytes(32))
    assert post(server, 0, [], signed(Checkpoint.parse(note.text), other)).status_code == 403
    assert post(server, 0, [], Note(note.text.replace("\n5\n", "\n6\n"), note.signatures)).status_code == 403


def test_an_old_size_beyond_the_checkpoint_is_400(server: httpx.Client, log: TestLog) -> None:
    assert post(server, 6, [], log.grow(5)).status_code == 400


def test_another_old_size_is_409_and_tells_the_latest(server: httpx.Client, log: TestLog) -> None:
    note = log.grow(5)
    answer = post(server, 3, [], note)
    assert (answer.status_code, answer.text) == (409, "0\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"
    post(server, 0, [], note)
    answer = post(server, 0, [], log.grow(9))
    assert (answer.status_code, answer.text) == (409, "5\n")


def test_an_empty_log_has_the_empty_root(server: httpx.Client) -> None:
    signer = vectors.log_signer()
    assert post(server, 0, [], signed(Checkpoint(ORIGIN, 0, bytes(32)), signer)).status_code == 422
    assert post(server, 0, [], signed(Checkpoint(ORIGIN, 0, EMPTY_ROOT), signer)).status_code == 200
    assert post(server, 0, [], signed(Checkpoint(ORIGIN, 1, bytes(32)), signer)).status_code == 200


def test_a_proof_from_nothing_is_422(server: httpx.Client, log: TestLog) -> None:
    assert post(server, 0, [EMPTY_ROOT], log.grow(5)).status_code == 422


def test_a_proof_that_does_not_verify_is_422(server: httpx.Client, log: TestLog) -> None:
    post(server, 0, [], log.grow(5))
    note = log.grow(9)
    assert post(server, 5, [], note).status_code == 422
    assert post(server, 5, [EMPTY_ROOT], note).status_code == 422
    assert post(server, 5, log.tiles.consistency(5), note).status_code == 200


def test_a_fork_at_one_size_is_422_and_the_evidence_is_kept(
    server: httpx.Client, witness: Witness, log: TestLog, tmp_path: Path
) -> None:
    post(server, 0, [], log.grow(5))
    forked = TestLog(tmp_path / "fork").append([b"another history"] * 5)
    assert post(server, 5, [], forked).status_code == 422
    assert post(server, 5, [], forked).status_code == 422
    assert post(server, 0, [], forked).status_code == 409
    [refusal] = witness.refusals()
    assert (refusal.reason, refusal.times) == ("fork", 3)
    kept = Submission.parse(refusal.request)
    assert verify(Note.parse(kept.note), [SignatureVerifier(vectors.log_signer().vkey)])
    evidence = server.get(f"/refusals/{refusal.id}").text
    assert forked.text in evidence
    assert log.note().text in evidence


def test_a_log_rolled_back_is_409_and_remembered(server: httpx.Client, witness: Witness, log: TestLog) -> None:
    earlier = log.grow(5)
    post(server, 0, [], log.grow(9))
    answer = post(server, 0, [], earlier)
    assert (answer.status_code, answer.text) == (409, "9\n")
    assert [refusal.reason for refusal in witness.refusals()] == ["rollback"]


def test_lines_by_strangers_are_not_kept_as_evidence(
    server: httpx.Client, witness: Witness, log: TestLog, tmp_path: Path
) -> None:
    post(server, 0, [], log.grow(5))
    forked = TestLog(tmp_path / "fork").append([b"another history"] * 5)
    for i in range(3):
        stranger = Signer(f"s{i}.example", KeyType.ED25519, bytes(32)).sign(forked.text, 1)
        post(server, 5, [], Note(forked.text, (*forked.signatures, stranger)))
    [refusal] = witness.refusals()
    assert len(Note.parse(Submission.parse(refusal.request).note).signatures) == 1


def test_the_monitoring_address_shows_the_latest_head(server: httpx.Client, witness: Witness, log: TestLog) -> None:
    address = f"/{origin_hash(ORIGIN)}/checkpoint"
    assert server.get(address).status_code == 404
    post(server, 0, [], log.grow(5))
    shown = Note.parse(server.get(address).content)
    keys = [vectors.log_signer().vkey, *witness.keys]
    assert len(verify(shown, [SignatureVerifier(key) for key in keys])) == 3


def test_a_restart_forgets_nothing(
    server: httpx.Client, home: WitnessHome, clock: SimulatedClock, log: TestLog
) -> None:
    post(server, 0, [], log.grow(5))
    again = home.open(clock)
    assert again.add_checkpoint(Submission(0, (), log.note().encode()).encode()).body == b"5\n"
    assert [key.encode() for key in again.keys] == [signer.vkey.encode() for signer in home.signers()]


def test_a_clock_behind_its_last_cosignature_signs_nothing(
    server: httpx.Client, clock: SimulatedClock, log: TestLog
) -> None:
    post(server, 0, [], log.grow(5))
    clock.step(-3600 * NS_PER_S)
    assert post(server, 5, [], log.note()).status_code == 503
    clock.advance(3600 * NS_PER_S)
    assert post(server, 5, [], log.note()).status_code == 200


def test_of_two_branches_offered_at_once_one_is_cosigned(witness: Witness, tmp_path: Path) -> None:
    branches = [TestLog(tmp_path / str(i)).append([bytes([i])] * 4) for i in range(8)]
    start = threading.Barrier(len(branches))
    statuses: list[int] = []

    def offer(note: Note) -> None:
        start.wait()
        statuses.append(witness.add_checkpoint(Submission(0, (), note.encode()).encode()).status)

    threads = [threading.Thread(target=offer, args=(note,)) for note in branches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 7


def test_the_page_says_in_both_languages_what_was_seen_and_refused(
    server: httpx.Client, log: TestLog, tmp_path: Path
) -> None:
    assert "Nothing seen yet" in server.get("/").text
    post(server, 0, [], log.grow(5))
    post(server, 5, [], TestLog(tmp_path / "fork").append([b"another history"] * 5))
    page = server.get("/").text
    assert log.tiles.root().hex() in page
    assert "تاريخان بالحجم نفسه" in page
    assert "two histories of one size" in page


def test_keys_are_made_once_and_kept_from_others(home: WitnessHome) -> None:
    with pytest.raises(BasiraError, match="already a witness"):
        home.create("w1.example")
    assert (home.folder / "key").stat().st_mode & 0o077 == 0


def test_a_witness_follows_only_logs_it_was_told_of(home: WitnessHome, tmp_path: Path) -> None:
    home.follow(vectors.LOG_VKEY)
    assert list(home.trusted()) == [ORIGIN]
    assert len(home.trusted()[ORIGIN]) == 1
    with pytest.raises(BasiraError, match="not a log's verifier key"):
        home.follow("nonsense")
    with pytest.raises(BasiraError, match="no witness"):
        WitnessHome(tmp_path / "nowhere").signers()
    with pytest.raises(BasiraError, match="cannot name"):
        WitnessHome(tmp_path / "other").create("a b")
