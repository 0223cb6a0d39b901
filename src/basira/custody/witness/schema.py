"""Tables of ``witness.db``. Never restore it from a backup: a witness that has lost its memory retires its key."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

# The largest head of each log that this witness has cosigned.
heads = Table(
    "heads",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("origin_sha256", String, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", LargeBinary, nullable=False),  # as served: the log's signatures and this witness's
    Column("cosigned_s", BigInteger, nullable=False),
)

# Checkpoints the log's own key has signed and this witness would not: each is evidence against the log.
refusals = Table(
    "refusals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("reason", String, nullable=False),  # fork, inconsistent, rollback, empty_root
    Column("text", LargeBinary, nullable=False),  # of the checkpoint, which is what the log signed
    Column("request", LargeBinary, nullable=False),  # the first request that carried it, whole
    Column("head", LargeBinary, nullable=False),  # what this witness had cosigned then
    Column("times", Integer, nullable=False),
    Column("first_s", BigInteger, nullable=False),
    Column("last_s", BigInteger, nullable=False),
    UniqueConstraint("origin", "reason", "text", name="refusals_once"),
)
