"""What the routers may call: the rooms above, opened once per web process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from basira.access.sessions import Sessions
from basira.access.throttle import LoginThrottle
from basira.access.users import Users
from basira.base.clock import Clock
from basira.base.settings import Settings
from basira.catalogue.cameras import Cameras
from basira.catalogue.exports import Exports
from basira.catalogue.holds import Holds
from basira.catalogue.reviews import Reviews
from basira.catalogue.store import Catalogue, open_catalogue
from basira.catalogue.webhooks import Webhooks
from basira.catalogue.zones import Zones


@dataclass(frozen=True, slots=True)
class Rooms:
    """Everything the web process has open."""

    settings: Settings
    clock: Clock
    catalogue: Catalogue
    users: Users
    sessions: Sessions
    throttle: LoginThrottle
    cameras: Cameras
    zones: Zones
    holds: Holds
    exports: Exports
    reviews: Reviews
    webhooks: Webhooks


@contextmanager
def open_rooms(settings: Settings, clock: Clock) -> Iterator[Rooms]:
    """Open the databases and what reads them; closes them on leaving."""
    catalogue = open_catalogue(settings.catalogue_path, clock)
    try:
        yield Rooms(
            settings=settings,
            clock=clock,
            catalogue=catalogue,
            users=Users(catalogue),
            sessions=Sessions(
                catalogue,
                idle_s=settings.session_idle_hours * 3600,
                longest_s=settings.session_longest_hours * 3600,
            ),
            throttle=LoginThrottle(clock),
            cameras=Cameras(catalogue),
            zones=Zones(catalogue),
            holds=Holds(catalogue),
            exports=Exports(catalogue),
            reviews=Reviews(catalogue),
            webhooks=Webhooks(catalogue),
        )
    finally:
        catalogue.close()


def _rooms(connection: HTTPConnection) -> Rooms:
    return cast(Rooms, connection.app.state.rooms)


TheRooms = Annotated[Rooms, Depends(_rooms)]
