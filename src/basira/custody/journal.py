"""The log's memory: each entry gets its place exactly once, in the transaction that moves its source's cursor.

So a crash between reading a source and writing tiles neither loses an entry nor logs it twice: what is pending is
written to the tiles again, and the tiles are a function of the entries.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, func, insert, or_, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from basira.custody.entries import (
    Access,
    Camera,
    Cover,
    Deletion,
    Entry,
    Gap,
    Hold,
    HoldLifted,
    Segment,
    Stream,
    decode_entry,
    encode_entry,
)
from basira.custody.schema import cosigned, metadata, notes, pending, places
from basira.databases.migrate import upgrade
from basira.databases.sqlite import open_database


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry is: the log's generation (each origin is one) and its index."""

    generation: int
    index: int
    kind: str


@dataclass(frozen=True, slots=True)
class CosignedNote:
    generation: int
    size: int
    note: bytes


def _span(entry: Entry) -> dict[str, Any]:
    """What ``places`` keeps of an entry."""
    row: dict[str, Any] = {
        "kind": entry.kind, "camera": None, "stream": None, "recording": None, "segment": None,
        "start_us": entry.at_us, "end_us": entry.at_us,
    }  # fmt: skip
    if isinstance(entry, Segment | Cover | Deletion):
        row |= {"camera": entry.camera, "stream": entry.stream, "recording": entry.recording, "segment": entry.segment}
    if isinstance(entry, Gap | Stream):
        row |= {"camera": entry.camera, "stream": entry.stream}
    if isinstance(entry, Camera | Hold | HoldLifted):
        row |= {"camera": entry.camera}
    if isinstance(entry, Segment | Deletion | Hold | HoldLifted):
        row |= {"start_us": entry.start_us, "end_us": entry.end_us}
    if isinstance(entry, Gap | Access) and entry.start_us is not None:
        end_us = entry.start_us if entry.end_us is None else entry.end_us
        row |= {"start_us": entry.start_us, "end_us": max(entry.start_us, end_us)}
    return row


class Journal:
    """``custody.db``. One process writes; others may read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sizes: dict[int, int] = {}

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Journal:
        """``read_only`` for whoever is not the custody process; the database must exist then."""
        if read_only:
            return cls(open_database(path, read_only=True, check=False))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            engine = open_database(path)
            upgrade(engine, "basira.custody", metadata)
        return cls(engine)

    def close(self) -> None:
        self._engine.dispose()

    def note(self, name: str) -> Any:
        """A remembered value (JSON), or None."""
        with self._engine.connect() as connection:
            value = connection.execute(select(notes.c.value).where(notes.c.name == name)).scalar()
        return None if value is None else json.loads(value)

    def remember(self, values: Mapping[str, Any]) -> None:
        with self._engine.begin() as connection:
            self._remember(connection, values)

    @staticmethod
    def _remember(connection: Connection, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            text = json.dumps(value, sort_keys=True)
            connection.execute(
                sqlite_insert(notes)
                .values(name=name, value=text)
                .on_conflict_do_update(index_elements=["name"], set_={"value": text})
            )

    def size(self, generation: int, tiles_size: int) -> int:
        """How many entries the log has, those counted that are not in its tiles yet."""
        with self._engine.connect() as connection:
            last = connection.execute(
                select(func.max(pending.c.index)).where(pending.c.generation == generation)
            ).scalar()
        return tiles_size if last is None else max(tiles_size, last + 1)

    def add(self, generation: int, tiles_size: int, entries: Iterable[Entry], cursors: Mapping[str, Any]) -> int:
        """Give each entry the next place and move the cursors, in one synced transaction. Gives the new size."""
        if generation not in self._sizes:
            self._sizes[generation] = self.size(generation, tiles_size)
        first = max(tiles_size, self._sizes[generation])
        rows, spans = [], []
        for index, entry in enumerate(entries, start=first):
            rows.append({"generation": generation, "index": index, "entry": encode_entry(entry)})
            spans.append({"generation": generation, "index": index, **_span(entry)})
        with self._engine.begin() as connection:
            self._remember(connection, cursors)
            if rows:
                connection.execute(insert(pending), rows)
                connection.execute(insert(places), spans)
        self._sizes[generation] = first + len(rows)
        return first + len(rows)

    def start_generation(self, generation: int, first: Sequence[Entry], values: Mapping[str, Any]) -> None:
        """Begin a new log with these entries, then everything that waited for a place in the one before it.

        One transaction: a crash leaves either the old generation or the new one, and loses no entry.
        """
        self._sizes.clear()
        with self._engine.begin() as connection:
            self._remember(connection, {**values, "generation": generation})
            old = pending.c.generation == generation - 1
            rows = connection.execute(select(pending).where(old).order_by(pending.c.index)).all()
            for row in rows:
                connection.execute(
                    delete(places).where(places.c.generation == generation - 1, places.c.index == row[1])
                )
            connection.execute(delete(pending).where(old))
            everything = [*first, *(decode_entry(row.entry) for row in rows)]
            for index, entry in enumerate(everything):
                place = {"generation": generation, "index": index}
                connection.execute(insert(pending).values(**place, entry=encode_entry(entry)))
                connection.execute(insert(places).values(**place, **_span(entry)))

    def pending(self, generation: int, from_index: int) -> list[bytes]:
        """Entries that belong into the tiles from ``from_index`` on, in order."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(pending.c.index, pending.c.entry)
                .where(pending.c.generation == generation, pending.c.index >= from_index)
                .order_by(pending.c.index)
            ).all()
        if [row[0] for row in rows] != list(range(from_index, from_index + len(rows))):
            raise ValueError("the pending entries do not follow on from the tiles")
        return [row[1] for row in rows]

    def published(self, generation: int, size: int, root: bytes) -> None:
        """Forget what is in published tiles, and remember the head itself."""
        with self._engine.begin() as connection:
            self._remember(connection, {"published": {"generation": generation, "size": size, "root": root.hex()}})
            connection.execute(delete(pending).where(pending.c.generation == generation, pending.c.index < size))

    def add_cosigned(self, generation: int, size: int, note: bytes) -> None:
        """Keep the first note of each size: entries cite its hash, and its times are the narrowest."""
        with self._engine.begin() as connection:
            connection.execute(
                sqlite_insert(cosigned).values(generation=generation, size=size, note=note).on_conflict_do_nothing()
            )

    def first_cosigned(self, generation: int, index: int) -> CosignedNote | None:
        """The earliest quorum-cosigned checkpoint that covers the entry."""
        return self._cosigned(and_(cosigned.c.generation == generation, cosigned.c.size > index), cosigned.c.size.asc())

    def last_cosigned(self, generation: int) -> CosignedNote | None:
        return self._cosigned(cosigned.c.generation == generation, cosigned.c.size.desc())

    def cosigned_at(self, generation: int, size: int) -> CosignedNote | None:
        return self._cosigned(and_(cosigned.c.generation == generation, cosigned.c.size == size), cosigned.c.size.asc())

    def _cosigned(self, where: Any, order: Any) -> CosignedNote | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(cosigned).where(where).order_by(order).limit(1)).mappings().first()
        return None if row is None else CosignedNote(**row)

    def logged_segments(self, camera: str, stream: str) -> set[tuple[int, int]]:
        """Recording and segment numbers of every segment of the stream that has its entry, in any generation."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(places.c.recording, places.c.segment).where(
                    places.c.kind == Segment.model_fields["kind"].default,
                    places.c.camera == camera,
                    places.c.stream == stream,
                )
            )
            return {(row.recording, row.segment) for row in rows}

    def places_of_segments(
        self, camera: str, stream: str, keys: Sequence[tuple[int, int]], before: Mapping[int, int]
    ) -> list[Place]:
        """Every entry that names one of the segments, below the given size of each generation."""
        found: list[Place] = []
        with self._engine.connect() as connection:
            for recording, segment in keys:
                rows = connection.execute(
                    select(places.c.generation, places.c.index, places.c.kind).where(
                        places.c.camera == camera,
                        places.c.stream == stream,
                        places.c.recording == recording,
                        places.c.segment == segment,
                    )
                )
                found += [Place(*row) for row in rows]
        return [place for place in found if place.index < before.get(place.generation, 0)]

    def places_of_span(
        self, kinds: Sequence[str], cameras: Sequence[str], start_us: int, end_us: int, before: Mapping[int, int]
    ) -> list[Place]:
        """Entries of these kinds that touch the span and are about one of the cameras, or about no single one."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(places.c.generation, places.c.index, places.c.kind)
                .where(
                    places.c.kind.in_(kinds),
                    places.c.start_us < end_us,
                    places.c.end_us >= start_us,
                    or_(places.c.camera.is_(None), places.c.camera.in_(cameras)),
                )
                .order_by(places.c.generation, places.c.index)
            )
            found = [Place(*row) for row in rows]
        return [place for place in found if place.index < before.get(place.generation, 0)]
