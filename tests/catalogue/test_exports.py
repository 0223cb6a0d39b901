from __future__ import annotations

import pytest
from pydantic import ValidationError

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.base.errors import BasiraError
from basira.catalogue.exports import Export, ExportFile, Exports
from basira.catalogue.store import Catalogue

FILE = ExportFile(name="gate.mp4", bytes=10, sha256="00" * 32, camera="gate")


@pytest.fixture
def asked(catalogue: Catalogue) -> Export:
    return Exports(catalogue).request(("gate", "yard"), "main", 100, 200, by="amina")


def test_an_export_waits_runs_and_is_done(catalogue: Catalogue, asked: Export) -> None:
    exports = Exports(catalogue)
    assert exports.get(asked.id) == asked
    assert exports.progress(asked.id, done_bytes=5, total_bytes=10)
    assert (exports.get(asked.id).state, exports.get(asked.id).done_bytes) == ("running", 5)
    assert exports.finish(asked.id, (FILE,))
    assert (exports.get(asked.id).state, exports.get(asked.id).files) == ("done", (FILE,))
    assert not exports.cancel(asked.id)


def test_a_cancelled_export_takes_no_more_progress(catalogue: Catalogue, asked: Export) -> None:
    exports = Exports(catalogue)
    assert exports.cancel(asked.id)
    assert not exports.progress(asked.id, done_bytes=5, total_bytes=10)
    assert not exports.finish(asked.id, (FILE,))
    assert exports.get(asked.id).state == "cancelled"


def test_a_failed_export_says_why(catalogue: Catalogue, asked: Export) -> None:
    Exports(catalogue).fail(asked.id, BasiraError("camera_not_found", camera="gate"))
    error = Exports(catalogue).get(asked.id).error
    assert error is not None and (error.code, error.params) == ("camera_not_found", {"camera": "gate"})


def test_an_export_cut_off_by_a_crash_waits_again(catalogue: Catalogue, asked: Export) -> None:
    exports = Exports(catalogue)
    exports.progress(asked.id, done_bytes=5, total_bytes=10)
    exports.restart_interrupted()
    assert (exports.get(asked.id).state, exports.get(asked.id).done_bytes) == ("waiting", 0)


def test_the_newest_export_is_listed_first(catalogue: Catalogue, clock: SimulatedClock, asked: Export) -> None:
    exports = Exports(catalogue)
    clock.advance(NS_PER_S)
    newer = exports.request(("gate",), "sub", 100, 200, by="bilal")
    assert [export.id for export in exports.all()] == [newer.id, asked.id]
    exports.remove(newer.id)
    assert [export.id for export in exports.all()] == [asked.id]


def test_a_span_without_length_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(ValidationError):
        Exports(catalogue).request(("gate",), "main", 200, 100, by="amina")
