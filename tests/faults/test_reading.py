"""A disk that records and does not give back: whoever reads is told, and nothing is deleted or written off for it."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from basira.access.users import Users
from basira.base.clock import SystemClock
from basira.base.identifiers import StreamKey
from basira.databases.sqlite import open_database
from basira.recording import schema
from basira.recording.control import ControlServer
from basira.recording.index import Change, open_index
from basira.recording.recovery import bury_missing
from basira.recording.scrubber import SOCKET_NAME, Scrubber
from basira.replay.export import export_stream
from basira.replay.footage import Footage
from basira.replay.tail import OLDEST, Skipped, Tail
from basira.web.app import create_app
from tests.conftest import clip_of
from tests.faults.failing_disk import FailingDisk, failing_disk, why_not
from tests.faults.site import Site, site_on
from tests.faults.store import invariants_broken, recover
from tests.faults.table import Matrix
from tests.recording.node import wait_until
from tests.web.conftest import PASSWORD, log_in

# From which part of the file on the disk gives nothing back: its header, its tables, its pictures.
_SHORT, _LONG = [0.4], [0.0, 0.02, 0.1, 0.2, 0.3, 0.5, 0.6]

bad_places = pytest.mark.parametrize(
    "places", [_SHORT, pytest.param(_LONG, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])], ids=["short", "long"]
)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[FailingDisk]:
    if (lacking := why_not()) is not None:
        pytest.skip(f"failing reads are left out: {lacking}")
    with failing_disk(tmp_path) as made:
        yield made


@pytest.fixture
def site(disk: FailingDisk, tmp_path: Path, clips: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with site_on(disk.root, tmp_path, clip_of(clips), monkeypatch) as made:
        yield made


class Reader:
    """Somebody at the page, and the scrubber, beside a running recorder."""

    def __init__(self, site: Site, client: TestClient, scrubber: Scrubber, footage: Footage) -> None:
        self.site, self.client, self.scrubber, self.footage = site, client, scrubber, footage

    def refused(self, url: str, **params: object) -> None:
        """The answer says, in both languages, that the disk does not give it back and that nothing was deleted."""
        headers = {"Range": f"bytes={params.pop('start')}-"} if "start" in params else {}
        answer = self.client.get(url, params=params, headers=headers)
        assert answer.status_code == 503, answer.text
        error = answer.json()["error"]
        assert error["code"] == "footage_unreadable" and "Nothing was deleted" in error["message"]["en"], error
        assert "لم يُحذف شيء" in error["message"]["ar"]

    def scrub(self) -> None:
        """To the end of a pass."""
        passes = self.scrubber.progress.passes
        while self.scrubber.progress.passes == passes:
            self.scrubber.turn()

    def alarms(self) -> list[str]:
        found = self.client.get("/api/health").json()["alarms"]
        return [alarm["code"] for alarm in found if alarm["camera"] == "gate"]


@contextmanager
def _reader(site: Site, folder: Path) -> Iterator[Reader]:
    settings = site.node.settings
    users = Users(site.node.catalogue)
    users.change_password("noor", users.add("noor"), PASSWORD)
    index = open_database(settings.index_path, read_only=True)
    scrubber = Scrubber(
        index, settings.footage_path, site.node.catalogue.site, folder / "scrubber.json", SystemClock(), bytes_per_s=1e9
    )
    with ExitStack() as stack:
        stack.callback(index.dispose)
        stack.callback(ControlServer(settings.run_path / SOCKET_NAME, {"status": lambda _: scrubber.status()}).close)
        app = create_app(settings, SystemClock())
        client = stack.enter_context(TestClient(app, base_url="https://testserver"))
        log_in(client)
        yield Reader(site, client, scrubber, Footage(index, settings.footage_path))


@bad_places
def test_footage_that_cannot_be_read_is_told_and_kept(
    disk: FailingDisk, site: Site, matrix: Matrix, tmp_path: Path, places: list[float]
) -> None:
    row, times = matrix.row("EIO from read, while recording and looked at"), 0
    with site.node.recorder(), _reader(site, tmp_path) as reader:
        wait_until(lambda: len(_closed(site)) >= 2, 90)
        victim = site.node.rows("segments", camera="gate")[0]
        path = site.node.settings.footage_path / victim.path
        sha256 = hashlib.sha256(path.read_bytes()).digest()
        for place in places:
            before = disk.failures()
            disk.fail("read", errno.EIO, suffix=victim.path, offset=int(place * victim.bytes))
            _look_at_it_in_every_way(reader, victim, int(place * victim.bytes), tmp_path / f"{place}")
            reader.scrub()
            wait_until(lambda: "scrub_found_damage" in reader.alarms())
            broken = invariants_broken(site.node.settings, running=True)
            assert [one.split(" ")[1] for one in broken] == ["segment_unreadable"], broken
            _one_bad_sector(disk, reader, victim)
            site.wait_recorded(2)
            disk.heal()
            reader.scrub()
            assert reader.scrubber.status()["damaged"] == {}
            assert reader.client.get(_media(victim)).content == path.read_bytes()
            times += disk.failures() - before
        assert site.node.rows("tombstones") == [] and site.gaps() == []
        assert site.node.rows("segments", camera="gate")[0] == victim
    assert hashlib.sha256(path.read_bytes()).digest() == sha256
    site.reckon(row, times)


def _media(row: Any) -> str:
    return f"/api/media/{row.camera}/{row.stream}/{row.recording}/{row.segment}.mp4"


def _look_at_it_in_every_way(reader: Reader, victim: Any, bad: int, folder: Path) -> None:
    reader.refused(_media(victim), start=bad)
    last_us = victim.end_utc_ns // 1000 - 20_000
    reader.refused("/api/cameras/gate/snapshot.jpg", at_us=last_us)
    span = {"camera": "gate", "start_us": victim.start_utc_ns // 1000, "end_us": last_us}
    [camera] = reader.client.get("/api/timeline", params=span).json()["cameras"]
    assert camera["spans"] and not camera["gaps"], "what is recorded is shown, whether or not it can be read just now"
    folder.mkdir()
    lost: list[str] = []
    later_ns = reader.site.node.rows("segments", camera="gate")[1].end_utc_ns
    made = list(
        export_stream(
            reader.footage, StreamKey(victim.site, "gate", "main"), victim.start_utc_ns, later_ns, folder,
            title="gate", on_loss=lambda _, error: lost.append(error.code),
        )
    )  # fmt: skip
    assert lost == ["footage_unreadable"] and len(made) == 1, "what can be read is exported, the rest is named"
    with closing(Tail(reader.footage, StreamKey(victim.site, "gate", "main"), OLDEST)) as tail:
        items = list(tail.available())
    assert [item.why for item in items if isinstance(item, Skipped)] == ["unreadable"]
    assert any(item.after.segment > victim.segment for item in items), "analysis goes on with the next segment"


def _one_bad_sector(disk: FailingDisk, reader: Reader, victim: Any) -> None:
    """In the pictures: what lies before it is sent; there the answer is cut off, never filled up with other bytes."""
    bad = victim.init_length + (victim.bytes - victim.init_length) // 8
    disk.fail("read", errno.EIO, suffix=victim.path, offset=bad, length=64)
    reader.refused(_media(victim), start=bad)
    cut = reader.client.get(_media(victim))
    assert int(cut.headers["Content-Length"]) == victim.bytes and len(cut.content) == bad
    after = reader.client.get(_media(victim), headers={"Range": f"bytes={bad + 64}-"})
    assert after.status_code == 206 and len(after.content) == victim.bytes - bad - 64


def _closed(site: Site) -> list[Any]:
    return [row for row in site.node.rows("segments", camera="gate") if row.state == "closed"]


@bad_places
def test_recovery_writes_nothing_off_that_it_could_not_read(
    disk: FailingDisk, site: Site, matrix: Matrix, places: list[float]
) -> None:
    row, times = matrix.row("EIO from read, while the index is recovered or rebuilt"), 0
    settings = site.node.settings
    with site.node.recorder():
        wait_until(lambda: len(_closed(site)) >= 2, 90)
    before = site.node.rows("segments", camera="gate")
    victim = before[0]
    for place in [*places, 0.9999]:
        failed = disk.failures()
        disk.fail("read", errno.EIO, suffix=victim.path, offset=int(place * victim.bytes))
        # Left open by a crash: it stays so, and is not closed with the part that could be read.
        _set_state(settings.index_path, victim, "open")
        recover(settings)
        assert site.node.rows("segments", camera="gate")[0].state == "open"
        # The index lost: every other file is adopted, this one waits.
        for part in settings.index_path.parent.glob("index.db*"):
            part.unlink()
        recover(settings)
        assert [one.path for one in site.node.rows("segments", camera="gate")] == [one.path for one in before[1:]]
        disk.heal()
        recover(settings)
        found = site.node.rows("segments", camera="gate")
        assert [(one.path, one.bytes, one.sha256) for one in found] == [(o.path, o.bytes, o.sha256) for o in before]
        times += disk.failures() - failed
    # An old index brought up from the files: a file that the disk cannot tell about is not gone.
    disk.fail("getattr", errno.EIO, suffix=".mp4")
    index = open_index(settings.index_path)
    buried: list[Change] = []
    assert bury_missing(settings.footage_path, index, lambda: True, buried.append, 0) == 0 and buried == []
    index.dispose()
    disk.heal()
    assert site.node.rows("tombstones") == []
    site.reckon(row, times)


def _set_state(index: Path, row: Any, state: str) -> None:
    table, engine = schema.segments, open_database(index)
    with engine.begin() as connection:
        connection.execute(update(table).where(table.c.path == row.path).values(state=state))
    engine.dispose()
