"""Tables of ``events.db``: what was in the picture, as an opinion with a score. Only the analysis process writes it."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)

metadata = MetaData()

events = Table(
    "events",
    metadata,
    # Rises by one with each new event: the order in which they were found, which is not the order of their times.
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),  # analysis.events.event_id
    Column("site", String, nullable=False),
    Column("camera", String, nullable=False),
    Column("stream", String, nullable=False),  # the stream that was looked at
    Column("recording", Integer, nullable=False),
    Column("class", String, nullable=False),
    Column("score", Float, nullable=False),  # the best picture's
    Column("start_utc_ns", BigInteger, nullable=False),  # first seen
    Column("end_utc_ns", BigInteger, nullable=False),  # last seen so far
    Column("ongoing", Boolean, nullable=False),
    Column("alert", Boolean, nullable=False),
    Column("zones", JSON, nullable=False),  # ids of the alert zones it was in
    Column("snapshot_utc_ns", BigInteger, nullable=False),
    # How far in the recording it was read when this was written (analysis.event.progress_at). A row only ever moves
    # forward, so footage that is read twice (after a crash) changes nothing. Not a time: clocks are set back.
    Column("progress", BigInteger, nullable=False),
    # Rises with each change of any row: a cursor for whoever follows. Never given twice.
    Column("change", BigInteger, nullable=False),
    # The value of ``change`` when this became an alert, NULL before.
    Column("alert_change", BigInteger),
    Index("events_by_time", "start_utc_ns", "id"),
    Index("events_by_camera", "camera", "start_utc_ns", "id"),
    Index("events_by_class", "class", "start_utc_ns", "id"),
    Index("events_by_camera_class", "camera", "class", "start_utc_ns"),
    Index("events_alerts", "start_utc_ns", "id", sqlite_where=text("alert")),
    Index("events_by_end", "camera", "end_utc_ns"),
    Index("events_by_change", "change", unique=True),
    Index("events_by_alert_change", "alert_change", unique=True, sqlite_where=text("alert_change IS NOT NULL")),
    Index("events_ongoing", "camera", sqlite_where=text("ongoing")),
)

# Apart from ``events``, whose rows stay small: these are read for one page of events at a time.
event_paths = Table(
    "event_paths",
    metadata,
    Column("event", Integer, ForeignKey("events.number", ondelete="CASCADE"), primary_key=True),
    Column("path", LargeBinary, nullable=False),  # analysis.path.pack_path
)

event_snapshots = Table(
    "event_snapshots",
    metadata,
    Column("event", Integer, ForeignKey("events.number", ondelete="CASCADE"), primary_key=True),
    Column("jpeg", LargeBinary, nullable=False),
)

event_zones = Table(
    "event_zones",
    metadata,
    Column("zone", String, primary_key=True),
    Column("start_utc_ns", BigInteger, primary_key=True),
    Column("event", Integer, ForeignKey("events.number", ondelete="CASCADE"), primary_key=True),
    Index("event_zones_by_event", "event"),
)

# How far each stream has been analysed, and the analyser's whole memory there (analysis.memory): starting from it
# gives what an analyser that never stopped would give.
cursors = Table(
    "cursors",
    metadata,
    Column("site", String, primary_key=True),
    Column("camera", String, primary_key=True),
    Column("stream", String, primary_key=True),
    Column("recording", Integer, nullable=False),
    Column("segment", Integer, nullable=False),
    Column("fragment", Integer, nullable=False),
    Column("known_to_utc_ns", BigInteger, nullable=False),
    Column("memory", LargeBinary, nullable=False),
    Column("memory_version", Integer, nullable=False),
)

# How far each stream is analysed, for people: written every few seconds, where ``cursors`` has large rows.
analysed = Table(
    "analysed",
    metadata,
    Column("site", String, primary_key=True),
    Column("camera", String, primary_key=True),
    Column("stream", String, primary_key=True),
    Column("known_to_utc_ns", BigInteger, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),  # "change": the last given; others are marks of their owner
    Column("value", BigInteger, nullable=False),
)
