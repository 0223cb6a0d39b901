"""Exports people asked for: a queue in ``catalogue.exports`` that survives restarts, worked off one at a time."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import Engine, Row, delete, insert, select, update

from basira.base.clock import NS_PER_S, NS_PER_US, Clock, SystemClock
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey, new_identifier
from basira.catalogue.schema import cameras as cameras_table
from basira.catalogue.schema import exports as exports_table
from basira.replay.export import ExportCancelled, ExportedFile, bytes_of, export_stream
from basira.replay.footage import Footage
from basira.replay.ranges import parts_of

_log = structlog.get_logger()
_TELL_EVERY_NS: Final = NS_PER_S // 2


@dataclass(frozen=True, slots=True)
class Export:
    """A row of ``catalogue.exports``; ``state``: waiting, running, done, failed, cancelled."""

    id: str
    cameras: tuple[str, ...]
    stream: str
    start_utc_ns: int
    end_utc_ns: int
    requested_by: str
    requested_utc_ns: int
    state: str
    done_bytes: int
    total_bytes: int
    files: tuple[dict[str, Any], ...]
    error: dict[str, Any] | None


class Exports:
    """The queue, and the thread that works it off between ``start`` and ``close``. Thread-safe; one per node.

    ``on_change`` is called from that thread or the caller's with each change of state and twice a second of progress.
    An export interrupted by ``close`` or a crash begins again at the next ``start``.
    """

    def __init__(
        self,
        catalogue: Engine,
        footage: Footage,
        folder: Path,
        site: str,
        *,
        floor_bytes: int = 0,
        clock: Clock | None = None,
        on_change: Callable[[Export], None] = lambda _: None,
    ) -> None:
        self._catalogue = catalogue
        self._footage = footage
        self._folder = folder
        self._site = site
        self._floor_bytes = floor_bytes
        self._clock = clock or SystemClock()
        self._on_change = on_change
        self._wake = threading.Event()
        self._stopping = False
        self._abandoned: set[str] = set()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Take up what was waiting or interrupted."""
        with self._catalogue.begin() as connection:
            connection.execute(update(exports_table).where(exports_table.c.state == "running").values(state="waiting"))
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="exports", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def request(self, cameras: list[str], stream: str, start_utc_ns: int, end_utc_ns: int, requested_by: str) -> Export:
        """Queue an export. Raises BasiraError ``export_span_invalid`` and ``nothing_recorded``."""
        if not cameras or end_utc_ns <= start_utc_ns:
            raise BasiraError("export_span_invalid")
        total = self._total_bytes(cameras, stream, start_utc_ns, end_utc_ns)
        if total == 0:
            raise BasiraError("nothing_recorded", status=404)
        identifier = new_identifier("export")
        with self._catalogue.begin() as connection:
            connection.execute(
                insert(exports_table).values(
                    id=identifier, cameras=cameras, stream=stream, start_utc_ns=start_utc_ns, end_utc_ns=end_utc_ns,
                    requested_by=requested_by, requested_utc_ns=self._clock.utc_ns(), state="waiting", done_bytes=0,
                    total_bytes=total, files=[], error=None,
                )
            )  # fmt: skip
        self._wake.set()
        export = self.get(identifier)
        self._on_change(export)
        return export

    def all(self) -> list[Export]:
        """Every export there is, newest first."""
        with self._catalogue.connect() as connection:
            rows = connection.execute(select(exports_table).order_by(exports_table.c.requested_utc_ns.desc()))
            return [_export(row) for row in rows]

    def get(self, identifier: str) -> Export:
        """Raises BasiraError ``not_found``."""
        with self._catalogue.connect() as connection:
            row = connection.execute(select(exports_table).where(exports_table.c.id == identifier)).first()
        if row is None:
            raise BasiraError("not_found", status=404)
        return _export(row)

    def file(self, identifier: str, name: str) -> Path:
        """Path of a finished file. Raises BasiraError ``not_found``; any other name than a listed one is not found."""
        if name not in [file["name"] for file in self.get(identifier).files]:
            raise BasiraError("not_found", status=404)
        return self._folder / identifier / name

    def remove(self, identifier: str) -> Export:
        """Cancel if it is not finished, delete its files and forget it. Raises BasiraError ``not_found``."""
        export = self.get(identifier)
        self._abandoned.add(identifier)
        with self._catalogue.begin() as connection:
            connection.execute(delete(exports_table).where(exports_table.c.id == identifier))
        shutil.rmtree(self._folder / identifier, ignore_errors=True)
        return export

    def _total_bytes(self, cameras: list[str], stream: str, start_utc_ns: int, end_utc_ns: int) -> int:
        parts = (parts_of(self._footage, StreamKey(self._site, camera, stream), start_utc_ns, end_utc_ns)
                 for camera in cameras)  # fmt: skip
        return sum(bytes_of(part) for part in parts if part)

    def _run(self) -> None:
        while not self._stopping:
            export = self._next_waiting()
            if export is not None:
                self._work(export)
                continue
            self._wake.wait()
            self._wake.clear()

    def _next_waiting(self) -> Export | None:
        statement = select(exports_table).where(exports_table.c.state == "waiting")
        with self._catalogue.connect() as connection:
            row = connection.execute(statement.order_by(exports_table.c.requested_utc_ns).limit(1)).first()
        return None if row is None else _export(row)

    def _work(self, export: Export) -> None:
        folder = self._folder / export.id
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self._check_space(export)
            self._set(export.id, state="running", done_bytes=0, files=[], error=None)
            files = self._write_files(export, folder)
            written = sum(file["bytes"] for file in files)
            self._set(export.id, state="done", done_bytes=written, total_bytes=written, files=files)
        except ExportCancelled:
            if export.id in self._abandoned:
                shutil.rmtree(folder, ignore_errors=True)
                self._abandoned.discard(export.id)
        except BasiraError as error:
            self._fail(export.id, folder, error)
        except OSError as error:
            self._fail(export.id, folder, BasiraError("export_failed", reason=str(error.strerror or error)))

    def _write_files(self, export: Export, folder: Path) -> list[dict[str, Any]]:
        files: list[dict[str, Any]] = []
        progress = _Progress(self, export.id)
        for camera in export.cameras:
            key = StreamKey(self._site, camera, export.stream)
            span = (export.start_utc_ns, export.end_utc_ns)
            for file in export_stream(
                self._footage, key, *span, folder, title=self._title(camera), progress=progress.take
            ):
                files.append(_file_row(file, camera))
                self._set(export.id, files=files)
        return files

    def _title(self, camera: str) -> str:
        statement = select(cameras_table.c.name).where(cameras_table.c.site == self._site, cameras_table.c.id == camera)
        with self._catalogue.connect() as connection:
            return connection.execute(statement).scalar() or camera

    def _check_space(self, export: Export) -> None:
        free = shutil.disk_usage(self._folder).free
        if free - export.total_bytes < self._floor_bytes:
            raise BasiraError("export_no_space", status=507, needed_bytes=export.total_bytes, free_bytes=free)

    def _fail(self, identifier: str, folder: Path, error: BasiraError) -> None:
        _log.warning("export_failed", export=identifier, code=error.code, **error.params)
        shutil.rmtree(folder, ignore_errors=True)
        self._set(identifier, state="failed", files=[], error={"code": error.code, "params": error.params})

    def _set(self, identifier: str, **values: Any) -> None:
        """Write to the row, which may have been removed meanwhile, and tell."""
        statement = update(exports_table).where(exports_table.c.id == identifier).values(**values)
        with self._catalogue.begin() as connection:
            row = connection.execute(statement.returning(*exports_table.c)).first()
        if row is not None:
            self._on_change(_export(row))

    def must_stop(self, identifier: str) -> bool:
        """Whether the worker should let go of an export: it was removed, or the node is stopping."""
        return self._stopping or identifier in self._abandoned

    def note_progress(self, identifier: str, done_bytes: int) -> None:
        self._set(identifier, done_bytes=done_bytes)

    def mono_ns(self) -> int:
        return self._clock.mono_ns()


class _Progress:
    """Counts an export's bytes and tells of them twice a second."""

    def __init__(self, exports: Exports, identifier: str) -> None:
        self._exports = exports
        self._identifier = identifier
        self._done = 0
        self._told_ns = exports.mono_ns()

    def take(self, count: int) -> bool:
        self._done += count
        now_ns = self._exports.mono_ns()
        if now_ns - self._told_ns >= _TELL_EVERY_NS:
            self._told_ns = now_ns
            self._exports.note_progress(self._identifier, self._done)
        return not self._exports.must_stop(self._identifier)


def _file_row(file: ExportedFile, camera: str) -> dict[str, Any]:
    return {
        "name": file.name,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "camera": camera,
        "start_us": file.start_utc_ns // NS_PER_US,
        "end_us": file.end_utc_ns // NS_PER_US,
        "frames": file.frames,
    }


def _export(row: Row[Any]) -> Export:
    fields = row._asdict()
    return Export(**{**fields, "cameras": tuple(fields["cameras"]), "files": tuple(fields["files"])})
