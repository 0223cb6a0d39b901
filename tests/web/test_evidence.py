"""Evidence is asked for on the page, refused while no quorum vouches, and made by the queue once the log agrees."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from basira.base.clock import NS_PER_S
from basira.custody.ledger import Ledger
from basira.custody.node import open_ledger
from basira.custody.policy import WitnessLine, parse_policy, write_policy
from basira.custody.verify import verify_bundle
from basira.custody.vkey import KeyType
from basira.custody.witness.home import WitnessHome
from tests.replay.store import START_NS, OpenSegment
from tests.web.conftest import Site
from tests.web.test_access_log import acts

SPAN = {"start_us": START_NS // 1000, "end_us": START_NS // 1000 + 5_000_000}
EVIDENCE = {"cameras": ["gate"], "evidence": True, **SPAN}
PATIENCE_S = 60.0


@contextmanager
def custody_running(site: Site) -> Iterator[Ledger]:
    """The log's process, as a thread that turns the log until the end."""
    stop = threading.Event()
    with open_ledger(site.settings, site.clock) as ledger:
        ledger.turn()
        ledger.tell()

        def turn() -> None:
            while not stop.wait(0.05):
                ledger.turn()
                ledger.tell()

        thread = threading.Thread(target=turn)
        thread.start()
        try:
            yield ledger
        finally:
            stop.set()
            thread.join()


def ended(client: TestClient, export: str) -> dict[str, Any]:
    """The export when it has ended."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        answer: dict[str, Any] = client.get(f"/api/exports/{export}").json()
        if answer["state"] not in ("waiting", "running"):
            return answer
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def finished(recorded: list[OpenSegment]) -> list[OpenSegment]:
    """The recording, no segment of it open."""
    recorded[-1].end()
    return recorded


def test_evidence_is_refused_before_the_log_has_begun(operator: TestClient, finished: list[OpenSegment]) -> None:
    for answer in (operator.post("/api/exports", json=EVIDENCE), operator.get("/api/custody")):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "custody_not_started")


def test_evidence_is_made_and_verified_with_the_nodes_policy(
    site: Site, operator: TestClient, finished: list[OpenSegment], tmp_path: Path
) -> None:
    with custody_running(site):
        assert operator.get("/api/custody").json()["problem"] is None
        asked = operator.post("/api/exports", json=EVIDENCE)
        assert (asked.status_code, asked.json()["evidence"]) == (201, True)
        done = ended(operator, asked.json()["id"])
    assert (done["state"], done["error"]) == ("done", None)
    [file] = done["files"]
    assert (file["camera"], file["name"]) == ("", "evidence_gate_20250615T150640Z.zip")
    answer = operator.get(f"/api/exports/{done['id']}/files/{file['name']}")
    assert answer.headers["content-type"] == "application/zip"
    bundle = tmp_path / file["name"]
    bundle.write_bytes(answer.content)
    policy = parse_policy(operator.get("/api/custody/policy").content)
    verdict = verify_bundle(bundle, policy)
    assert verdict.wrong == []
    assert len(verdict.segments) == len(finished)


def test_evidence_that_is_still_being_recorded_waits_for_the_segments_end(
    site: Site, operator: TestClient, recorded: list[OpenSegment]
) -> None:
    with custody_running(site):
        asked = operator.post("/api/exports", json=EVIDENCE).json()
        recorded[-1].end()
        assert ended(operator, asked["id"])["state"] == "done"


def test_evidence_that_waits_holds_up_no_other_export(
    site: Site, operator: TestClient, recorded: list[OpenSegment]
) -> None:
    with custody_running(site):
        evidence = operator.post("/api/exports", json=EVIDENCE).json()
        plain = operator.post("/api/exports", json=EVIDENCE | {"evidence": False}).json()
        assert ended(operator, plain["id"])["state"] == "done"
        assert operator.get(f"/api/exports/{evidence['id']}").json()["state"] in ("waiting", "running")
        operator.delete(f"/api/exports/{evidence['id']}")


def test_evidence_is_refused_while_witnesses_do_not_answer(
    site: Site, operator: TestClient, finished: list[OpenSegment], tmp_path: Path
) -> None:
    home = WitnessHome(tmp_path / "w1")
    home.create("w1.example")
    [key] = [signer.vkey for signer in home.signers() if signer.kind is KeyType.ED25519_COSIGNATURE]
    site.settings.custody_policy = tmp_path / "policy"
    site.settings.custody_policy.write_text(write_policy([], [WitnessLine("w1", key, "http://127.0.0.1:9")]))
    with custody_running(site):
        told = operator.get("/api/custody").json()
        assert told["problem"]["code"] == "evidence_waits_for_quorum"
        assert told["quorum"]["en"] == "1 of 1 witnesses must have cosigned."
        assert [witness["name"] for witness in told["witnesses"]] == ["w1"]
        refused = operator.post("/api/exports", json=EVIDENCE)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "evidence_waits_for_quorum")
        assert operator.post("/api/exports", json=EVIDENCE | {"evidence": False}).status_code == 201


def test_whoever_takes_a_finished_export_is_written_down(
    site: Site, operator: TestClient, finished: list[OpenSegment]
) -> None:
    plain = EVIDENCE | {"evidence": False}
    done = ended(operator, operator.post("/api/exports", json=plain).json()["id"])
    before = len(acts(site))
    site.clock.advance(120 * NS_PER_S)
    operator.get(f"/api/exports/{done['id']}/files/{done['files'][0]['name']}")
    assert [(act.act, act.user, act.cameras) for act in acts(site)[before:]] == [("export", "noor", ("gate",))]
