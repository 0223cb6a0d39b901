"""Tables of ``index.db``, the recorder's account of what is on disk. Only the recorder process writes it.

Everything but ``id`` columns can be rebuilt from the segment files; what cannot is said in docs/durability.md.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

index_identity = Table(
    "index_identity",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)


def _key() -> tuple[Column[str], Column[str], Column[str]]:
    return (
        Column("site", String, primary_key=True),
        Column("camera", String, primary_key=True),
        Column("stream", String, primary_key=True),
    )


recordings = Table(
    "recordings",
    metadata,
    *_key(),
    Column("recording", Integer, primary_key=True),
    Column("start_utc_ns", BigInteger, nullable=False),
    Column("start_mono_ns", BigInteger, nullable=False),
    Column("boot_id", String, nullable=False),
    Column("reason", String, nullable=False),
)

segments = Table(
    "segments",
    metadata,
    *_key(),
    Column("recording", Integer, primary_key=True),
    Column("segment", Integer, primary_key=True),
    # open: being written. closed: complete. recovered: ended by a crash, its good part kept.
    Column("state", String, nullable=False),
    Column("path", String, nullable=False, unique=True),  # relative to the storage folder
    Column("storage", String, nullable=False),  # identity of the storage folder
    Column("start_utc_ns", BigInteger, nullable=False),
    Column("end_utc_ns", BigInteger, nullable=False),  # of an open segment: as of its last row update
    Column("start_mono_ns", BigInteger, nullable=False),
    Column("boot_id", String, nullable=False),
    Column("bytes", BigInteger, nullable=False),  # vouched for by commits; what follows in the file is torn
    Column("init_length", Integer, nullable=False),
    Column("sha256", LargeBinary(32)),  # of the first ``bytes`` bytes; NULL while open
    Column("fragments", Integer, nullable=False),
    Column("gops", LargeBinary, nullable=False),  # recording.layout.pack_gops; empty while open
    Column("video_codec", String, nullable=False),  # RFC 6381
    Column("audio_codec", String),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    ForeignKeyConstraint(
        ["site", "camera", "stream", "recording"],
        ["recordings.site", "recordings.camera", "recordings.stream", "recordings.recording"],
    ),
    # Covers what a timeline asks, so that a month of a camera is read without touching the rows and their GOPs.
    Index("segments_by_time", "site", "camera", "stream", "start_utc_ns", "end_utc_ns", "state"),
    Index("segments_by_age", "end_utc_ns"),
    Index("segments_open", "state"),
)

gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", String, nullable=False),
    Column("camera", String, nullable=False),
    Column("stream", String, nullable=False),
    Column("start_utc_ns", BigInteger, nullable=False),
    Column("end_utc_ns", BigInteger),  # NULL while it lasts
    Column("cause", String, nullable=False),  # camera, link, power, disk, operator, recorder, clock, unknown
    Column("detail", Text, nullable=False, default=""),  # an error code of base.messages, or ""
    Index("gaps_by_time", "site", "camera", "stream", "start_utc_ns"),
)

clock_steps = Table(
    "clock_steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", String, nullable=False),
    Column("utc_ns", BigInteger, nullable=False),  # wall clock after the step
    Column("mono_ns", BigInteger, nullable=False),
    Column("boot_id", String, nullable=False),
    Column("step_ns", BigInteger, nullable=False),
)

# Deletion is tombstone, unlink, row: a tombstone is written first, kept after, and says when the file was gone.
tombstones = Table(
    "tombstones",
    metadata,
    *_key(),
    Column("recording", Integer, primary_key=True),
    Column("segment", Integer, primary_key=True),
    Column("path", String, nullable=False),
    Column("start_utc_ns", BigInteger, nullable=False),
    Column("end_utc_ns", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32)),
    Column("why", String, nullable=False),  # age, size, floor, operator; unknown: gone since the index was copied
    Column("tombstoned_utc_ns", BigInteger, nullable=False),
    Column("unlinked_utc_ns", BigInteger),
)
