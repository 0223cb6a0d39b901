"""Exports people asked for, and how far each has come."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import delete, insert, select, update

from basira.base.errors import BasiraError
from basira.base.identifiers import CameraId, StreamName, new_identifier
from basira.catalogue import schema
from basira.catalogue.store import Catalogue

ExportState = Literal["waiting", "running", "done", "failed", "cancelled"]


class ExportFile(BaseModel):
    """One finished file of an export; ``sha256`` in hex. It begins at ``start_us`` and holds ``frames`` pictures.

    An evidence bundle is of all the export's cameras: ``camera`` is empty and ``frames`` 0.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    bytes: int
    sha256: str
    camera: str
    start_us: int = 0
    end_us: int = 0
    frames: int = 0


class ExportError(BaseModel):
    """Why an export failed: a code of ``base.messages`` and its parameters."""

    model_config = ConfigDict(frozen=True)

    code: str
    params: dict[str, str | int | float] = {}


class Export(BaseModel):
    """A request for ``[start_utc_ns, end_utc_ns)`` of some cameras as files, or as one ``evidence`` bundle."""

    model_config = ConfigDict(frozen=True)

    id: str
    cameras: tuple[CameraId, ...] = Field(min_length=1)
    stream: StreamName
    evidence: bool = False
    start_utc_ns: int
    end_utc_ns: int
    requested_by: str
    requested_utc_ns: int
    state: ExportState = "waiting"
    done_bytes: int = 0
    total_bytes: int = 0
    files: tuple[ExportFile, ...] = ()
    error: ExportError | None = None

    @model_validator(mode="after")
    def _spans_time(self) -> Self:
        if self.start_utc_ns >= self.end_utc_ns:
            raise ValueError("an export ends after it starts")
        return self


class Exports:
    """The node's exports. None of this concerns recorder or analysis, so the version stays."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def all(self) -> list[Export]:
        """Newest first."""
        table = schema.exports
        with self._catalogue.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.requested_utc_ns.desc(), table.c.id)).mappings()
            return [Export.model_validate(dict(row)) for row in rows]

    def get(self, export_id: str) -> Export:
        """Raises BasiraError ``not_found``."""
        with self._catalogue.read() as connection:
            query = select(schema.exports).where(schema.exports.c.id == export_id)
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise BasiraError("not_found", status=404)
        return Export.model_validate(dict(row))

    def request(
        self,
        cameras: tuple[str, ...],
        stream: StreamName,
        start_utc_ns: int,
        end_utc_ns: int,
        *,
        by: str,
        evidence: bool = False,
    ) -> Export:
        export = Export(
            id=new_identifier("export"),
            cameras=cameras,
            stream=stream,
            evidence=evidence,
            start_utc_ns=start_utc_ns,
            end_utc_ns=end_utc_ns,
            requested_by=by,
            requested_utc_ns=self._catalogue.clock.utc_ns(),
        )
        with self._catalogue.write() as connection:
            connection.execute(insert(schema.exports).values(export.model_dump(mode="json")))
        return export

    def progress(self, export_id: str, *, done_bytes: int, total_bytes: int) -> bool:
        """Note progress of a waiting or running export. False when it was cancelled or removed: stop then."""
        return self._set(
            export_id, ("waiting", "running"), state="running", done_bytes=done_bytes, total_bytes=total_bytes
        )

    def finish(self, export_id: str, files: tuple[ExportFile, ...], error: BasiraError | None = None) -> bool:
        """Mark as done; ``error`` says what is missing from it. False when it was cancelled or removed meanwhile."""
        rows = [file.model_dump() for file in files]
        size = sum(file.bytes for file in files)
        detail = ExportError(code=error.code, params=error.params).model_dump() if error else None
        return self._set(
            export_id, ("waiting", "running"), state="done", files=rows, done_bytes=size, total_bytes=size, error=detail
        )

    def fail(self, export_id: str, error: BasiraError) -> bool:
        detail = ExportError(code=error.code, params=error.params)
        return self._set(export_id, ("waiting", "running"), state="failed", error=detail.model_dump())

    def cancel(self, export_id: str) -> bool:
        """False when it had already ended."""
        return self._set(export_id, ("waiting", "running"), state="cancelled")

    def restart_interrupted(self) -> None:
        """Exports that were running when the process died wait again."""
        self._set(None, ("running",), state="waiting", done_bytes=0)

    def remove(self, export_id: str) -> None:
        with self._catalogue.write() as connection:
            connection.execute(delete(schema.exports).where(schema.exports.c.id == export_id))

    def _set(self, export_id: str | None, states: tuple[ExportState, ...], **values: Any) -> bool:
        table = schema.exports
        query = update(table).where(table.c.state.in_(states))
        if export_id is not None:
            query = query.where(table.c.id == export_id)
        with self._catalogue.write() as connection:
            return connection.execute(query.values(values)).rowcount > 0
