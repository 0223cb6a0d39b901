"""Holds: set, list, lift."""

from __future__ import annotations

from fastapi import APIRouter

from basira.base.identifiers import CameraId
from basira.catalogue import holds as catalogue
from basira.web.guard import CurrentSession
from basira.web.rooms import TheRooms
from basira.web.shapes.common import span_ns, us, us_or_none
from basira.web.shapes.holds import Hold, HoldAdd, HoldList

router = APIRouter(prefix="/holds", tags=["holds"])


def _hold(hold: catalogue.Hold) -> Hold:
    return Hold(
        id=hold.id,
        camera=hold.camera,
        start_us=us(hold.start_utc_ns),
        end_us=us(hold.end_utc_ns),
        reason=hold.reason,
        set_by=hold.set_by,
        set_us=us(hold.set_utc_ns),
        lifted_by=hold.lifted_by,
        lifted_us=us_or_none(hold.lifted_utc_ns),
    )


@router.get("")
def list_holds(rooms: TheRooms, camera: CameraId | None = None, lifted: bool = False) -> HoldList:
    """Holds in force, and with ``lifted`` also those that ended."""
    return HoldList(holds=[_hold(hold) for hold in rooms.holds.all(camera=camera, lifted=lifted)])


@router.post("", status_code=201)
def set_hold(hold: HoldAdd, rooms: TheRooms, session: CurrentSession) -> Hold:
    """Keep this span until somebody lifts the hold."""
    camera = rooms.cameras.get(hold.camera)
    stored = rooms.holds.set(camera.id, *span_ns(hold.start_us, hold.end_us), reason=hold.reason, by=session.user.name)
    return _hold(stored)


@router.delete("/{hold}")
def lift_hold(hold: str, rooms: TheRooms, session: CurrentSession) -> Hold:
    """End the hold; it stays on record."""
    return _hold(rooms.holds.lift(hold, by=session.user.name))
