"""Which events a person has seen."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from basira.catalogue import schema
from basira.catalogue.store import Catalogue

_SQL_VARIABLES = 500


class Review(BaseModel):
    """Who first marked the event as seen, and when."""

    model_config = ConfigDict(frozen=True)

    event: str
    seen_by: str
    seen_utc_ns: int


class Reviews:
    """Marks of events as seen."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def mark_seen(self, event: str, *, by: str) -> Review:
        """Mark ``event``; if somebody was first, theirs stays and is returned."""
        row = {"event": event, "seen_by": by, "seen_utc_ns": self._catalogue.clock.utc_ns()}
        with self._catalogue.write() as connection:
            connection.execute(insert(schema.event_reviews).values(row).on_conflict_do_nothing())
        return self.of_events([event])[event]

    def unmark(self, event: str) -> None:
        with self._catalogue.write() as connection:
            connection.execute(delete(schema.event_reviews).where(schema.event_reviews.c.event == event))

    def of_events(self, events: Iterable[str]) -> dict[str, Review]:
        """The marks of those of ``events`` that have one."""
        wanted, found = list(events), {}
        table = schema.event_reviews
        with self._catalogue.read() as connection:
            for start in range(0, len(wanted), _SQL_VARIABLES):
                query = select(table).where(table.c.event.in_(wanted[start : start + _SQL_VARIABLES]))
                for row in connection.execute(query).mappings():
                    found[row["event"]] = Review.model_validate(dict(row))
        return found
