"""Zones of a camera."""

from __future__ import annotations

from fastapi import APIRouter

from basira.base.identifiers import CameraId
from basira.catalogue import zones as catalogue
from basira.web.rooms import TheRooms
from basira.web.shapes.zones import Zone, ZoneList

router = APIRouter(prefix="/cameras/{camera}/zones", tags=["zones"])


def _list(zones: list[catalogue.Zone]) -> ZoneList:
    return ZoneList(zones=[Zone.model_validate(zone.model_dump()) for zone in zones])


@router.get("")
def list_zones(camera: CameraId, rooms: TheRooms) -> ZoneList:
    return _list(rooms.zones.of_camera(rooms.cameras.get(camera).id))


@router.put("")
def replace_zones(camera: CameraId, zones: ZoneList, rooms: TheRooms) -> ZoneList:
    """Make these the camera's only zones."""
    wanted = [catalogue.Zone.model_validate(zone.model_dump(exclude_none=True)) for zone in zones.zones]
    return _list(rooms.zones.replace(rooms.cameras.get(camera).id, wanted))
