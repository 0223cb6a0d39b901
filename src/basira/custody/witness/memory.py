"""What a witness remembers, in SQLite. Every promise of a witness rests on this file never going back in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, RowMapping, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from basira.custody.checkpoint import Checkpoint, origin_hash
from basira.custody.witness.schema import heads, refusals


@dataclass(frozen=True, slots=True)
class Head:
    """The largest checkpoint cosigned for one log. ``note`` is the signed note as it is served."""

    checkpoint: Checkpoint
    note: bytes
    cosigned_s: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A checkpoint signed by a log that this witness refused, how often it was offered, and the evidence."""

    id: int
    origin: str
    reason: str
    request: bytes
    head: bytes
    times: int
    first_s: int
    last_s: int


def _head(row: RowMapping) -> Head:
    return Head(Checkpoint(row["origin"], row["size"], row["root"]), row["note"], row["cosigned_s"])


class WitnessMemory:
    """One process writes; commits are synced (``open_database`` with ``durable``)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def head(self, origin: str) -> Head | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(heads).where(heads.c.origin == origin)).mappings().first()
        return None if row is None else _head(row)

    def head_by_hash(self, origin_sha256: str) -> Head | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(heads).where(heads.c.origin_sha256 == origin_sha256)).mappings().first()
        return None if row is None else _head(row)

    def heads(self) -> Sequence[Head]:
        with self._engine.connect() as connection:
            return [_head(row) for row in connection.execute(select(heads).order_by(heads.c.origin)).mappings()]

    def advance(self, old: Head | None, new: Head) -> bool:
        """Replace ``old`` by ``new``, unless the head is no longer ``old``: then nothing changes and False returns.

        Compare and write are one transaction; on True it is on the disk.
        """
        values = {
            "size": new.checkpoint.size,
            "root": new.checkpoint.root,
            "note": new.note,
            "cosigned_s": new.cosigned_s,
        }
        origin = new.checkpoint.origin
        with self._engine.begin() as connection:
            if old is None:
                inserted = connection.execute(
                    sqlite_insert(heads)
                    .values(origin=origin, origin_sha256=origin_hash(origin), **values)
                    .on_conflict_do_nothing()
                )
                return inserted.rowcount == 1
            replaced = connection.execute(
                update(heads)
                .where(
                    heads.c.origin == origin,
                    heads.c.size == old.checkpoint.size,
                    heads.c.root == old.checkpoint.root,
                )
                .values(**values)
            )
            return replaced.rowcount == 1

    def remember_refusal(self, origin: str, reason: str, text: bytes, request: bytes, head: bytes, now_s: int) -> None:
        """Keep the first request that carried this checkpoint; count the ones after it."""
        with self._engine.begin() as connection:
            seen = connection.execute(
                update(refusals)
                .where(refusals.c.origin == origin, refusals.c.reason == reason, refusals.c.text == text)
                .values(times=refusals.c.times + 1, last_s=now_s)
            )
            if seen.rowcount == 0:
                connection.execute(
                    insert(refusals).values(
                        origin=origin, reason=reason, text=text, request=request, head=head,
                        times=1, first_s=now_s, last_s=now_s,
                    )
                )  # fmt: skip

    def refusal_count(self, origin: str) -> int:
        with self._engine.connect() as connection:
            return connection.execute(
                select(func.count()).select_from(refusals).where(refusals.c.origin == origin)
            ).scalar_one()

    def refusals(self, limit: int = 1000) -> Sequence[Refusal]:
        """Newest first."""
        columns = [c for c in refusals.c if c.name != "text"]
        with self._engine.connect() as connection:
            rows = connection.execute(select(*columns).order_by(refusals.c.id.desc()).limit(limit)).mappings()
            return [Refusal(**row) for row in rows]
