"""Attacks with a name: what each attacker does to a real node or bundle, and exactly what is found."""

from __future__ import annotations

import hashlib
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.custody.checkpoint import Checkpoint, origin_hash
from basira.custody.cosignature import Signer
from basira.custody.entries import Segment, decode_entry, encode_entry
from basira.custody.ledger import LedgerState, RefusalReason
from basira.custody.manifest import MANIFEST, SEAL_ENTRY, SEAL_PROOF, Manifest, entry_name, proof_name
from basira.custody.merkle import LeafList, inclusion_proof, leaf_hash, tree_root
from basira.custody.note import Note
from basira.custody.policy import LogLine, write_policy
from basira.custody.proof import TlogProof
from basira.custody.submission import Submission
from basira.custody.verify import verify_bundle
from basira.custody.vkey import KeyType
from tests.custody.adversary.conftest import DAY_NS, Judge, agreed
from tests.custody.adversary.test_mutations import with_manifest, with_sums
from tests.custody.bundles import CLIP_NS, codes, contents, export, judged, repacked
from tests.custody.node import START_NS, Node
from tests.custody.page_judge import PageJudge

END_NS = START_NS + 60 * NS_PER_S + CLIP_NS


def place_of(files: dict[str, bytes], recording: int, segment: int) -> tuple[int, int]:
    """Generation and index of a segment's entry in a bundle."""
    for name, data in files.items():
        if name.startswith("entries/"):
            entry = decode_entry(data)
            if isinstance(entry, Segment) and (entry.recording, entry.segment) == (recording, segment):
                return int(name.split("/")[1]), int(name.split("/")[2].removesuffix(".json"))
    raise AssertionError("no such entry")


# -- somebody changes the bundle on its way to the court ---------------------------------------------------------


def test_a_segment_deleted_with_its_entry_and_its_proof(sealed: Path, judge: Judge, tmp_path: Path) -> None:
    files = contents(sealed)
    place = place_of(files, 2, 1)
    for name in (entry_name(*place), proof_name(*place), "video/gate/main/00000002/000001.mp4"):
        del files[name]
    assert judge(repacked(tmp_path / "bad.zip", with_manifest(files)))[:2] == ["manifest_not_logged", "segment_missing"]


def test_the_last_segments_deleted_with_their_entries(sealed: Path, judge: Judge, tmp_path: Path) -> None:
    files = contents(sealed)
    for recording in (2,):
        for segment in (0, 1, 2):
            place = place_of(files, recording, segment)
            for name in (entry_name(*place), proof_name(*place)):
                del files[name]
            del files[f"video/gate/main/{recording:08d}/{segment:06d}.mp4"]
    found = judge(repacked(tmp_path / "bad.zip", with_manifest(files)))
    assert found[0] == "manifest_not_logged"
    # The span's end is not covered any more, but the tolerance hides six seconds: the manifest's hash does not.


def test_a_segment_replaced_by_another(sealed: Path, judge: Judge, tmp_path: Path) -> None:
    files = contents(sealed)
    files["video/gate/main/00000002/000001.mp4"] = files["video/gate/main/00000002/000000.mp4"]
    assert judge(repacked(tmp_path / "bad.zip", with_sums(files)))[0] == "segment_altered"


def test_two_segments_exchanged(sealed: Path, judge: Judge, tmp_path: Path) -> None:
    files = contents(sealed)
    one, two = "video/gate/main/00000002/000000.mp4", "video/gate/main/00000002/000001.mp4"
    files[one], files[two] = files[two], files[one]
    assert judge(repacked(tmp_path / "bad.zip", with_sums(files)))[:2] == ["segment_altered", "segment_altered"]


def test_a_gap_invented_to_explain_what_was_cut_out(sealed: Path, judge: Judge, tmp_path: Path) -> None:
    files = contents(sealed)
    gap = next(name for name in files if name.startswith("entries/") and b'"gap"' in files[name])
    files[gap] = files[gap].replace(b'"link"', b'"power"')
    assert judge(repacked(tmp_path / "bad.zip", with_manifest(files)))[:2] == ["manifest_not_logged", "entry_unproven"]


def test_an_access_hidden_from_the_history(sealed: Path, judge: Judge, tmp_path: Path) -> None:
    files = contents(sealed)
    access = next(name for name in files if name.startswith("entries/") and b'"playback"' in files[name])
    del files[access]
    del files[access.replace("entries", "proofs").replace(".json", ".tlog-proof")]
    assert "manifest_not_logged" in judge(repacked(tmp_path / "bad.zip", with_manifest(files)))


def test_a_bundle_of_another_export_with_this_seal(lived: Node, sealed: Path, judge: Judge, tmp_path: Path) -> None:
    other = contents(export(lived, "other.zip", end_ns=END_NS - NS_PER_S))
    files = contents(sealed)
    other[SEAL_ENTRY], other[SEAL_PROOF] = files[SEAL_ENTRY], files[SEAL_PROOF]
    assert judge(repacked(tmp_path / "bad.zip", with_sums(other))) == ["manifest_not_logged"]


def test_a_span_widened_after_the_export(sealed: Path, judge: Judge, tmp_path: Path) -> None:
    files = contents(sealed)
    manifest = Manifest.parse(files[MANIFEST])
    files[MANIFEST] = manifest.model_copy(update={"end_us": manifest.end_us + 3_600_000_000}).encode()
    assert judge(repacked(tmp_path / "bad.zip", with_sums(files))) == ["manifest_not_logged", "unexplained_gap"]


def test_a_policy_inside_the_bundle_is_a_file_too_many(sealed: Path, judge: Judge, tmp_path: Path) -> None:
    files = contents(sealed) | {"policy": b"quorum none\n"}
    assert judge(repacked(tmp_path / "bad.zip", with_sums(files))) == ["file_added"]


def test_both_verifiers_judge_without_any_network(sealed: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a verifier asked the network")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    assert judge(sealed) == []


def test_a_policy_of_the_forgers_own_does_not_know_the_log(
    sealed: Path, single_file: ModuleType, page_judge: PageJudge, tmp_path: Path
) -> None:
    stranger = Signer("node01.gov.example/log", KeyType.ED25519, bytes(32)).vkey
    policy = tmp_path / "policy"
    policy.write_text(write_policy([LogLine(stranger)], []))
    assert agreed(sealed, policy, single_file, page_judge)[0] == "seal_unproven"


# -- a forger who has the log's own key --------------------------------------------------------------------------


def test_the_logs_key_alone_cannot_make_an_entry(lived: Node, sealed: Path, judge: Judge, tmp_path: Path) -> None:
    """Root on the node signs a tree of its own with a changed segment: no witness has cosigned that tree."""
    files = contents(sealed)
    place = place_of(files, 2, 1)
    entry = decode_entry(files[entry_name(*place)])
    assert isinstance(entry, Segment)
    video = files["video/gate/main/00000002/000001.mp4"] + b"\0\0\0\x08free"
    changed = entry.model_copy(update={"sha256": hashlib.sha256(video).hexdigest(), "bytes": len(video)})
    leaves = [leaf_hash(encode_entry(changed))] * (place[1] + 1)
    text = Checkpoint(lived.home.origin(1), len(leaves), tree_root(leaves)).encode()
    note = Note(text, tuple(signer.sign(text, 1) for signer in lived.keys.signers(lived.home.origin(1), 1)))
    path = inclusion_proof(LeafList(leaves), place[1], len(leaves))
    files["video/gate/main/00000002/000001.mp4"] = video
    files[entry_name(*place)] = encode_entry(changed)
    files[proof_name(*place)] = TlogProof(place[1], tuple(path), note.encode()).encode()
    found = judge(repacked(tmp_path / "bad.zip", with_manifest(files)))
    assert found[:2] == ["manifest_not_logged", "entry_unproven"]


@pytest.mark.parametrize("colluding", [1, 2])
def test_witnesses_who_collude_with_the_log_below_the_quorum_are_not_enough(
    lived: Node, sealed: Path, colluding: int
) -> None:
    checkpoint = Checkpoint(lived.home.origin(1), 7, bytes(32))
    text = checkpoint.encode()
    lines = [signer.sign(text, 1) for signer in lived.keys.signers(lived.home.origin(1), 1)]
    for home in list(lived.witnesses.homes.values())[:colluding]:
        lines += [signer.sign(text, 5) for signer in home.signers()]
    with pytest.raises(ValueError, match="no quorum"):
        lived.policy.judge(Note(text, tuple(lines)).encode())


# -- somebody with root at the node ------------------------------------------------------------------------------


def test_a_deletion_before_its_time_is_proof_of_misconduct(node: Node) -> None:
    recorded = node.record()
    node.turn()
    node.clock.advance(DAY_NS)
    node.store.delete(recorded[1].key)
    node.store.age_tombstones(node.clock.utc_ns())
    node.turn()
    assert codes(judged(node, export(node))) == ["early_deletion"]


def test_a_clock_moved_on_to_make_footage_look_old_enough_moves_no_witness(node: Node) -> None:
    """The node claims four days; by the witnesses' clocks minutes have passed."""
    node.turn()
    recorded = node.record()
    node.turn()
    node.witnesses.clock = SimulatedClock(utc_ns=node.clock.utc_ns(), mono_ns=0)
    for home in node.witnesses.homes:
        node.witnesses.running[home] = node.witnesses.homes[home].open(node.witnesses.clock)
    node.clock.advance(4 * DAY_NS)
    node.store.delete(recorded[1].key)
    node.store.age_tombstones(node.clock.utc_ns())
    node.turn()
    verdict = judged(node, export(node))
    assert codes(verdict) == ["early_deletion"]


def test_retention_shortened_afterwards_is_not_retroactive(node: Node) -> None:
    recorded = node.record()
    node.turn()
    with node.catalogue.change() as connection:
        connection.exec_driver_sql("UPDATE cameras SET retention_days = 0.1")
    node.turn()
    node.clock.advance(DAY_NS)
    node.store.delete(recorded[1].key)
    node.store.age_tombstones(node.clock.utc_ns())
    node.turn()
    assert codes(judged(node, export(node))) == ["early_deletion"]


def test_a_held_segment_deleted_is_found_even_after_its_time(node: Node) -> None:
    recorded = node.record()
    node.holds.set("gate", START_NS, START_NS + NS_PER_S, reason="shots", by="officer")
    node.turn()
    node.clock.advance(10 * DAY_NS)
    node.store.delete(recorded[0].key)
    node.store.age_tombstones(node.clock.utc_ns())
    node.turn()
    assert codes(judged(node, export(node))) == ["held_deletion"]


def test_a_hold_lifted_first_is_on_record_and_then_deletion_is_allowed(node: Node) -> None:
    recorded = node.record()
    hold = node.holds.set("gate", START_NS, START_NS + NS_PER_S, reason="shots", by="officer")
    node.turn()
    node.clock.advance(10 * DAY_NS)
    node.holds.lift(hold.id, by="chief")
    node.turn()
    node.store.delete(recorded[0].key)
    node.store.age_tombstones(node.clock.utc_ns())
    node.turn()
    verdict = judged(node, export(node))
    assert codes(verdict) == []
    assert "segment_deleted" in [finding.code for finding in verdict.notices]


@pytest.mark.parametrize("was_logged", [False, True])
def test_a_segments_row_and_file_removed_without_a_tombstone(node: Node, was_logged: bool) -> None:
    first, second, third = node.store.begin(node.clip, node.stream, 1, START_NS, 2)
    for segment in (first, second, third):
        segment.append_all()
        segment.end()
    if was_logged:
        node.turn()
    second.path.unlink()
    with node.store.index.begin() as connection:
        connection.exec_driver_sql("DELETE FROM segments WHERE segment = 1")
    node.turn()
    assert codes(judged(node, export(node))) == ["segment_missing"]


def test_the_index_changed_before_it_was_logged_contradicts_the_file(node: Node) -> None:
    recorded = node.record()
    node.store.set_row(recorded[1].key, sha256=bytes(32))
    node.turn()
    assert "segment_altered" in codes(judged(node, export(node)))


def test_the_index_changed_after_it_was_logged_changes_nothing_that_was_logged(node: Node) -> None:
    recorded = node.record()
    node.turn()
    node.store.set_row(recorded[1].key, sha256=bytes(32))
    assert codes(judged(node, export(node))) == []


def test_a_segment_changed_on_disk_after_it_was_logged(node: Node) -> None:
    recorded = node.record()
    node.turn()
    data = bytearray(recorded[1].path.read_bytes())
    data[-200] ^= 1
    recorded[1].path.chmod(0o600)
    recorded[1].path.write_bytes(data)
    assert codes(judged(node, export(node)))[0] == "segment_altered"


def test_a_segment_rewritten_while_it_was_open_contradicts_its_cover(node: Node, tmp_path: Path) -> None:
    [segment] = node.store.begin(node.clip, node.stream, 1, START_NS, 6)
    segment.append(60)
    node.turn(5)
    segment.close()
    segment.path.unlink()
    [again] = node.store.begin(node.clip, node.stream._replace(camera="other"), 1, START_NS, 6)
    again.append_all()
    again.end()
    honest = again.path.read_bytes().replace(b'"camera":"other"', b'"camera":"gate" ')
    segment.path.write_bytes(honest)
    digest = hashlib.sha256(honest).digest()
    node.store.set_row(segment.key, state="closed", bytes=len(honest), sha256=digest, end_utc_ns=START_NS + CLIP_NS)
    node.turn()
    found = codes(judged(node, export(node)))
    assert "cover_mismatch" in found or "segment_broken" in found


def test_a_fork_shown_to_one_witness_is_refused_and_kept(node: Node) -> None:
    node.record()
    node.turn()
    size = node.ledger.size
    text = Checkpoint(node.home.origin(1), size, bytes(32)).encode()
    note = Note(text, tuple(signer.sign(text, 1) for signer in node.keys.signers(node.home.origin(1), 1)))
    witness = node.witnesses.running["w1"]
    assert witness.add_checkpoint(Submission(size, (), note.encode()).encode()).status == 422
    assert [refusal.reason for refusal in witness.refusals()] == ["fork"]


def test_the_last_entries_cut_off_the_log_and_all_memory_of_them(node: Node) -> None:
    node.turn()
    image = node.root / "image"
    shutil.copytree(node.home.folder, image)
    node.record()
    node.turn()
    shutil.rmtree(node.home.folder)
    shutil.copytree(image, node.home.folder)
    node.start()
    node.turn()
    assert (node.ledger.state, node.ledger.reason) == (LedgerState.REFUSING, RefusalReason.BEHIND_WITNESS)


# -- somebody at the witness -------------------------------------------------------------------------------------


@pytest.fixture
def restored_witness(node: Node) -> Iterator[Node]:
    """A node one of whose witnesses was restored from a backup."""
    node.turn()
    home = node.witnesses.homes["w1"].folder
    backup = node.root / "backup"
    shutil.copytree(home, backup)
    node.record()
    node.turn()
    shutil.rmtree(home)
    shutil.copytree(backup, home)
    node.witnesses.running["w1"] = node.witnesses.homes["w1"].open(node.clock)
    yield node


def test_a_witness_restored_from_backup_cannot_make_an_older_head_the_newest(restored_witness: Node) -> None:
    node = restored_witness
    answer = node.witnesses.http.get(f"http://w1.example/{origin_hash(node.home.origin(1))}/checkpoint")
    behind = Checkpoint.parse(Note.parse(answer.content).text).size
    assert behind < node.ledger.size
    node.turn(60)
    last = node.journal.last_cosigned(1)
    assert last is not None and last.size == node.ledger.size


def test_replaying_an_old_bundle_for_a_newer_request_fails_on_its_span(lived: Node, sealed: Path) -> None:
    """An old bundle stays good for what it says, and says what it is of: nobody can pass it for another span."""
    verdict = verify_bundle(sealed, lived.policy)
    assert verdict.good
    assert Manifest.parse(contents(sealed)[MANIFEST]).end_us == END_NS // 1000
