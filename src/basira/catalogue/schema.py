"""Tables of ``catalogue.db``: what people have decided. Written by the web process and the command line only.

Every writer keeps its transactions short; ``catalogue_changes.version`` rises with each change that the recorder
or the analysis must notice, so that they poll one number.
"""

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
    Text,
    false,
)

metadata = MetaData()

site = Table(
    "site",
    metadata,
    Column("id", String, primary_key=True),  # exactly one row: this node's site
    Column("name", Text, nullable=False),
    Column("created_utc_ns", BigInteger, nullable=False),
)

catalogue_changes = Table(
    "catalogue_changes",
    metadata,
    Column("id", Integer, primary_key=True),  # exactly one row, id 1
    Column("version", Integer, nullable=False),
)

cameras = Table(
    "cameras",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String, nullable=False),  # rtsp, onvif, file
    Column("enabled", Boolean, nullable=False),
    Column("position", Integer, nullable=False),  # order on the wall
    Column("priority", Integer, nullable=False),  # the least important is stopped first when the disk is short
    Column("record_audio", Boolean, nullable=False),
    Column("analyse", Boolean, nullable=False),
    Column("retention_days", Float),  # NULL: the node's default
    Column("retention_bytes", BigInteger),  # NULL: no limit by size
    Column("onvif_address", Text),
    Column("username", Text),
    Column("sealed_password", LargeBinary),  # cameras.credentials; never leaves the recorder's side
    Column("created_utc_ns", BigInteger, nullable=False),
    Column("removed_utc_ns", BigInteger),  # a removed camera keeps its row while it has footage
)

camera_streams = Table(
    "camera_streams",
    metadata,
    Column("site", String, primary_key=True),
    Column("camera", String, primary_key=True),
    Column("stream", String, primary_key=True),  # main, sub
    Column("url", Text, nullable=False),  # without credentials; for kind "file" a path
    Column("transport", String, nullable=False),  # tcp, udp
)

zones = Table(
    "zones",
    metadata,
    Column("id", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("camera", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String, nullable=False),  # alert, ignore
    Column("polygon", JSON, nullable=False),  # [[x, y], ...], fractions of width and height
    Column("classes", JSON, nullable=False),  # [] means every class
    Column("schedule", JSON, nullable=False),  # [] means always; else [{days: [0..6], start: "HH:MM", end: "HH:MM"}]
    Column("enabled", Boolean, nullable=False),
)

# A hold is a decision about a span; retention reads it before it tombstones and again before it unlinks.
holds = Table(
    "holds",
    metadata,
    Column("id", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("camera", String, nullable=False),
    Column("start_utc_ns", BigInteger, nullable=False),
    Column("end_utc_ns", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", String, nullable=False),
    Column("set_utc_ns", BigInteger, nullable=False),
    Column("lifted_by", String),
    Column("lifted_utc_ns", BigInteger),
    Index("holds_by_camera", "site", "camera", "start_utc_ns"),
)

users = Table(
    "users",
    metadata,
    Column("name", String, primary_key=True),
    Column("password_hash", Text, nullable=False),  # argon2id
    Column("must_change_password", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_utc_ns", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", LargeBinary(32), primary_key=True),
    Column("user", String, ForeignKey("users.name"), nullable=False),
    Column("csrf_token", String, nullable=False),
    Column("created_utc_ns", BigInteger, nullable=False),
    Column("last_seen_utc_ns", BigInteger, nullable=False),
    Column("expires_utc_ns", BigInteger, nullable=False),
    Column("address", String, nullable=False),
)

event_reviews = Table(
    "event_reviews",
    metadata,
    Column("event", String, primary_key=True),
    Column("seen_by", String, nullable=False),
    Column("seen_utc_ns", BigInteger, nullable=False),
)

exports = Table(
    "exports",
    metadata,
    Column("id", String, primary_key=True),
    Column("cameras", JSON, nullable=False),
    Column("stream", String, nullable=False),
    Column("evidence", Boolean, nullable=False, server_default=false()),
    Column("start_utc_ns", BigInteger, nullable=False),
    Column("end_utc_ns", BigInteger, nullable=False),
    Column("requested_by", String, nullable=False),
    Column("requested_utc_ns", BigInteger, nullable=False),
    Column("state", String, nullable=False),  # waiting, running, done, failed, cancelled
    Column("done_bytes", BigInteger, nullable=False),
    Column("total_bytes", BigInteger, nullable=False),
    Column("files", JSON, nullable=False),  # [{name, bytes, sha256, camera}]
    Column("error", JSON),  # {code, params}
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String, primary_key=True),
    Column("url", Text, nullable=False),
    Column("sealed_secret", LargeBinary),  # signs each body, HMAC-SHA256
    Column("enabled", Boolean, nullable=False),
    Column("cursor", BigInteger, nullable=False),  # alerts up to here are delivered
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_utc_ns", BigInteger, nullable=False),
    Column("last_error", Text),
)
