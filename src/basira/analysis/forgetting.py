"""An event lives as long as the footage it was seen in: when that is deleted, so is what was made of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine, select

from basira.analysis.store import EventStore
from basira.base.identifiers import StreamKey
from basira.recording.schema import tombstones

_MARK: Final = "footage_deleted_to"
_BATCH: Final = 1000


def forget_with_footage(store: EventStore, index: Engine) -> int:
    """Delete the events that were last seen in segments deleted since the last call; returns how many.

    Goes by tombstones, which say that a segment *was deleted*, never by its absence: an index that is being rebuilt
    makes nobody forget anything.
    """
    columns = tombstones.c
    forgotten = 0
    while True:
        mark = store.counter(_MARK)
        statement = (
            select(
                columns.site, columns.camera, columns.stream, columns.start_utc_ns, columns.end_utc_ns,
                columns.unlinked_utc_ns,
            )
            .where(columns.unlinked_utc_ns > mark)
            .order_by(columns.unlinked_utc_ns)
            .limit(_BATCH)
        )  # fmt: skip
        with index.connect() as connection:
            rows = connection.execute(statement).all()
        if not rows:
            return forgotten
        spans = [(StreamKey(row.site, row.camera, row.stream), row.start_utc_ns, row.end_utc_ns) for row in rows]
        forgotten += store.forget(spans, _MARK, rows[-1].unlinked_utc_ns)
