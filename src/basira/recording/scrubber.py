"""Reads everything that was recorded again and again, slowly, and says which segment is not what it was.

A process of its own beside the recorder, with a cursor of its own; shares the code of ``basira check``. It deletes and
changes nothing. What it found is kept in memory and, so that a restart forgets nothing, in one small file.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
import structlog
from sqlalchemy import Engine, Row, select, tuple_
from sqlalchemy.exc import SQLAlchemyError

from basira.base.clock import Clock, SystemClock
from basira.base.errors import BasiraError
from basira.base.identifiers import SegmentKey
from basira.base.settings import Settings
from basira.catalogue.store import open_catalogue
from basira.databases.sqlite import open_database
from basira.recording import control, schema
from basira.recording.check import Check
from basira.recording.storage import read_identity

log = structlog.get_logger(__name__)

SOCKET_NAME: Final = "scrubber.sock"
_STATE_FILE: Final = "scrubber.json"
_PAGE: Final = 100
_IDLE_S: Final = 30.0
_BUSY_S: Final = 5.0
_ASK_TIMEOUT_S: Final = 1.0
_MOST_DAMAGED: Final = 1000
# Share of the last ten seconds in which something waited for a disk, per cent.
_PRESSURE: Final = 40.0


@dataclass(slots=True)
class Damage:
    """A segment that is not what it was: ``code`` of ``base.messages``, since when it is known, in which pass seen."""

    code: str
    camera: str
    since_utc_ns: int
    seen_in_pass: int


@dataclass(slots=True)
class Progress:
    """Where the scrubber is. ``cursor`` is the key of the segment looked at last."""

    cursor: list[str | int] | None = None
    passes: int = 0
    pass_began_utc_ns: int = 0
    bytes_read: int = 0
    damaged: dict[str, Damage] = field(default_factory=dict)


class Scrubber:
    """Goes through the segments in the order of their keys, from its cursor on, for ever. ``status`` from any thread.

    ``busy``: whether the machine has better to do; then it waits. ``state`` is where its cursor is kept.
    """

    def __init__(
        self,
        index: Engine,
        root: Path,
        site: str,
        state: Path,
        clock: Clock,
        *,
        bytes_per_s: float,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self.progress = _read(state)
        self._index = index
        self._root = root
        self._state = state
        self._clock = clock
        self._bytes_per_s = bytes_per_s
        self._busy = busy
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._check = Check(
            index, root, site, full=True, recorder_running=True, pace=self._pause_after, past_cache=True
        )

    def run(self, stop: threading.Event) -> None:
        """Until ``stop`` is set; what cannot be read just now is tried again later."""
        self._stop = stop
        while not stop.is_set():
            try:
                looked = self.turn()
            except (SQLAlchemyError, OSError, BasiraError) as error:
                log.warning("scrub_interrupted", reason=type(error).__name__)
                looked = 0
            if not looked:
                stop.wait(_IDLE_S)

    def turn(self) -> int:
        """Look at the next segments, a hundred at most, or begin the next pass; how many were looked at.

        Nothing is looked at while the storage folder is not there: a missing volume is no missing file.
        """
        if read_identity(self._root) is None:
            return 0
        self._forget_deleted()
        rows = self._next()
        if not rows:
            self._end_pass()
            return 0
        for number, row in enumerate(rows):
            while self._busy() and not self._stop.wait(_BUSY_S):
                pass
            if self._stop.is_set() or read_identity(self._root) is None:
                return number
            self._look_at(row)
        self._write()
        return len(rows)

    def status(self) -> dict[str, Any]:
        """Where it is, and for each camera with damage: how many segments, the first of them, since when."""
        with self._lock:
            progress, damaged = self.progress, dict(self.progress.damaged)
        cameras: dict[str, dict[str, Any]] = {}
        for path, damage in sorted(damaged.items(), key=lambda item: item[1].since_utc_ns):
            told = cameras.setdefault(
                damage.camera, {"path": path, "code": damage.code, "since_ns": damage.since_utc_ns, "segments": 0}
            )
            told["segments"] += 1
        return {
            "passes": progress.passes,
            "pass_began_ns": progress.pass_began_utc_ns,
            "bytes_read": progress.bytes_read,
            "damaged": cameras,
        }

    def _next(self) -> list[Row[Any]]:
        table = schema.segments
        key = [table.c[name] for name in SegmentKey._fields]
        query = select(table).where(table.c.state != "open", table.c.bytes > 0).order_by(*key).limit(_PAGE)
        if self.progress.cursor is not None:
            query = query.where(tuple_(*key) > tuple_(*self.progress.cursor))
        with self._index.connect() as connection:
            return list(connection.execute(query))

    def _look_at(self, row: Row[Any]) -> None:
        codes = [finding.code for finding in self._check.segment(row) if finding.severity == "error"]
        progress, path = self.progress, str(row.path)
        if self._stop.is_set():
            return  # it was not read to its end
        with self._lock:
            progress.cursor = [getattr(row, name) for name in SegmentKey._fields]
            progress.bytes_read = self._check.checked.bytes_hashed
            known = progress.damaged.get(path)
            if not codes:
                progress.damaged.pop(path, None)
            elif known is not None:
                known.code, known.seen_in_pass = codes[0], progress.passes
            elif len(progress.damaged) < _MOST_DAMAGED:
                progress.damaged[path] = Damage(codes[0], row.camera, self._clock.utc_ns(), progress.passes)
        if codes and known is None:
            log.error("segment_damaged", path=path, code=codes[0])
        elif known is not None and not codes:
            log.info("segment_sound_again", path=path)

    def _forget_deleted(self) -> None:
        """Retention has deleted some of what was damaged: there is nothing left to be done about it."""
        table = schema.segments
        with self._lock:
            paths = list(self.progress.damaged)
        for path in paths:
            with self._index.connect() as connection:
                row = connection.execute(select(table.c.path).where(table.c.path == path)).first()
            if row is None:
                with self._lock:
                    del self.progress.damaged[path]

    def _end_pass(self) -> None:
        if self.progress.cursor is not None:
            log.info("scrub_pass_ended", passes=self.progress.passes + 1, damaged=len(self.progress.damaged))
            with self._lock:
                self.progress.cursor = None
                self.progress.passes += 1
        self.progress.pass_began_utc_ns = self._clock.utc_ns()
        self._write()

    def _pause_after(self, length: int) -> None:
        self._stop.wait(length / self._bytes_per_s)

    def _write(self) -> None:
        """Keep the cursor. If that fails, the next run begins a little earlier, and this one goes on."""
        draft = self._state.with_suffix(".new")
        try:
            draft.write_text(json.dumps(asdict(self.progress)))
            draft.replace(self._state)
        except OSError as error:
            log.warning("scrubber_state_not_written", reason=error.strerror)


def _read(state: Path) -> Progress:
    """What was kept; a beginning when there is nothing, or nothing that can be read."""
    try:
        kept = json.loads(state.read_bytes())
        damaged = {path: Damage(**damage) for path, damage in kept.pop("damaged").items()}
        cursor = kept["cursor"]
        if cursor is not None and [type(part) for part in cursor] != [str, str, str, int, int]:
            raise ValueError("cursor")
        return Progress(**kept, damaged=damaged)
    except FileNotFoundError:
        return Progress()
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("scrubber_state_unreadable", reason=type(error).__name__)
        return Progress()


def is_busy(run_dir: Path) -> bool:
    """Whether the disk has enough to do: as the kernel measures it, and as the recorder feels it."""
    if disk_pressure() > _PRESSURE:
        return True
    try:
        status = control.ask(run_dir / control.SOCKET_NAME, {"op": "status"}, _ASK_TIMEOUT_S)
    except (OSError, ValueError):
        return False  # no recorder: nobody to be in the way of
    return any(alarm["code"] in ("disk_slow", "storage_probe_failed") for alarm in status.get("alarms", ()))


def disk_pressure(source: Path = Path("/proc/pressure/io")) -> float:
    """Per cent of the last ten seconds in which somebody waited for a disk; 0 where the kernel does not say."""
    try:
        words = source.read_text().split()
        return float(words[1].removeprefix("avg10="))
    except (OSError, ValueError, IndexError):
        return 0.0


def main(settings: Settings, stop: threading.Event | None = None) -> None:
    """Scrub until SIGTERM or SIGINT (or ``stop``), at the lowest priority the machine has."""
    if stop is None:
        stop = ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        with suppress(OSError):
            os.nice(19)
            psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)
    clock = SystemClock()
    while not settings.index_path.exists() or not settings.scrub_bytes_per_s:
        if stop.wait(1.0):
            return
    catalogue = open_catalogue(settings.catalogue_path, clock)
    site = catalogue.site
    catalogue.close()
    index = open_database(settings.index_path, read_only=True, check=False)
    scrubber = Scrubber(
        index, settings.footage_path, site, settings.data_dir / _STATE_FILE, clock,
        bytes_per_s=settings.scrub_bytes_per_s, busy=lambda: is_busy(settings.run_path),
    )  # fmt: skip
    server = control.ControlServer(settings.run_path / SOCKET_NAME, {"status": lambda _: scrubber.status()})
    try:
        scrubber.run(stop)
    finally:
        server.close()
        index.dispose()
