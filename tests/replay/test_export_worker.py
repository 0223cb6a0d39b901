"""Exports are worked off one by one, tell how they go, can be cancelled, and survive a restart."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from basira.base.clock import NS_PER_S, SystemClock
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey
from basira.catalogue.exports import Export, Exports
from basira.catalogue.store import Catalogue, open_catalogue
from basira.replay.export_worker import ExportWorker
from tests.replay.store import START_NS, Store

PATIENCE_S = 20.0
YARD = StreamKey("basra", "yard", "main")
SPAN = (START_NS, START_NS + 60 * NS_PER_S)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    made = open_catalogue(tmp_path / "catalogue.db", SystemClock())
    yield made
    made.close()


@pytest.fixture
def exports(catalogue: Catalogue) -> Exports:
    return Exports(catalogue)


class Worker(ExportWorker):
    """A worker that notes what it tells."""

    def __init__(self, exports: Exports, store: Store, folder: Path, *, floor_bytes: int = 0) -> None:
        self.told: list[Export] = []
        super().__init__(
            exports, store.footage, folder, "basra", title_of=str.title, floor_bytes=floor_bytes,
            on_change=self.told.append,
        )  # fmt: skip


@pytest.fixture
def worker(exports: Exports, store: Store, tmp_path: Path) -> Iterator[Worker]:
    made = Worker(exports, store, tmp_path / "exports")
    yield made
    made.close()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_several_cameras_are_exported_and_progress_is_told(
    store: Store, exports: Exports, worker: Worker, six_seconds: Path
) -> None:
    store.record(six_seconds)
    store.record(six_seconds, stream=YARD)
    asked = exports.request(("gate", "yard"), "main", *SPAN, by="huda")
    worker.start()
    wait_for(lambda: exports.get(asked.id).state == "done")
    done = exports.get(asked.id)
    assert [file.camera for file in done.files] == ["gate", "yard"]
    for file in done.files:
        path = worker.file(asked.id, file.name)
        assert path.stat().st_size == file.bytes
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
        assert file.frames == 90 and file.start_us == START_NS // 1000
    wait_for(lambda: [export.state for export in worker.told] == ["running", "done"])


def test_the_first_asked_for_is_made_first(store: Store, exports: Exports, worker: Worker, six_seconds: Path) -> None:
    store.record(six_seconds)
    asked = [exports.request(("gate",), "main", *SPAN, by="huda") for _ in range(3)]
    worker.start()
    wait_for(lambda: all(export.state == "done" for export in exports.all()))
    finished = [export.id for export in worker.told if export.state == "done"]
    assert finished == [export.id for export in asked][: len(finished)]


def test_an_export_asked_for_later_wakes_the_worker(
    store: Store, exports: Exports, worker: Worker, six_seconds: Path
) -> None:
    store.record(six_seconds)
    worker.start()
    asked = exports.request(("gate",), "main", *SPAN, by="huda")
    worker.wake()
    wait_for(lambda: exports.get(asked.id).state == "done")


def test_an_interrupted_export_begins_again(store: Store, exports: Exports, tmp_path: Path, six_seconds: Path) -> None:
    store.record(six_seconds)
    asked = exports.request(("gate",), "main", *SPAN, by="huda")
    exports.progress(asked.id, done_bytes=1, total_bytes=2)
    left_over = tmp_path / "exports" / asked.id / "gate.mp4.partial"
    left_over.parent.mkdir(parents=True)
    left_over.touch()
    worker = Worker(exports, store, tmp_path / "exports")
    worker.start()
    wait_for(lambda: exports.get(asked.id).state == "done")
    worker.close()
    assert not left_over.exists()


def test_closing_in_the_middle_leaves_the_export_to_the_next_start(
    store: Store, exports: Exports, tmp_path: Path, six_seconds: Path
) -> None:
    store.record(six_seconds)
    asked = exports.request(("gate",), "main", *SPAN, by="huda")
    holding, go_on = threading.Event(), threading.Event()

    class Slow(Worker):
        def estimate_bytes(self, *arguments: object) -> int:
            holding.set()
            go_on.wait(PATIENCE_S)
            return 1

    worker = Slow(exports, store, tmp_path / "exports")
    worker.start()
    assert holding.wait(PATIENCE_S)
    closing = threading.Thread(target=worker.close)
    closing.start()
    wait_for(lambda: worker.is_stopping)
    go_on.set()
    closing.join()
    assert exports.get(asked.id).state == "running"
    assert list((tmp_path / "exports").iterdir()) == []
    again = Worker(exports, store, tmp_path / "exports")
    again.start()
    wait_for(lambda: exports.get(asked.id).state == "done")
    again.close()


def test_removing_cancels_and_deletes_the_files(
    store: Store, exports: Exports, worker: Worker, tmp_path: Path, six_seconds: Path
) -> None:
    store.record(six_seconds)
    asked = exports.request(("gate",), "main", *SPAN, by="huda")
    worker.start()
    wait_for(lambda: exports.get(asked.id).state == "done")
    worker.remove(asked.id)
    assert exports.all() == []
    assert list((tmp_path / "exports").iterdir()) == []
    with pytest.raises(BasiraError, match="no such thing"):
        worker.remove(asked.id)


def test_a_cancelled_export_leaves_no_file(
    store: Store, exports: Exports, worker: Worker, tmp_path: Path, six_seconds: Path
) -> None:
    store.record(six_seconds)
    asked = exports.request(("gate",), "main", *SPAN, by="huda")
    exports.cancel(asked.id)
    worker.start()
    worker.close()
    assert exports.get(asked.id).state == "cancelled"
    assert not (tmp_path / "exports").exists()


def test_a_full_disk_is_said_before_anything_is_written(
    store: Store, exports: Exports, tmp_path: Path, six_seconds: Path
) -> None:
    store.record(six_seconds)
    asked = exports.request(("gate",), "main", *SPAN, by="huda")
    worker = Worker(exports, store, tmp_path / "exports", floor_bytes=2**62)
    worker.start()
    wait_for(lambda: exports.get(asked.id).state == "failed")
    worker.close()
    error = exports.get(asked.id).error
    assert error is not None and error.code == "export_no_space"
    assert list((tmp_path / "exports").iterdir()) == []


def test_nothing_recorded_is_said(exports: Exports, worker: Worker) -> None:
    asked = exports.request(("gate",), "main", *SPAN, by="huda")
    worker.start()
    wait_for(lambda: exports.get(asked.id).state == "failed")
    error = exports.get(asked.id).error
    assert error is not None and error.code == "nothing_recorded"


def test_what_is_missing_from_an_export_is_said(
    store: Store, exports: Exports, worker: Worker, six_seconds: Path
) -> None:
    segments = store.record(six_seconds)
    segments[1].path.unlink()
    asked = exports.request(("gate",), "main", *SPAN, by="huda")
    worker.start()
    wait_for(lambda: exports.get(asked.id).state == "done")
    done = exports.get(asked.id)
    assert done.error is not None and (done.error.code, done.error.params) == ("export_incomplete", {"segments": 1})
    assert done.files[0].frames == 60 and done.done_bytes == done.total_bytes == done.files[0].bytes


def test_only_files_of_the_export_can_be_fetched(
    store: Store, exports: Exports, worker: Worker, tmp_path: Path, six_seconds: Path
) -> None:
    store.record(six_seconds)
    asked = exports.request(("gate",), "main", *SPAN, by="huda")
    worker.start()
    wait_for(lambda: exports.get(asked.id).state == "done")
    (tmp_path / "exports" / "secret").touch()
    for name in ("../secret", "nothing.mp4", ""):
        with pytest.raises(BasiraError, match="no such thing"):
            worker.file(asked.id, name)


def test_a_fault_of_one_export_does_not_stop_the_next(
    store: Store, exports: Exports, worker: Worker, six_seconds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.record(six_seconds)
    broken = exports.request(("gate",), "main", *SPAN, by="huda")
    fine = exports.request(("gate",), "main", *SPAN, by="huda")
    finish = exports.finish

    def finish_or_fail(export_id: str, files: tuple[object, ...], missing: object) -> bool:
        if export_id == broken.id:
            raise RuntimeError("a fault")
        return finish(export_id, files, missing)  # type: ignore[arg-type]

    monkeypatch.setattr(exports, "finish", finish_or_fail)
    worker.start()
    wait_for(lambda: exports.get(fine.id).state == "done")
    assert exports.get(broken.id).state == "failed"
