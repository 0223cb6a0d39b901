"""A bundle is what was asked for, whole, and the verifier finds it good offline."""

from __future__ import annotations

import hashlib

import pytest

from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.custody.acts.spool import Act
from basira.custody.container import Container
from basira.custody.entries import Access
from basira.custody.manifest import MANIFEST, Manifest
from tests.custody.bundles import CLIP_NS, codes, contents, export, judged
from tests.custody.node import START_NS, Node


def test_an_honest_bundle_is_good(node: Node) -> None:
    node.turn()
    node.record()
    node.turn()
    verdict = judged(node, export(node))
    assert verdict.wrong == []
    assert list(verdict.segments) == ["gate/main 1:0", "gate/main 1:1", "gate/main 1:2"]


def test_video_in_the_bundle_is_the_recording_byte_for_byte(node: Node) -> None:
    recorded = node.record()
    files = contents(export(node))
    for segment in recorded:
        name = f"video/gate/main/{segment.key.recording:08d}/{segment.key.segment:06d}.mp4"
        assert files[name] == segment.path.read_bytes()
    assert any(name.startswith("playable/") for name in files)


def test_the_bracket_is_the_witnesses_not_the_nodes(node: Node) -> None:
    node.turn()
    before_s = node.clock.utc_ns() // NS_PER_S
    node.record()
    node.turn()
    after_s = node.clock.utc_ns() // NS_PER_S
    verdict = judged(node, export(node))
    for bracket in verdict.segments.values():
        assert (bracket.not_before_s, bracket.not_after_s) == (before_s, after_s)


def test_a_bundle_made_much_later_has_the_same_bracket(node: Node) -> None:
    node.turn()
    node.record()
    node.turn()
    after_s = node.clock.utc_ns() // NS_PER_S
    for _ in range(5):
        node.turn(3600)
    assert judged(node, export(node)).bracket.not_after_s == after_s


def test_a_request_is_logged_before_the_bundle_is_handed_out(node: Node) -> None:
    node.record()
    bundle = export(node)
    [access] = [entry for entry in node.entries() if isinstance(entry, Access)]
    assert access.act == "evidence"
    assert access.manifest == hashlib.sha256(contents(bundle)[MANIFEST]).hexdigest()


def test_who_looked_at_the_footage_is_in_the_bundle_and_who_looked_elsewhere_is_not(node: Node) -> None:
    node.record()
    node.acts.record(Act("playback", "hassan", ("gate",), "main", START_NS, START_NS + NS_PER_S))
    node.acts.record(Act("playback", "hassan", ("yard",), "main", START_NS, START_NS + NS_PER_S))
    node.acts.record(Act("playback", "ali", ("gate",), "main", START_NS - 900 * NS_PER_S, START_NS - 800 * NS_PER_S))
    node.turn()
    verdict = judged(node, export(node))
    assert [(act, user) for _, act, user in verdict.accesses] == [("playback", node.keys.pseudonym("hassan"))]


def test_the_same_request_gives_the_same_files_but_for_the_seal(node: Node) -> None:
    node.record()
    node.turn()
    first, second = contents(export(node, "1.zip")), contents(export(node, "2.zip"))
    # The first export is itself an access to the footage, so it is in the second bundle.
    manifests = [Manifest.parse(files[MANIFEST]) for files in (first, second)]
    shared = manifests[0].files.keys()
    assert {name: manifests[1].files[name] for name in shared} == manifests[0].files
    added = manifests[1].files.keys() - shared
    assert {name.split("/")[0] for name in added} <= {"entries", "proofs"}
    assert len(added) == 2


def test_without_a_quorum_no_evidence_is_handed_out(node: Node) -> None:
    node.record()
    node.turn()
    node.witnesses.down = {"w1"}
    with pytest.raises(BasiraError, match="cosigned"):
        export(node)
    assert not (node.root / "evidence.zip").exists()


def test_what_is_still_being_recorded_is_not_evidence_yet(node: Node) -> None:
    node.record(leave_open=True)
    with pytest.raises(BasiraError, match="still being recorded"):
        export(node)


def test_nothing_recorded_gives_no_bundle(node: Node) -> None:
    with pytest.raises(BasiraError, match="Nothing was recorded"):
        export(node, start_ns=START_NS - 2 * CLIP_NS, end_ns=START_NS - CLIP_NS)


def test_an_interval_with_a_logged_gap_is_explained_and_one_without_is_not(node: Node) -> None:
    node.record()
    later = START_NS + 60 * NS_PER_S
    node.record(recording=2, start_utc_ns=later)
    node.turn()
    assert codes(judged(node, export(node, "1.zip", end_ns=later + CLIP_NS))) == ["unexplained_gap"]
    node.store.add_gap(START_NS + CLIP_NS, later, "power", node.stream)
    node.turn()
    verdict = judged(node, export(node, "2.zip", end_ns=later + CLIP_NS))
    assert verdict.wrong == []
    assert "gap_explained" in [finding.code for finding in verdict.notices]


def test_the_container_is_flawless(node: Node) -> None:
    node.record()
    with export(node).open("rb") as file:
        assert Container(file).flaws() == []
