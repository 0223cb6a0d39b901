"""The site this node records."""

from __future__ import annotations

from fastapi import APIRouter

from basira import __version__
from basira.web.rooms import Rooms, TheRooms
from basira.web.shapes.common import us
from basira.web.shapes.site import Site, SiteChange

router = APIRouter(prefix="/site", tags=["site"])


def _site(rooms: Rooms) -> Site:
    return Site(
        id=rooms.catalogue.site,
        name=rooms.catalogue.site_name(),
        time_zone=rooms.settings.site_time_zone,
        retention_days=rooms.settings.retention_days,
        version=__version__,
        now_us=us(rooms.clock.utc_ns()),
    )


@router.get("")
def read_site(rooms: TheRooms) -> Site:
    return _site(rooms)


@router.patch("")
def change_site(change: SiteChange, rooms: TheRooms) -> Site:
    rooms.catalogue.rename_site(change.name)
    return _site(rooms)
