"""A bundle's C2PA sidecars and its time stamp are checked too, and tampering with either is named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from basira.custody.evidence import EvidenceRequest, make_evidence
from basira.custody.findings import Verdict
from basira.custody.second_opinions import add_second_opinions
from basira.custody.sidecar import SidecarSigner
from basira.custody.timestamp import load_roots
from basira.custody.verify import verify_bundle
from tests.custody.bundles import CLIP_NS, contents, evidence_sources, repacked
from tests.custody.node import START_NS, Node
from tests.custody.test_timestamp import Authority, query_of


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def stamped(node: Node, authority: Authority) -> Path:
    """A bundle with sidecars and a time stamp."""
    node.record()
    node.turn()
    target = node.root / "evidence.zip"
    signer = SidecarSigner(node.home.keys_path, node.home.base_origin, datetime.now(UTC))
    make_evidence(
        evidence_sources(node), EvidenceRequest(("gate",), "main", START_NS, START_NS + CLIP_NS, "officer"), target,
        decorators=(signer.decorate,), stamper=lambda data: authority.answer(query_of(data)),
    )  # fmt: skip
    return target


def judged(node: Node, bundle: Path, authority: Authority | None) -> Verdict:
    verdict = verify_bundle(bundle, node.policy)
    add_second_opinions(verdict, bundle, load_roots(authority.root) if authority else [])
    return verdict


def test_good_opinions_are_told(node: Node, stamped: Path, authority: Authority) -> None:
    verdict = judged(node, stamped, authority)
    assert verdict.wrong == []
    assert [finding.code for finding in verdict.notices] == ["timestamp_good"]


def test_without_roots_the_time_stamp_is_left_unchecked(node: Node, stamped: Path) -> None:
    assert [finding.code for finding in judged(node, stamped, None).notices] == ["timestamp_unchecked"]


def test_a_time_stamp_by_another_authority_is_not_believed(node: Node, stamped: Path, tmp_path: Path) -> None:
    (tmp_path / "stranger").mkdir()
    verdict = judged(node, stamped, Authority(tmp_path / "stranger"))
    assert [finding.code for finding in verdict.wrong] == ["timestamp_invalid"]


def test_a_playable_video_that_was_changed_is_named_by_c2pa_as_well(node: Node, stamped: Path) -> None:
    files = contents(stamped)
    [video] = [name for name in files if name.startswith("playable/")]
    data = bytearray(files[video])
    data[data.index(b"mdat") + 1000] ^= 1
    verdict = judged(node, repacked(stamped, files | {video: bytes(data)}), None)
    assert [finding.code for finding in verdict.wrong] == ["file_altered", "sums_wrong", "c2pa_invalid"]
    assert verdict.wrong[-1].detail == "assertion.bmffHash.mismatch"
