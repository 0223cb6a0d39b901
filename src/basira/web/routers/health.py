"""Health and alarms of the node."""

from __future__ import annotations

from fastapi import APIRouter

from basira.web.pending import not_there_yet
from basira.web.rooms import TheRooms
from basira.web.shapes.health import AlarmList, Health

router = APIRouter(tags=["health"])


@router.get("/health")
def read_health(rooms: TheRooms) -> Health:
    raise not_there_yet()


@router.get("/alarms")
def list_alarms(rooms: TheRooms) -> AlarmList:
    """Those that last, and the most recent that are over."""
    raise not_there_yet()
