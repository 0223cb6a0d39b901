"""Exports: a span of some cameras as ordinary MP4 files, or as one sealed bundle for a court."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from basira.base.identifiers import CameraId, StreamName
from basira.catalogue import exports as catalogue
from basira.web.shapes.common import Problem, Shape, TimeUs, us


class ExportAdd(Shape):
    cameras: list[CameraId] = Field(min_length=1, max_length=64)
    stream: StreamName = "main"
    start_us: TimeUs
    end_us: TimeUs
    evidence: bool = False


class ExportFile(Shape):
    """``sha256`` in hex. It begins at ``start_us`` and holds ``frames`` pictures.

    Of an evidence bundle, which is of all cameras, ``camera`` is empty and ``frames`` 0.
    """

    name: str
    bytes: int
    sha256: str
    camera: str
    start_us: TimeUs
    end_us: TimeUs
    frames: int


class Export(Shape):
    id: str
    cameras: list[str]
    stream: StreamName
    evidence: bool
    start_us: TimeUs
    end_us: TimeUs
    requested_by: str
    requested_us: TimeUs
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done_bytes: int
    total_bytes: int
    files: list[ExportFile]
    error: Problem | None


class ExportList(Shape):
    exports: list[Export]


def export_shape(export: catalogue.Export) -> Export:
    """An export of the catalogue."""
    error = export.error
    return Export(
        id=export.id,
        cameras=list(export.cameras),
        stream=export.stream,
        evidence=export.evidence,
        start_us=us(export.start_utc_ns),
        end_us=us(export.end_utc_ns),
        requested_by=export.requested_by,
        requested_us=us(export.requested_utc_ns),
        state=export.state,
        done_bytes=export.done_bytes,
        total_bytes=export.total_bytes,
        files=[ExportFile(**file.model_dump()) for file in export.files],
        error=Problem.of_code(error.code, error.params) if error else None,
    )
