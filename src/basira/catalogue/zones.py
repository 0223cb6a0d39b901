"""Zones: polygons on a camera's picture that make an event an alert, or make it be ignored."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from basira.base.errors import BasiraError
from basira.base.identifiers import new_identifier
from basira.catalogue import schema
from basira.catalogue.store import Catalogue

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Point = tuple[Fraction, Fraction]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Weekday = Annotated[int, Field(ge=0, le=6)]


class ScheduleSpan(BaseModel):
    """Site-local time on some days of the week, 0 is Monday. ``end`` before ``start`` runs past midnight."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: tuple[Weekday, ...] = Field(min_length=1)
    start: TimeOfDay
    end: TimeOfDay


class Zone(BaseModel):
    """``polygon`` in fractions of the picture; no ``classes`` means every class, no ``schedule`` means always."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(default_factory=lambda: new_identifier("zone"), max_length=64)
    name: str = Field(min_length=1, max_length=200)
    kind: Literal["alert", "ignore"]
    polygon: tuple[Point, ...] = Field(min_length=3, max_length=64)
    classes: tuple[str, ...] = ()
    schedule: tuple[ScheduleSpan, ...] = ()
    enabled: bool = True


class Zones:
    """The zones of each camera. Every change raises the catalogue's version."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def of_camera(self, camera_id: str) -> list[Zone]:
        with self._catalogue.read() as connection:
            return self._select(connection, camera_id)

    def replace(self, camera_id: str, zones: list[Zone]) -> list[Zone]:
        """Make ``zones`` the camera's only zones."""
        table, site = schema.zones, self._catalogue.site
        with self._catalogue.change() as connection:
            connection.execute(delete(table).where(table.c.site == site, table.c.camera == camera_id))
            rows = [zone.model_dump(mode="json") | {"site": site, "camera": camera_id} for zone in zones]
            for row in rows:
                try:
                    connection.execute(insert(table).values(row))
                except IntegrityError as error:
                    raise BasiraError("zone_of_another_camera", status=409, zone=row["id"]) from error
            return self._select(connection, camera_id)

    def _select(self, connection: Connection, camera_id: str) -> list[Zone]:
        table = schema.zones
        columns = [column for column in table.c if column.name not in ("site", "camera")]
        query = (
            select(*columns)
            .where(table.c.site == self._catalogue.site, table.c.camera == camera_id)
            .order_by(table.c.name, table.c.id)
        )
        return [Zone.model_validate(dict(row)) for row in connection.execute(query).mappings()]
