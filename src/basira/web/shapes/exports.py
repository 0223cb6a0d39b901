"""Exports: a span of some cameras as ordinary MP4 files."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from basira.base.identifiers import CameraId, StreamName
from basira.web.shapes.common import Problem, Shape, TimeUs


class ExportAdd(Shape):
    cameras: list[CameraId] = Field(min_length=1, max_length=64)
    stream: StreamName = "main"
    start_us: TimeUs
    end_us: TimeUs


class ExportFile(Shape):
    """``sha256`` in hex."""

    name: str
    bytes: int
    sha256: str
    camera: str


class Export(Shape):
    id: str
    cameras: list[str]
    stream: StreamName
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
