"""The threads that work off ``catalogue.exports``, one export at a time, the one asked for first first.

Evidence has a thread of its own: it may wait minutes for witnesses, and nobody else is to wait with it.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import structlog

from basira.base.clock import NS_PER_S, NS_PER_US, Clock, SystemClock
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey
from basira.catalogue.exports import Export, ExportFile, Exports
from basira.replay.export import ExportCancelled, ExportedFile, bytes_of, export_stream
from basira.replay.footage import Footage, StoredSegment
from basira.replay.ranges import parts_of

_log = structlog.get_logger()
_TELL_EVERY_NS: Final = NS_PER_S // 2
_EVIDENCE_COPIES: Final = 4  # the recording and a playable copy, beside each other and then in the bundle

Take = Callable[[int], bool]
"""Told of bytes done; says whether to go on, and is also asked so with 0."""
EvidenceMaker = Callable[[Export, Path, Take], ExportFile]
"""Makes one bundle in a folder. Raises BasiraError, or ExportCancelled when told not to go on."""


class ExportWorker:
    """Thread-safe; one per node, in the web process.

    ``on_change`` is called from a worker's thread with each change of state and twice a second of progress.
    An export that ``close`` or a crash interrupts begins again at the next ``start``. Files are in
    ``folder/<export>/<name>`` and are whole when the export is done; a failed or cancelled one leaves none.
    """

    def __init__(
        self,
        exports: Exports,
        footage: Footage,
        folder: Path,
        site: str,
        *,
        title_of: Callable[[str], str] = lambda camera: camera,
        floor_bytes: int = 0,
        clock: Clock | None = None,
        on_change: Callable[[Export], None] = lambda _: None,
        make_evidence: EvidenceMaker | None = None,
    ) -> None:
        """``title_of`` gives a camera's name for the files' titles; ``floor_bytes`` stay free on the disk.

        Without ``make_evidence``, requests for evidence wait for a node that can make it.
        """
        self._exports = exports
        self._footage = footage
        self._folder = folder
        self._site = site
        self._title_of = title_of
        self._floor_bytes = floor_bytes
        self._clock = clock or SystemClock()
        self._on_change = on_change
        self._make_evidence = make_evidence
        self._asked = threading.Condition()
        self._requests = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Take up what was waiting or interrupted."""
        self._exports.restart_interrupted()
        self._stopping = False
        self._threads = [threading.Thread(target=self._run, args=(None,), name="exports", daemon=True)]
        if self._make_evidence is not None:
            maker = self._make_evidence
            self._threads.append(threading.Thread(target=self._run, args=(maker,), name="evidence", daemon=True))
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop soon, in the middle of a file if need be."""
        self._stopping = True
        self.wake()
        for thread in self._threads:
            thread.join()

    @property
    def is_stopping(self) -> bool:
        return self._stopping

    def wake(self) -> None:
        """To be called after a request."""
        with self._asked:
            self._requests += 1
            self._asked.notify_all()

    def estimate_bytes(self, cameras: Iterable[str], stream: str, start_utc_ns: int, end_utc_ns: int) -> int:
        """How much an export would write, within a per cent. Raises BasiraError ``nothing_recorded`` for nothing."""
        total = 0
        for camera in cameras:
            parts = parts_of(self._footage, StreamKey(self._site, camera, stream), start_utc_ns, end_utc_ns)
            total += bytes_of(parts) if parts else 0
        if not total:
            raise BasiraError("nothing_recorded", status=404)
        return total

    def file(self, export_id: str, name: str) -> Path:
        """Path of a finished file. Raises BasiraError ``not_found``, also for any name that is not listed."""
        if name not in [file.name for file in self._exports.get(export_id).files]:
            raise BasiraError("not_found", status=404)
        return self._folder / export_id / name

    def remove(self, export_id: str) -> None:
        """Cancel if it has not ended, delete its files and forget it. Raises BasiraError ``not_found``."""
        self._exports.get(export_id)
        self._exports.cancel(export_id)
        self._exports.remove(export_id)
        shutil.rmtree(self._folder / export_id, ignore_errors=True)

    def _run(self, maker: EvidenceMaker | None) -> None:
        """Work off evidence when there is its ``maker``, plain files otherwise."""
        while not self._stopping:
            seen = self._requests
            waiting = [
                export
                for export in self._exports.all()
                if export.state == "waiting" and export.evidence == (maker is not None)
            ]
            if waiting:
                self._work(min(waiting, key=lambda export: (export.requested_utc_ns, export.id)), maker)
                continue
            with self._asked:
                while self._requests == seen and not self._stopping:
                    self._asked.wait()

    def _work(self, export: Export, maker: EvidenceMaker | None) -> None:
        folder = self._folder / export.id
        kept = False
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            lost: list[StoredSegment] = []
            files = self._write_files(export, folder, lost) if maker is None else (self._make(export, folder, maker),)
            if not files:
                raise BasiraError("export_incomplete", segments=len(lost))
            missing = BasiraError("export_incomplete", segments=len(lost)) if lost else None
            kept = self._exports.finish(export.id, files, missing)
        except ExportCancelled:
            _log.info("export_stopped", export=export.id)
        except BasiraError as error:
            self._fail(export.id, error)
        except OSError as error:
            self._fail(export.id, BasiraError("export_failed", reason=str(error.strerror or error)))
        except Exception as error:  # noqa: BLE001 (one export must not end the thread of all)
            _log.exception("export_crashed", export=export.id)
            self._fail(export.id, BasiraError("export_failed", reason=type(error).__name__))
        finally:
            if not kept:
                shutil.rmtree(folder, ignore_errors=True)
        self._tell(export.id)

    def _make(self, export: Export, folder: Path, maker: EvidenceMaker) -> ExportFile:
        return maker(export, folder, self._room_for(export, folder, _EVIDENCE_COPIES))

    def _write_files(self, export: Export, folder: Path, lost: list[StoredSegment]) -> tuple[ExportFile, ...]:
        take = self._room_for(export, folder, 1)

        def lose(segment: StoredSegment, error: BasiraError) -> None:
            _log.warning("export_leaves_out", export=export.id, segment=str(segment.key), code=error.code)
            lost.append(segment)

        return tuple(
            _file_row(file, camera)
            for camera in export.cameras
            for file in export_stream(
                self._footage,
                StreamKey(self._site, camera, export.stream),
                export.start_utc_ns,
                export.end_utc_ns,
                folder,
                title=self._title_of(camera),
                progress=take,
                on_loss=lose,
            )
        )

    def _room_for(self, export: Export, folder: Path, copies: int) -> Take:
        """Progress of an export that writes its footage so many times. Raises BasiraError ``export_no_space``."""
        total = copies * self.estimate_bytes(export.cameras, export.stream, export.start_utc_ns, export.end_utc_ns)
        free = shutil.disk_usage(folder).free
        if free - total < self._floor_bytes:
            raise BasiraError("export_no_space", status=507, needed_bytes=total, free_bytes=free)
        return self._progress_of(export.id, total)

    def _progress_of(self, export_id: str, total: int) -> Take:
        """Counts bytes, tells of them twice a second, and says whether to go on."""
        done = 0
        wanted = self._exports.progress(export_id, done_bytes=0, total_bytes=total)
        self._tell(export_id)
        told_ns = self._clock.mono_ns()

        def take(count: int) -> bool:
            nonlocal done, wanted, told_ns
            done += count
            if self._clock.mono_ns() - told_ns >= _TELL_EVERY_NS:
                told_ns = self._clock.mono_ns()
                wanted = self._exports.progress(export_id, done_bytes=min(done, total), total_bytes=total)
                self._tell(export_id)
            return wanted and not self._stopping

        return take

    def _fail(self, export_id: str, error: BasiraError) -> None:
        _log.warning("export_failed", export=export_id, code=error.code, **error.params)
        self._exports.fail(export_id, error)

    def _tell(self, export_id: str) -> None:
        try:
            export = self._exports.get(export_id)
        except BasiraError:
            return  # removed meanwhile
        self._on_change(export)


def _file_row(file: ExportedFile, camera: str) -> ExportFile:
    return ExportFile(
        name=file.name,
        bytes=file.bytes,
        sha256=file.sha256,
        camera=camera,
        start_us=file.start_utc_ns // NS_PER_US,
        end_us=file.end_utc_ns // NS_PER_US,
        frames=file.frames,
    )
