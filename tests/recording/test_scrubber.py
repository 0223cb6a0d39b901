"""What was recorded is read again and again; whatever is not what it was is named, and nothing is ever deleted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from basira.base.settings import Settings
from basira.recording import schema
from basira.recording.control import ask
from basira.recording.scrubber import SOCKET_NAME, Scrubber, disk_pressure, is_busy, main
from basira.recording.storage import IDENTITY_FILE
from tests.recording.node import wait_until
from tests.recording.rig import Rig


@pytest.fixture
def recorded(tmp_path: Path, clip: Path) -> Iterator[Rig]:
    """Three closed segments."""
    rig = Rig(tmp_path)
    stream, packets = rig.load(clip)
    rig.recorder.begin(stream, "start")
    rig.play(packets)
    rig.recorder.end()
    rig.settle()
    yield rig
    rig.close()


def scrubber(rig: Rig) -> Scrubber:
    return Scrubber(rig.engine, rig.root, "basra", rig.root.parent / "scrubber.json", rig.clock, bytes_per_s=1e12)


def damage(path: Path) -> None:
    """One bit, in the middle of the pictures."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def pass_over(one: Scrubber) -> None:
    """To the end of a pass."""
    passes = one.progress.passes
    while one.progress.passes == passes:
        one.turn()


def test_sound_footage_is_read_to_the_last_byte_and_nothing_is_said(recorded: Rig) -> None:
    one = scrubber(recorded)
    pass_over(one)
    status = one.status()
    assert (status["passes"], status["damaged"]) == (1, {})
    assert status["bytes_read"] == sum(path.stat().st_size for path in recorded.files())


def test_a_flipped_bit_is_found_named_and_touched_by_nobody(recorded: Rig) -> None:
    victim = recorded.files()[1]
    damage(victim)
    before = {path: path.read_bytes() for path in recorded.files()}
    one = scrubber(recorded)
    pass_over(one)
    pass_over(one)
    found = one.status()["damaged"]["gate"]
    assert found["path"] == str(victim.relative_to(recorded.root)) and found["segments"] == 1
    assert found["code"] == "segment_hash_differs"
    assert {path: path.read_bytes() for path in recorded.files()} == before
    assert len(recorded.segments()) == 3


def test_a_file_that_is_missing_is_damage_but_a_volume_that_is_missing_is_not(recorded: Rig) -> None:
    (recorded.root / IDENTITY_FILE).rename(recorded.root / "unplugged")
    one = scrubber(recorded)
    recorded.files()[0].rename(recorded.root / "elsewhere")
    assert one.turn() == 0 and one.status()["damaged"] == {}
    (recorded.root / "unplugged").rename(recorded.root / IDENTITY_FILE)
    pass_over(one)
    assert one.status()["damaged"]["gate"]["code"] == "segment_file_missing"


def test_what_was_found_survives_a_restart_and_ends_when_it_is_mended_or_deleted(recorded: Rig) -> None:
    first, second, _ = recorded.files()
    good = first.read_bytes()
    damage(first)
    damage(second)
    pass_over(scrubber(recorded))
    again = scrubber(recorded)
    assert again.status()["damaged"]["gate"]["segments"] == 2
    first.write_bytes(good)
    pass_over(again)
    assert again.status()["damaged"]["gate"]["segments"] == 1
    table = schema.segments
    recorded.index.call(lambda connection: connection.execute(delete(table).where(table.c.segment == 1)))
    again.turn()
    assert again.status()["damaged"] == {}


def test_after_a_restart_it_goes_on_where_it_was(recorded: Rig) -> None:
    one = scrubber(recorded)
    one.turn()
    assert one.progress.cursor == ["basra", "gate", "main", 1, 2]
    assert scrubber(recorded).progress.cursor == one.progress.cursor


@pytest.mark.parametrize("kept", [b"", b"[]", b'{"cursor": [1], "damaged": {}}', b'{"damaged": {"a": 1}}', b"\xff{"])
def test_a_state_that_is_none_begins_anew(recorded: Rig, kept: bytes) -> None:
    (recorded.root.parent / "scrubber.json").write_bytes(kept)
    one = scrubber(recorded)
    assert one.progress.cursor is None and one.progress.damaged == {}


def test_while_the_machine_is_busy_nothing_is_read(recorded: Rig) -> None:
    stop, asked = threading.Event(), threading.Event()

    def busy() -> bool:
        asked.set()
        return True

    state = recorded.root.parent / "scrubber.json"
    one = Scrubber(recorded.engine, recorded.root, "basra", state, recorded.clock, bytes_per_s=1e12, busy=busy)
    thread = threading.Thread(target=one.run, args=(stop,))
    thread.start()
    assert asked.wait(10)
    stop.set()
    thread.join(20)
    assert not thread.is_alive() and one.status()["bytes_read"] == 0


def test_pressure_is_what_the_kernel_says(tmp_path: Path) -> None:
    source = tmp_path / "io"
    source.write_text(
        "some avg10=61.50 avg60=1.99 avg300=2.95 total=1\nfull avg10=0.20 avg60=1.37 avg300=2.4 total=5\n"
    )
    assert disk_pressure(source) == 61.5
    assert disk_pressure(tmp_path / "none") == 0.0
    assert is_busy(tmp_path) in (True, False)


def test_as_a_process_it_waits_for_a_recording_and_tells_over_its_socket(recorded: Rig, tmp_path: Path) -> None:
    damage(recorded.files()[2])
    settings = Settings(data_dir=tmp_path, scrub_bytes_per_s=1 << 40)
    stop = threading.Event()
    thread = threading.Thread(target=main, args=(settings, stop))
    thread.start()
    try:
        wait_until((settings.run_path / SOCKET_NAME).exists)
        wait_until(lambda: ask(settings.run_path / SOCKET_NAME, {"op": "status"})["damaged"].get("gate"))
    finally:
        stop.set()
        thread.join(20)
