"""The monitor against real attacks on a real log with real witnesses, read from a folder and over HTTP."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.cli.monitor import write_reports
from basira.custody.acts.spool import Act
from basira.custody.checkpoint import Checkpoint
from basira.custody.entries import Heartbeat, encode_entry
from basira.custody.merkle import LeafList, consistency_proof, leaf_hash, tree_root
from basira.custody.monitor.memory import MonitorMemory
from basira.custody.monitor.source import open_sources
from basira.custody.monitor.watch import NOW, Watched, clients_of, watch
from basira.custody.note import Note
from basira.custody.publication import make_app
from basira.custody.submission import Submission
from tests.custody.node import START_NS, Node

DAY_NS = 86_400 * NS_PER_S


class Monitor:
    """Somebody who visits a node's log from time to time, by a clock of their own."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.memory = MonitorMemory(node.root / "monitor")
        self.now_s = node.clock.utc_ns() // NS_PER_S

    def visit(self, place: str | Path | None = None, http: httpx.Client | None = None) -> Watched:
        place = self.node.home.folder if place is None else place
        client = http or self.node.witnesses.http
        sources = open_sources(str(place), client, self.memory.folder / "tiles")
        witnesses = clients_of(self.node.policy, self.node.witnesses.http)
        self.now_s = max(self.now_s, self.node.clock.utc_ns() // NS_PER_S)
        return watch(sources, self.node.policy, witnesses, self.memory, self.now_s)


@pytest.fixture
def monitor(node: Node) -> Monitor:
    return Monitor(node)


def codes(watched: Watched) -> list[str]:
    return [finding.code for finding in watched.wrong]


def copied(node: Node, name: str) -> Path:
    target = node.root / name
    shutil.copytree(node.home.folder, target)
    return target


def test_an_honest_log_has_nothing_wrong(node: Node, monitor: Monitor) -> None:
    node.record()
    node.turn()
    watched = monitor.visit()
    assert (watched.wrong, watched.findings) == ([], {})
    assert [view.checkpoint and view.checkpoint.size for view in watched.views[node.home.origin(1)]] == [
        node.ledger.size
    ] * 3
    node.turn()
    assert monitor.visit().wrong == []


def test_the_numbers_are_the_same_from_the_folder_and_over_http(node: Node, monitor: Monitor, tmp_path: Path) -> None:
    node.record()
    for second in range(300):
        node.acts.record(Act("playback", "hassan", ("gate",), "main", START_NS + second, START_NS + NS_PER_S))
    node.turn()
    with TestClient(make_app(node.home)) as published:
        there = monitor.visit("http://testserver", published)
        again = monitor.visit("http://testserver", published)
    write_reports(monitor.visit(), tmp_path / "folder")
    write_reports(there, tmp_path / "http")
    write_reports(again, tmp_path / "cached")
    for name in ("numbers.json", "2025-06.html"):
        assert (tmp_path / "folder" / name).read_bytes() == (tmp_path / "http" / name).read_bytes()
        assert (tmp_path / "folder" / name).read_bytes() == (tmp_path / "cached" / name).read_bytes()
    june = json.loads((tmp_path / "http" / "numbers.json").read_bytes())["months"]["2025-06"]
    assert june["accesses_by_day"] == {"2025-06-15": {"playback": 300}}
    assert june["recorded_us_by_day"] == {"2025-06-15": {"gate": 6_000_000}}
    assert june["people"] == 1


def test_the_report_is_for_the_public_in_both_languages_with_plots(
    node: Node, monitor: Monitor, tmp_path: Path
) -> None:
    node.record()
    node.store.add_gap(START_NS + 6 * NS_PER_S, START_NS + 60 * NS_PER_S, "link", node.stream)
    node.acts.record(Act("live", "hassan", ("gate",), "main"))
    node.turn()
    write_reports(monitor.visit(), tmp_path / "report")
    html = (tmp_path / "report" / "2025-06.html").read_text()
    for words in ("تقرير المساءلة", "Accountability report", "عرض مباشر", "live view", "الشبكة", "w1"):
        assert words in html
    assert len(re.findall("<rect ", html)) == 3
    assert "hassan" not in html
    assert not re.search(r"(src|href)=", html)


def test_a_fork_shown_to_one_witness_is_found_and_both_heads_are_kept(node: Node, monitor: Monitor) -> None:
    """Root at the node shows w1 a branch in which the last entries are others, while w1 cannot reach the rest."""
    node.turn()
    before = node.ledger.size
    node.witnesses.down = {"w1"}
    node.record()
    node.turn()
    node.witnesses.down = set()
    assert node.ledger.tiles is not None
    honest = [leaf_hash(data) for _, data in node.ledger.tiles.entries()]
    other = encode_entry(Heartbeat(at_us=1, boot="other", mono_us=1, seen=None))
    branch = [*honest[:before], *[leaf_hash(other)] * (len(honest) - before)]
    text = Checkpoint(node.home.origin(1), len(branch), tree_root(branch)).encode()
    note = Note(text, tuple(signer.sign(text, 1) for signer in node.keys.signers(node.home.origin(1), 1)))
    proof = consistency_proof(LeafList(branch), before, len(branch))
    body = Submission(before, tuple(proof), note.encode()).encode()
    assert node.witnesses.running["w1"].add_checkpoint(body).status == 200
    watched = monitor.visit()
    assert codes(watched) == ["fork"]
    [kept] = (monitor.memory.folder / "evidence").iterdir()
    assert text.encode() in kept.read_bytes()
    assert node.ledger.tiles.checkpoint_path.read_bytes() in kept.read_bytes()


def test_the_last_entries_cut_off_are_missed_by_the_witnesses(node: Node, monitor: Monitor) -> None:
    node.turn()
    cut = copied(node, "cut")
    node.record()
    node.turn()
    assert codes(monitor.visit(cut)) == ["rollback"] * 3


def test_the_last_entries_cut_off_are_missed_by_the_monitors_own_memory(node: Node, monitor: Monitor) -> None:
    node.turn()
    cut = copied(node, "cut")
    node.record()
    node.turn()
    monitor.visit()
    node.witnesses.down = {"w1", "w2", "w3"}
    watched = monitor.visit(cut)
    assert codes(watched) == ["rollback"]
    assert [finding.code for finding in watched.findings[NOW]].count("witness_unreachable") == 3


def test_an_entry_changed_in_the_published_tiles_is_found(node: Node, monitor: Monitor) -> None:
    node.acts.record(Act("playback", "hassan", ("gate",), "main", START_NS, START_NS + NS_PER_S))
    node.turn()
    forged = copied(node, "forged")
    [bundle] = (forged / "log/1/tile/entries/000.p").glob(str(node.ledger.size))
    bundle.write_bytes(bundle.read_bytes().replace(b'"playback"', b'"snapshot"'))
    assert codes(monitor.visit(forged)) == ["fork"] * 3 + ["root_mismatch"]


def test_a_missing_part_of_the_log_is_found(node: Node, monitor: Monitor) -> None:
    node.turn()
    shutil.rmtree(copied(node, "holed") / "log/1/tile/entries")
    assert codes(monitor.visit(node.root / "holed")) == ["tiles_missing"]


def test_an_early_deletion_is_reported_in_its_month(node: Node, monitor: Monitor) -> None:
    recorded = node.record()
    node.turn()
    node.clock.advance(DAY_NS)
    node.store.delete(recorded[1].key)
    node.store.age_tombstones(node.clock.utc_ns())
    node.turn()
    watched = monitor.visit()
    assert [(month, finding.code) for month in watched.findings for finding in watched.findings[month]
            if finding in watched.wrong] == [("2025-06", "early_deletion")]  # fmt: skip


def test_a_clock_moved_on_to_hide_an_early_deletion_does_not_move_the_monitors(node: Node, monitor: Monitor) -> None:
    node.turn()
    monitor.visit()
    recorded = node.record()
    node.turn()
    monitor.now_s += 60
    monitor.visit()
    real_s = monitor.now_s + 3600
    node.clock.advance(4 * DAY_NS)
    node.store.delete(recorded[1].key)
    node.store.age_tombstones(node.clock.utc_ns())
    node.turn()
    watched = watch(
        open_sources(str(node.home.folder), node.witnesses.http, node.root), node.policy, [], monitor.memory, real_s
    )
    assert codes(watched) == ["early_deletion"]


def test_a_held_segment_deleted_is_reported_and_a_lawful_deletion_is_a_number(node: Node, monitor: Monitor) -> None:
    first, second, _ = node.record()
    node.holds.set("gate", START_NS, START_NS + NS_PER_S, reason="shots", by="officer")
    node.turn()
    node.clock.advance(10 * DAY_NS)
    for segment in (first, second):
        node.store.delete(segment.key)
    node.store.age_tombstones(node.clock.utc_ns())
    node.turn()
    watched = monitor.visit()
    assert codes(watched) == ["held_deletion"]
    assert watched.tally.months["2025-06"].deletions_by_day["2025-06-25"]["age"] == 2


def test_silence_is_told_while_it_lasts_and_afterwards(node: Node, monitor: Monitor) -> None:
    node.turn()
    node.clock.advance(3600 * NS_PER_S)
    assert codes(monitor.visit()) == ["silent_now"]
    node.turn()
    watched = monitor.visit()
    assert watched.wrong == []
    assert [finding.code for finding in watched.findings["2025-06"]] == ["silence"]
    assert watched.tally.months["2025-06"].silences == 1


def test_somebody_who_looks_far_more_than_usual_is_told_of_by_pseudonym(node: Node, monitor: Monitor) -> None:
    for day in range(6):
        for number in range(5 if day < 5 else 60):
            node.acts.record(Act("playback", "hassan", ("gate",), "main", START_NS + number, START_NS + NS_PER_S))
        node.turn()
        node.clock.advance(DAY_NS)
    for _ in range(12):
        node.acts.record(Act("login_refused", "huda"))
    node.turn()
    found = [
        (finding.code, finding.where.split(",")[0])
        for finding in monitor.visit().findings["2025-06"]
        if finding.code != "silence"
    ]
    assert found == [
        ("many_accesses", node.keys.pseudonym("hassan")), ("many_refused_logins", node.keys.pseudonym("huda")),
    ]  # fmt: skip


def test_a_log_that_begins_anew_after_losing_its_end_says_so_itself(node: Node, monitor: Monitor) -> None:
    node.turn()
    image = copied(node, "image")
    node.record()
    node.turn()
    shutil.rmtree(node.home.folder)
    shutil.copytree(image, node.home.folder)
    ledger = node.start()
    node.turn()
    ledger.continue_as_new_log()
    node.trust(2)
    ledger = node.start()
    node.turn()
    watched = monitor.visit()
    assert [log["origin"] for log in watched.logs] == [node.home.origin(1), node.home.origin(2)]
    assert set(codes(watched)) == {"rollback", "entries_lost"}
    assert "log_restarted" in [finding.code for finding in watched.findings[NOW]]


def test_a_log_that_the_policy_does_not_know_is_not_believed(node: Node, monitor: Monitor, tmp_path: Path) -> None:
    node.turn()
    stranger = copied(node, "stranger")
    path = stranger / "log/1/checkpoint"
    path.write_bytes(path.read_bytes().replace(b"node01", b"node99"))
    assert codes(monitor.visit(stranger))[0] == "log_unknown"


def test_a_place_without_a_log_cannot_be_judged(monitor: Monitor, tmp_path: Path) -> None:
    with pytest.raises(BasiraError, match="no checkpoint"):
        monitor.visit(tmp_path / "nowhere")


def test_a_camera_taken_out_of_the_catalogue_and_added_anew_is_told(node: Node, monitor: Monitor) -> None:
    """A verifier believes that there is nothing from before a camera was added; the whole log knows better."""
    node.turn()
    with node.catalogue.change() as connection:
        connection.exec_driver_sql("DELETE FROM camera_streams")
        connection.exec_driver_sql("DELETE FROM cameras")
    node.turn()
    node.add_camera("gate")
    node.turn()
    watched = monitor.visit()
    assert [finding.code for findings in watched.findings.values() for finding in findings] == ["camera_added_again"]
