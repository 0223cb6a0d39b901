"""Tables of ``custody.db``: the log's memory beside its tiles. Written by the custody process only."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

# Names and values: where each source was read up to, the last head published, what the catalogue said.
notes = Table("notes", metadata, Column("name", String, primary_key=True), Column("value", Text, nullable=False))

# Entries that have their place in the log and are not in its tiles yet.
pending = Table(
    "pending",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("index", BigInteger, primary_key=True),
    Column("entry", LargeBinary, nullable=False),
)

# Where the entries about a camera and a span are, so that a bundle need not read the whole log.
places = Table(
    "places",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("index", BigInteger, primary_key=True),
    Column("kind", String, nullable=False),
    Column("camera", String),  # NULL: about the whole node, or about several cameras
    Column("stream", String),
    Column("recording", Integer),
    Column("segment", Integer),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger, nullable=False),
    Index("places_by_segment", "camera", "stream", "recording", "segment"),
    Index("places_by_time", "kind", "start_us"),
)

# Checkpoints that a quorum has cosigned, whole.
cosigned = Table(
    "cosigned",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("size", BigInteger, primary_key=True),
    Column("note", LargeBinary, nullable=False),
)
