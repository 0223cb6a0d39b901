"""From the end of the last run to the beginning of this one: recovery, numbering, and why nothing was recorded."""

from __future__ import annotations

import json
import threading
import time
from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from basira.base.clock import boot_id
from basira.base.identifiers import StreamKey
from basira.recording.gaps import GapLedger
from basira.recording.index import IndexWriter, get_identity, put_identity
from basira.recording.recovery import (
    FoundSegment,
    Recovered,
    adopt,
    bury_missing,
    close_open_rows,
    find_streams,
    gaps_since,
    last_recorded,
    newest_files,
    next_recording,
    without_row,
)
from basira.recording.rows import GapCause
from basira.recording.storage import Storage
from basira.recording.stream import Continuation

log = structlog.get_logger(__name__)

_LAST_RUN: Final = "last_run"
_PATIENCE_S: Final = 10.0
_ADOPTION_RETRY_S: Final = 60.0


class Startup:
    """What a run needs to know of the last one. ``recover`` first; ``adopt_rest`` in a thread of its own."""

    def __init__(self, engine: Engine, index: IndexWriter, storage: Storage, site: str, *, refused: str = "") -> None:
        """``refused``: the code with which the storage was refused before it was taken, if it was."""
        self._engine = engine
        self._index = index
        self._storage = storage
        self._site = site
        self._refused = refused
        self._first: dict[StreamKey, int] = {}
        self._first_lock = threading.Lock()
        self._ended_orderly = False
        self.recovered = Recovered()
        self.adopting = True

    def recover(self) -> None:
        """Close what a crash left open and adopt each stream's newest files; quick whatever the store holds.

        Does not wait long for an index that cannot be written: recording must begin.
        """
        root, storage = self._storage.root, self._storage.identity.storage
        with self._engine.connect() as connection:
            self._ended_orderly = _was_orderly(get_identity(connection, _LAST_RUN))
            close_open_rows(root, storage, connection, self._index.submit, self.recovered)
            found: list[FoundSegment] = []
            for stream in find_streams(root, self._site):
                self._first[stream] = next_recording(connection, root, stream)
                found += newest_files(root, connection, stream)
        adopt(root, storage, found, self._index.submit, self.recovered)
        running = json.dumps({"boot_id": boot_id(), "orderly": False})
        try:
            self._index.call(lambda connection: put_identity(connection, _LAST_RUN, running), _PATIENCE_S)
        except TimeoutError:
            log.error("index_behind_at_start")

    def adopt_rest(self, stop: threading.Event) -> None:
        """Adopt every other file without a row, trying again until it is done. Retention waits for the end of this."""
        while not stop.is_set():
            try:
                self._adopt_rest(stop)
            except (OSError, SQLAlchemyError, TimeoutError):
                log.exception("adoption_failed")
                stop.wait(_ADOPTION_RETRY_S)
            else:
                break
        if not stop.is_set():
            self.adopting = False
            log.info(
                "adoption_finished", adopted=len(self.recovered.adopted), refused=len(self.recovered.refused),
                missing=len(self.recovered.missing),
            )  # fmt: skip

    def _adopt_rest(self, stop: threading.Event) -> None:
        root, storage = self._storage.root, self._storage.identity.storage
        with self._first_lock:
            first = dict(self._first)
        with self._engine.connect() as connection:
            found = without_row(root, self._site, connection, before=first)
            adopt(root, storage, found, self._index.call, self.recovered, stop=stop.is_set)
        if self._storage.index_is_old and not stop.is_set():
            gone = bury_missing(root, self._engine, self._storage.is_present, self._index.call, time.time_ns())
            log.warning("index_was_old", adopted=len(self.recovered.adopted), gone=gone)

    def resume(self, stream: StreamKey, ledger: GapLedger, *, wanted: bool) -> Continuation:
        """Where the stream goes on; tells its ledger until when it was recorded and why no longer."""
        root = self._storage.root
        with self._engine.connect() as connection:
            number = next_recording(connection, root, stream)
            last = last_recorded(connection, stream)
            gaps = gaps_since(connection, stream, last[0] if last else 0)
        with self._first_lock:
            self._first.setdefault(stream, number)
        if last is None:
            ledger.restore(None, gaps, "unknown")
            return Continuation(number)
        end_utc_ns, last_boot, sha256 = last
        cause, detail = self._cause(last_boot, wanted=wanted)
        ledger.restore(end_utc_ns, gaps, cause, detail)
        return Continuation(number, sha256.hex() if sha256 else None)

    def say_orderly_end(self, utc_ns: int) -> None:
        """The next run will know that somebody ended this one."""
        ended = json.dumps({"boot_id": boot_id(), "orderly": True, "utc_ns": utc_ns})
        try:
            self._index.call(lambda connection: put_identity(connection, _LAST_RUN, ended), 5.0)
        except TimeoutError:
            log.error("orderly_end_not_written")

    def _cause(self, last_boot: str, *, wanted: bool) -> tuple[GapCause, str]:
        if self._refused:
            return "disk", self._refused
        if not wanted or self._ended_orderly:
            return "operator", ""
        return ("recorder", "") if last_boot == boot_id() else ("power", "")


def _was_orderly(text: str | None) -> bool:
    try:
        return bool(json.loads(text or "{}").get("orderly"))
    except (ValueError, AttributeError):
        return False
