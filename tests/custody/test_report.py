"""The report says in both languages what is in the bundle, and shows it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from basira.base.clock import NS_PER_S
from basira.custody.acts.spool import Act
from basira.custody.evidence import EvidenceRequest, make_evidence
from basira.custody.report import REPORT, write_report
from basira.custody.sidecar import SidecarSigner, read_sidecar
from tests.custody.bundles import CLIP_NS, contents, evidence_sources, judged
from tests.custody.node import START_NS, Node
from tests.streams import read_number


@pytest.fixture
def bundle(node: Node) -> Path:
    node.record()
    node.store.add_gap(START_NS + CLIP_NS, START_NS + 20 * NS_PER_S, "power", node.stream)
    node.acts.record(Act("playback", "hassan", ("gate",), "main", START_NS, START_NS + NS_PER_S))
    node.turn()
    request = EvidenceRequest(("gate",), "main", START_NS, START_NS + 20 * NS_PER_S, "officer")
    signer = SidecarSigner(node.home.keys_path, "node01.gov.example/log", datetime.now(UTC))
    target = node.root / "evidence.zip"
    make_evidence(evidence_sources(node), request, target, decorators=(signer.decorate, write_report))
    return target


def test_a_bundle_with_report_and_sidecar_is_good(node: Node, bundle: Path) -> None:
    assert judged(node, bundle).wrong == []
    files = contents(bundle)
    [video] = [name for name in files if name.startswith("playable/")]
    assert read_sidecar(io.BytesIO(files[video]), files[f"c2pa/{video.removeprefix('playable/')}.c2pa"]) == []


def test_the_report_tells_cameras_times_gaps_and_who_looked_in_both_languages(node: Node, bundle: Path) -> None:
    html = contents(bundle)[REPORT].decode()
    for words in ("تقرير دليل مصوَّر", "Evidence report", "انقطاع التيار", "power", "gate of Abu Ali"):
        assert words in html
    assert node.keys.pseudonym("hassan") in html
    assert "2025-06-15 15:06:40 UTC" in html
    assert html.count("<rect") == 2 + 3 + 1


def test_the_report_tells_the_result_and_what_the_witnesses_vouch_for(bundle: Path) -> None:
    html = contents(bundle)[REPORT].decode()
    assert "3 segments and" in html and "agree with the log" in html
    assert "as the witnesses vouch" in html


def test_the_report_tells_what_is_wrong(node: Node) -> None:
    recorded = node.record()
    node.turn()
    data = bytearray(recorded[1].path.read_bytes())
    data[-20] ^= 1
    recorded[1].path.chmod(0o600)
    recorded[1].path.write_bytes(data)
    request = EvidenceRequest(("gate",), "main", START_NS, START_NS + CLIP_NS, "officer")
    target = node.root / "evidence.zip"
    make_evidence(evidence_sources(node), request, target, decorators=(write_report,))
    html = contents(target)[REPORT].decode()
    assert "مقطع مصوَّر مغيَّر" in html and "a segment of video was changed" in html


def test_the_same_request_gives_the_same_bundle_but_for_signatures_and_the_first_exports_trace(node: Node) -> None:
    node.record()
    node.turn()
    request = EvidenceRequest(("gate",), "main", START_NS, START_NS + CLIP_NS, "officer")
    signer = SidecarSigner(node.home.keys_path, "node01.gov.example/log", datetime.now(UTC))
    bundles = []
    for name in ("1.zip", "2.zip"):
        target = node.root / name
        make_evidence(evidence_sources(node), request, target, decorators=(signer.decorate, write_report))
        bundles.append(contents(target))
    first, second = bundles
    unlike = {name for name in first if second[name] != first[name]}
    # The first export is an access, so it is in the second one's report; a C2PA sidecar is a signature.
    assert {name.split("/")[0] for name in unlike} == {"c2pa", "seal", "manifest.json", "SHA256SUMS", "report.html"}


def test_the_first_picture_is_the_first_frame(bundle: Path) -> None:
    jpeg = np.frombuffer(contents(bundle)["pictures/gate.jpg"], np.uint8)
    picture = cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert read_number(np.asarray(picture, np.uint8), 320, 240) == 0
