"""Holds: spans of a camera's footage that retention may never touch."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import insert, select, update

from basira.base.errors import BasiraError
from basira.base.identifiers import CameraId, new_identifier
from basira.catalogue import schema
from basira.catalogue.store import Catalogue


class Hold(BaseModel):
    """A decision to keep ``[start_utc_ns, end_utc_ns)`` of a camera until somebody lifts it."""

    model_config = ConfigDict(frozen=True)

    id: str
    camera: CameraId
    start_utc_ns: int
    end_utc_ns: int
    reason: str = Field(min_length=1, max_length=2000)
    set_by: str
    set_utc_ns: int
    lifted_by: str | None = None
    lifted_utc_ns: int | None = None

    @model_validator(mode="after")
    def _spans_time(self) -> Self:
        if self.start_utc_ns >= self.end_utc_ns:
            raise ValueError("a hold ends after it starts")
        return self


class Holds:
    """The holds of this node's site. Every change raises the catalogue's version."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def all(self, *, camera: str | None = None, lifted: bool = True) -> list[Hold]:
        """Holds, oldest span first; without ``lifted``, only those in force."""
        table = schema.holds
        query = select(*[c for c in table.c if c.name != "site"]).where(table.c.site == self._catalogue.site)
        if camera is not None:
            query = query.where(table.c.camera == camera)
        if not lifted:
            query = query.where(table.c.lifted_utc_ns.is_(None))
        with self._catalogue.read() as connection:
            rows = connection.execute(query.order_by(table.c.start_utc_ns, table.c.id)).mappings()
            return [Hold.model_validate(dict(row)) for row in rows]

    def get(self, hold_id: str) -> Hold:
        """Raises BasiraError ``not_found``."""
        table = schema.holds
        query = select(*[c for c in table.c if c.name != "site"]).where(table.c.id == hold_id)
        with self._catalogue.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise BasiraError("not_found", status=404)
        return Hold.model_validate(dict(row))

    def is_held(self, camera: str, start_utc_ns: int, end_utc_ns: int) -> bool:
        """Whether a hold in force touches any instant of ``[start_utc_ns, end_utc_ns)``."""
        table = schema.holds
        query = select(table.c.id).where(
            table.c.site == self._catalogue.site,
            table.c.camera == camera,
            table.c.lifted_utc_ns.is_(None),
            table.c.start_utc_ns < end_utc_ns,
            table.c.end_utc_ns > start_utc_ns,
        )
        with self._catalogue.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def set(self, camera: str, start_utc_ns: int, end_utc_ns: int, *, reason: str, by: str) -> Hold:
        hold = Hold(
            id=new_identifier("hold"),
            camera=camera,
            start_utc_ns=start_utc_ns,
            end_utc_ns=end_utc_ns,
            reason=reason,
            set_by=by,
            set_utc_ns=self._catalogue.clock.utc_ns(),
        )
        with self._catalogue.change() as connection:
            connection.execute(insert(schema.holds).values(hold.model_dump() | {"site": self._catalogue.site}))
        return hold

    def lift(self, hold_id: str, *, by: str) -> Hold:
        """End a hold; its row stays. Lifting twice keeps the first. Raises ``not_found``."""
        table = schema.holds
        with self._catalogue.change() as connection:
            connection.execute(
                update(table)
                .where(table.c.id == hold_id, table.c.lifted_utc_ns.is_(None))
                .values(lifted_by=by, lifted_utc_ns=self._catalogue.clock.utc_ns())
            )
        return self.get(hold_id)
