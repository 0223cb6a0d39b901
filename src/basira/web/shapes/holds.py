"""Holds: spans that retention may not touch."""

from __future__ import annotations

from pydantic import Field

from basira.base.identifiers import CameraId
from basira.web.shapes.common import Shape, TimeUs


class HoldAdd(Shape):
    camera: CameraId
    start_us: TimeUs
    end_us: TimeUs
    reason: str = Field(min_length=1, max_length=2000)


class Hold(Shape):
    id: str
    camera: str
    start_us: TimeUs
    end_us: TimeUs
    reason: str
    set_by: str
    set_us: TimeUs
    lifted_by: str | None
    lifted_us: TimeUs | None


class HoldList(Shape):
    holds: list[Hold]
