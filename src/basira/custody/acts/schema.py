"""Tables of ``acts.db``. It stays on the node: here users still have names, in the log they do not."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

acts = Table(
    "acts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at_utc_ns", BigInteger, nullable=False),
    Column("act", String, nullable=False),  # custody.entries.Access.act, or alarm_began, alarm_ended
    Column("user", Text, nullable=False),
    Column("cameras", JSON, nullable=False),
    Column("stream", String),
    Column("start_utc_ns", BigInteger),
    Column("end_utc_ns", BigInteger),
    Column("manifest", LargeBinary(32)),
    Column("code", String),  # of an alarm
    sqlite_autoincrement=True,  # an id is never used twice, so the log's cursor can trust it
)
