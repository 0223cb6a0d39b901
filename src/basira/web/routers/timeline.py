"""The timeline of several cameras."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from basira.base.identifiers import CameraId
from basira.web.pending import not_there_yet
from basira.web.rooms import TheRooms
from basira.web.shapes.common import TimeUs
from basira.web.shapes.timeline import Timeline

router = APIRouter(prefix="/timeline", tags=["timeline"])


@router.get("")
def read_timeline(
    rooms: TheRooms,
    camera: Annotated[list[CameraId], Query(min_length=1, max_length=64)],
    start_us: TimeUs,
    end_us: TimeUs,
    resolution_us: Annotated[int, Query(ge=1, le=2**53 - 1)] = 1_000_000,
) -> Timeline:
    """Spans merged to the resolution; events listed when it is fine, counted when it is coarse."""
    raise not_there_yet()
