"""The commands of custody: make a witness, follow a log, print keys and policy, export evidence, verify it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from basira.cli.main import app
from basira.custody.policy import parse_policy
from basira.custody.vkey import KeyType, VerifierKey
from tests.custody.node import START_NS, Node

RUN = CliRunner()


@pytest.fixture
def recorded(node: Node, monkeypatch: pytest.MonkeyPatch) -> Node:
    """A node without witnesses that has recorded the clip, and this process's settings its."""
    node.record()
    monkeypatch.setenv("BASIRA_DATA_DIR", str(node.root / "data"))
    monkeypatch.setenv("BASIRA_CUSTODY_ORIGIN", "node02.gov.example/log")
    monkeypatch.setenv("LANG", "C")
    monkeypatch.chdir(node.root)
    return node


def said(*arguments: str, status: int = 0) -> str:
    done = RUN.invoke(app, list(arguments))
    assert done.exit_code == status, done.output
    return done.output


def exported(node: Node) -> tuple[Path, Path]:
    """A bundle and a policy, made by the commands."""
    policy = node.root / "court.policy"
    policy.write_text(said("custody", "policy"))
    span = ["--start", "2025-06-15T15:06:40+00:00", "--end", "2025-06-15T15:06:46+00:00"]
    assert START_NS == 1_750_000_000 * 10**9
    line = said("export", "gate", *span, "--evidence", "--to", str(node.root))
    return node.root / line.split()[1], policy


def test_evidence_is_exported_and_verified_by_commands(recorded: Node) -> None:
    bundle, policy = exported(recorded)
    assert said("verify", str(bundle), "--policy", str(policy)).startswith("GOOD")
    verdict = json.loads(said("verify", str(bundle), "--policy", str(policy), "--json"))
    assert (verdict["good"], len(verdict["segments"])) == (True, 3)


def test_verify_ends_with_status_1_when_something_is_wrong_and_2_when_it_cannot_judge(recorded: Node) -> None:
    bundle, policy = exported(recorded)
    data = bytearray(bundle.read_bytes())
    data[data.rindex(b"mdat") + 100] ^= 1
    bundle.write_bytes(data)
    assert "a segment of video was changed" in said("verify", str(bundle), "--policy", str(policy), status=1)
    said("verify", str(bundle), "--policy", str(recorded.root / "nowhere"), status=2)
    said("verify", str(recorded.root / "nowhere"), "--policy", str(policy), status=2)
    policy.write_text("nonsense\n")
    said("verify", str(bundle), "--policy", str(policy), status=2)


def test_the_logs_status_and_keys_are_told(recorded: Node) -> None:
    exported(recorded)
    keys = [VerifierKey.parse(line) for line in said("custody", "keys").split()]
    assert [key.kind for key in keys] == [KeyType.ED25519, KeyType.MLDSA44_COSIGNATURE]
    assert {key.name for key in keys} == {"node02.gov.example/log"}


def test_a_log_that_signs_does_not_begin_anew(recorded: Node) -> None:
    assert "no reason to begin a new one" in said("custody", "continue", status=1)


def test_a_witness_is_made_follows_a_log_and_stands_in_a_policy(recorded: Node, tmp_path: Path) -> None:
    folder = str(tmp_path / "w1")
    [ed25519, _] = said("witness", "init", "w1.example", "--dir", folder).split()
    assert said("witness", "keys", "--dir", folder).split()[0] == ed25519
    assert "already a witness" in said("witness", "init", "w1.example", "--dir", folder, status=1)
    log_key = said("custody", "keys").split()[0]
    assert said("witness", "follow", log_key, "--dir", folder).strip() == "node02.gov.example/log"
    text = said("custody", "policy", "--witness", f"w1={ed25519}=http://w1.example:8090")
    policy = parse_policy(text.encode())
    assert policy.witnesses[0].url == "http://w1.example:8090"
    assert "1 of 1" in text


def test_the_monitor_ends_with_status_0_when_all_is_well_1_when_not_and_2_when_it_cannot_judge(
    recorded: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASIRA_CUSTODY_ORIGIN", recorded.home.base_origin)
    _, policy = exported(recorded)
    log = str(recorded.root / "data" / "custody")
    arguments = ["--policy", str(policy), "--memory", str(recorded.root / "memory")]
    assert "node01.gov.example/log: " in said("monitor", log, *arguments, "--out", str(recorded.root / "report"))
    assert (recorded.root / "report" / "numbers.json").exists()
    bundles = recorded.root / "data/custody/log/1/tile/entries/000.p"
    for path in bundles.iterdir():
        path.write_bytes(path.read_bytes().replace(b"gate", b"fake"))
    assert "two histories of one log" in said("monitor", log, *arguments, status=1)
    said("monitor", str(recorded.root / "nowhere"), *arguments, status=2)
    said("monitor", log, "--policy", str(recorded.root / "nowhere"), status=2)
