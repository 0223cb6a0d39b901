"""The node's log takes in every fact once, signs only what witnesses have not seen otherwise, and survives crashes."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

from basira.base.clock import NS_PER_S
from basira.catalogue import schema as catalogue
from basira.custody.acts.spool import Act
from basira.custody.cosignature import Signer
from basira.custody.entries import (
    Access,
    Account,
    Alarm,
    Camera,
    ClockStep,
    Cover,
    Deletion,
    Gap,
    Hold,
    LogStart,
    Segment,
    encode_entry,
)
from basira.custody.ledger import LedgerState, RefusalReason
from basira.custody.note import Note
from basira.custody.vkey import KeyType
from basira.recording.schema import clock_steps, gaps
from basira.replay.footage import StoredSegment
from tests.custody.node import START_NS, Node


def state_of(node: Node) -> LedgerState:
    return node.ledger.state


def segments_of(node: Node) -> list[Segment]:
    return [entry for entry in node.entries() if isinstance(entry, Segment)]


def test_each_closed_segment_is_logged_once_and_chained(node: Node) -> None:
    recorded = node.record()
    node.turn()
    node.turn()
    entries = segments_of(node)
    assert [entry.key() for entry in entries] == [segment.key for segment in recorded]
    for entry, segment in zip(entries, recorded, strict=True):
        assert entry.sha256 == hashlib.sha256(segment.path.read_bytes()).hexdigest()
        assert entry.bytes == segment.path.stat().st_size
    assert [entry.previous for entry in entries] == [None, *(entry.sha256 for entry in entries[:-1])]


def test_an_open_segment_is_covered_as_far_as_it_is_written(node: Node) -> None:
    [*_, last] = node.store.begin(node.clip, node.stream, 1, START_NS, 6)
    last.append(40)
    node.turn(5)
    last.append(30)
    node.turn(5)
    node.turn(5)
    covers = [entry for entry in node.entries() if isinstance(entry, Cover)]
    assert len(covers) == 2
    data = last.path.read_bytes()
    for cover in covers:
        assert hashlib.sha256(data[: cover.bytes - 32]).hexdigest() == cover.digest
    last.append_all()
    last.end()
    node.turn(5)
    assert len(segments_of(node)) == 1


def test_a_segment_waits_for_the_open_one_before_it(node: Node) -> None:
    first, second, *_ = node.store.begin(node.clip, node.stream, 1, START_NS, 2)
    first.append_all()
    second.append_all()
    second.end()
    node.turn()
    assert segments_of(node) == []
    first.end()
    node.turn()
    assert [entry.segment for entry in segments_of(node)] == [0, 1]


def test_gaps_are_logged_when_they_begin_and_when_they_end(node: Node) -> None:
    node.store.add_gap(START_NS, None, "link", node.stream)
    node.turn()
    with node.store.index.begin() as connection:
        connection.execute(update(gaps).values(end_utc_ns=START_NS + 5 * NS_PER_S))
    node.turn()
    node.turn()
    found = [entry for entry in node.entries() if isinstance(entry, Gap)]
    assert [(gap.cause, gap.end_us) for gap in found] == [("link", None), ("link", (START_NS + 5 * NS_PER_S) // 1000)]


def test_clock_steps_are_logged(node: Node) -> None:
    with node.store.index.begin() as connection:
        connection.execute(
            insert(clock_steps).values(
                site=node.site, utc_ns=START_NS, mono_ns=5, boot_id="b", step_ns=-3600 * NS_PER_S
            )
        )
    node.turn()
    [step] = [entry for entry in node.entries() if isinstance(entry, ClockStep)]
    assert step.step_us == -3_600_000_000


def test_a_deletion_is_an_entry(node: Node) -> None:
    recorded = node.record()
    node.turn()
    node.store.delete(recorded[0].key)
    node.turn()
    [deletion] = [entry for entry in node.entries() if isinstance(entry, Deletion)]
    assert (deletion.key(), deletion.why) == (recorded[0].key, "age")
    assert deletion.sha256 == segments_of(node)[0].sha256


def test_holds_are_entries_without_the_words_of_their_reason(node: Node) -> None:
    hold = node.holds.set("gate", START_NS, START_NS + NS_PER_S, reason="Abu Ali was shot here", by="officer.hassan")
    node.turn()
    node.holds.lift(hold.id, by="chief")
    node.turn()
    node.turn()
    found = node.of_kind("hold", "hold_lifted")
    assert [entry.kind for entry in found] == ["hold", "hold_lifted"]
    assert isinstance(found[0], Hold)
    assert found[0].by == node.keys.pseudonym("officer.hassan")
    everything = b"".join(encode_entry(entry) for entry in node.entries())
    # Words with a space or a dot between them, which no base64 beside them can spell by chance.
    assert b"Abu Ali" not in everything and b"shot here" not in everything
    assert b"officer.hassan" not in everything


def test_a_hold_deleted_behind_the_pages_back_is_a_hold_lifted(node: Node) -> None:
    node.holds.set("gate", START_NS, START_NS + NS_PER_S, reason="x", by="officer")
    node.turn()
    with node.catalogue.change() as connection:
        connection.execute(delete(catalogue.holds))
    node.turn()
    assert [entry.kind for entry in node.of_kind("hold", "hold_lifted")] == ["hold", "hold_lifted"]


def test_decisions_about_cameras_retention_and_accounts_are_entries(node: Node) -> None:
    node.turn()
    with node.catalogue.change() as connection:
        connection.execute(update(catalogue.cameras).values(retention_days=1.0))
        connection.execute(
            insert(catalogue.users).values(
                name="officer.hassan", password_hash="h", must_change_password=False, disabled=False, created_utc_ns=0
            )
        )
    node.turn()
    cameras = [entry for entry in node.entries() if isinstance(entry, Camera)]
    assert [(entry.change, entry.retention_us) for entry in cameras] == [("added", None), ("changed", 86_400_000_000)]
    [account] = [entry for entry in node.entries() if isinstance(entry, Account)]
    assert (account.user, account.change) == (node.keys.pseudonym("officer.hassan"), "created")
    assert len(node.of_kind("retention")) == 1


def test_a_decision_whose_entry_could_not_be_written_is_logged_at_the_next_turn(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.turn()
    with node.catalogue.change() as connection:
        connection.execute(update(catalogue.cameras).values(retention_days=1.0))

    def full(*_: object) -> int:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(node.journal, "add", full)
        with pytest.raises(OSError, match="full"):
            node.turn()
    node.turn()
    node.turn()
    changed = [entry for entry in node.of_kind("camera") if isinstance(entry, Camera)]
    assert [entry.change for entry in changed] == ["added", "changed"]


def test_a_decision_made_while_the_log_was_off_is_logged_once_it_is_on(node: Node) -> None:
    node.turn()
    with node.catalogue.change() as connection:
        connection.execute(update(catalogue.cameras).values(record_audio=True))
    node.start().turn()
    node.start().turn()
    changed = [entry for entry in node.of_kind("camera") if isinstance(entry, Camera)]
    assert [entry.change for entry in changed] == ["added", "changed"]


def test_a_stream_that_is_new_to_the_index_is_logged_also_after_the_index_was_made_anew(node: Node) -> None:
    node.record()
    node.turn()
    for number, camera in enumerate(("yard", "roof")):
        if number:
            with node.store.index.begin() as connection:
                connection.exec_driver_sql("DELETE FROM segments")
                connection.exec_driver_sql("DELETE FROM recordings")
        node.store.record(node.clip, stream=node.stream._replace(camera=camera))
        node.turn()
    assert [entry.camera for entry in segments_of(node)] == [
        camera for camera in ("gate", "yard", "roof") for _ in "123"
    ]


def test_acts_are_entries_under_a_pseudonym(node: Node) -> None:
    node.acts.record(Act("playback", "officer.hassan", ("gate",), "main", START_NS, START_NS + NS_PER_S))
    node.turn()
    node.turn()
    [access] = [entry for entry in node.entries() if isinstance(entry, Access)]
    assert (access.act, access.cameras, access.start_us) == ("playback", ("gate",), START_NS // 1000)
    assert access.user == node.keys.pseudonym("officer.hassan")


def test_alarms_are_entries_with_their_beginning_and_their_end(node: Node) -> None:
    node.acts.record(Act("alarm_began", "", ("gate",), code="camera_silent"))
    node.acts.record(Act("alarm_ended", "", ("gate",), code="camera_silent"))
    node.turn()
    alarms = [entry for entry in node.entries() if isinstance(entry, Alarm)]
    assert [(alarm.code, alarm.camera, alarm.raised) for alarm in alarms] == [
        ("camera_silent", "gate", True), ("camera_silent", "gate", False),
    ]  # fmt: skip
    assert node.of_kind("access") == []


def test_what_no_witness_is_asked_about_is_remembered_durably_and_published_with_the_rest(node: Node) -> None:
    node.turn()
    size = node.ledger.size
    node.acts.record(Act("live", "hassan", ("gate",), "main"))
    node.ledger.turn(cosign=False)
    assert (node.ledger.size, node.of_kind("access")) == (size, [])
    node.start().turn()
    assert len(node.of_kind("access")) == 1


def test_silence_is_audible(node: Node) -> None:
    for _ in range(6):
        node.turn(30)
    assert len(node.of_kind("heartbeat")) == 3


def test_every_turn_is_cosigned_by_a_quorum(node: Node) -> None:
    node.record()
    node.turn()
    last = node.journal.last_cosigned(1)
    assert last is not None
    judged = node.policy.judge(last.note)
    assert set(judged.cosigned_s) == {"w1", "w2", "w3"}
    assert judged.checkpoint.size == node.ledger.size
    published = (node.home.tiles_path(1) / "checkpoint").read_bytes()
    assert node.policy.judge(published).checkpoint == judged.checkpoint


def test_entries_quote_the_last_cosigned_checkpoint(node: Node) -> None:
    node.turn()
    first = node.journal.last_cosigned(1)
    assert first is not None
    node.record()
    node.turn()
    [seen] = {entry.seen for entry in segments_of(node)}
    assert seen is not None
    assert (seen.size, seen.sha256) == (first.size, hashlib.sha256(first.note).hexdigest())


def test_without_a_quorum_the_log_goes_on_and_nothing_counts_as_cosigned(node: Node) -> None:
    node.turn()
    before = node.journal.last_cosigned(1)
    node.witnesses.down = {"w2"}
    node.record()
    node.turn()
    assert len(segments_of(node)) == 3
    assert node.journal.last_cosigned(1) == before
    node.witnesses.down = set()
    node.turn()
    node.turn()
    last = node.journal.last_cosigned(1)
    assert last is not None
    assert last.size == node.ledger.size


def test_a_restart_goes_on_where_it_was(node: Node) -> None:
    node.record()
    node.turn()
    node.start()
    node.record(recording=2, start_utc_ns=START_NS + 60 * NS_PER_S)
    node.turn()
    assert [(entry.recording, entry.segment) for entry in segments_of(node)] == [
        (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2),
    ]  # fmt: skip
    assert [type(entry) for entry in node.entries()].count(LogStart) == 1
    assert len(node.of_kind("software")) == 2
    assert state_of(node) == LedgerState.SIGNING


def test_a_crash_between_the_journal_and_the_tiles_loses_and_repeats_nothing(node: Node) -> None:
    node.turn()
    node.record()
    node.ledger.collect()
    node.start()
    node.turn()
    assert [entry.segment for entry in segments_of(node)] == [0, 1, 2]


def test_nothing_is_signed_before_witnesses_enough_were_asked(node: Node) -> None:
    node.witnesses.down = {"w1", "w2", "w3"}
    node.record()
    node.turn()
    assert state_of(node) == LedgerState.COMPARING
    assert not (node.home.tiles_path(1) / "checkpoint").exists()
    node.witnesses.down = {"w2", "w3"}
    node.turn()
    assert state_of(node) == LedgerState.SIGNING


def snapshot(node: Node, name: str) -> Path:
    """Copy of the node's custody folder, as a disk image would be."""
    target = node.root / name
    shutil.copytree(node.home.folder, target)
    return target


def restore(node: Node, image: Path) -> None:
    shutil.rmtree(node.home.folder)
    shutil.copytree(image, node.home.folder)


def test_a_restored_disk_refuses_to_sign_and_goes_on_only_as_a_new_log_that_cites_the_old_head(node: Node) -> None:
    node.turn()
    image = snapshot(node, "image")
    node.record()
    node.turn()
    old_size, old_root = node.ledger.size, node.ledger.tiles.root() if node.ledger.tiles else b""
    restore(node, image)
    node.start()
    node.turn()
    assert (node.ledger.state, node.ledger.reason) == (LedgerState.REFUSING, RefusalReason.BEHIND_WITNESS)
    node.turn()
    assert state_of(node) == LedgerState.REFUSING

    node.trust(2)
    node.start()
    node.turn()
    node.ledger.continue_as_new_log()
    node.turn()
    assert state_of(node) == LedgerState.SIGNING
    start = node.entries()[0]
    assert isinstance(start, LogStart)
    assert start.origin == "node01.gov.example/log/2"
    assert start.continues is not None
    assert (start.continues.size, start.continues.root) == (old_size, old_root.hex())
    assert start.why == "behind_witness"
    assert len(segments_of(node)) == 3


def test_a_log_cut_short_on_disk_is_noticed_without_any_witness(node: Node) -> None:
    node.turn()
    tiles = node.root / "tiles"
    shutil.copytree(node.home.tiles_path(1), tiles)
    node.record()
    node.turn()
    shutil.rmtree(node.home.tiles_path(1))
    shutil.copytree(tiles, node.home.tiles_path(1))
    node.start()
    node.turn()
    assert (node.ledger.state, node.ledger.reason) == (LedgerState.REFUSING, RefusalReason.BEHIND_MEMORY)


def test_a_changed_tile_is_refused_at_start(node: Node) -> None:
    node.record()
    node.turn()
    [tile] = (node.home.tiles_path(1) / "tile/0/000.p").iterdir()
    data = bytearray(tile.read_bytes())
    data[5] ^= 1
    tile.write_bytes(data)
    node.start()
    assert (node.ledger.state, node.ledger.reason) == (LedgerState.REFUSING, RefusalReason.TILES_DAMAGED)


def test_a_checkpoint_signed_by_another_key_is_refused_at_start(node: Node) -> None:
    node.turn()
    checkpoint = node.home.tiles_path(1) / "checkpoint"
    text = Note.parse(checkpoint.read_bytes()).text
    forger = Signer(node.home.origin(1), KeyType.ED25519, bytes(32))
    checkpoint.write_bytes(Note(text, (forger.sign(text, 1),)).encode())
    node.start()
    assert state_of(node) == LedgerState.REFUSING


def test_the_index_a_bundle_needs_finds_entries_by_segment(node: Node) -> None:
    node.record()
    node.turn()
    places = node.journal.places_of_segments("gate", "main", [(1, 1)], {1: node.ledger.size})
    assert [node.entries()[place.index].kind for place in places] == ["segment"]
    assert node.journal.places_of_segments("gate", "main", [(1, 1)], {1: 0}) == []


@pytest.mark.parametrize("name", ["StoredSegment"])
def test_footage_and_log_agree_about_times(node: Node, name: str) -> None:
    recorded = node.record()
    node.turn()
    stored = node.store.footage.segment(recorded[0].key)
    assert isinstance(stored, StoredSegment)
    assert segments_of(node)[0].start_us == stored.start_utc_ns // 1000
