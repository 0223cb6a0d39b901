"""What a log entry says, and its one encoding. docs/custody-format.md is the prose.

Encoding: JSON in ASCII, keys sorted, no white space, no floating point, integers that JavaScript holds exactly;
times are microseconds. Every field is always present. Two encodings of one entry do not exist, so an entry can
be hashed, compared and shown to a person alike. **No personal data**: a log cannot forget. People are pseudonyms
(:mod:`basira.custody.keys`), reasons are salted commitments.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from basira.base.identifiers import CameraId, SegmentKey, SiteId, StreamName
from basira.custody.strict import Malformed

ENTRY_VERSION: Final = 1
MAX_INTEGER: Final = 2**53 - 1

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Pseudonym = Annotated[str, Field(pattern=r"^p-[0-9a-f]{20}$")]
Int = Annotated[int, Field(ge=-MAX_INTEGER, le=MAX_INTEGER)]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
Word = Annotated[str, Field(max_length=200, pattern=r"^[\x21-\x7e]*$")]


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Entry(_Fields):
    v: Literal[1] = 1
    at_us: Int = Field(description="the node's clock when the entry was made; a claim, not a proof")


class Head(_Fields):
    """Size and root of some log."""

    origin: Annotated[str, Field(min_length=1, max_length=255)]
    size: Count
    root: Hash


class Seen(_Fields):
    """The last checkpoint a quorum had cosigned when the entry was made.

    ``sha256`` is of the whole signed note. It holds the witnesses' signatures, which nobody could know before
    they were made: so the entry was not made before them.
    """

    size: Count
    sha256: Hash


class LogStart(_Entry):
    """First entry of each log. ``continues`` is the log it takes over from, and why."""

    kind: Literal["log_start"] = "log_start"
    origin: Annotated[str, Field(min_length=1, max_length=255)]
    site: SiteId
    keys: tuple[str, ...]
    continues: Head | None = None
    why: Word = ""


class _OfStream(_Entry):
    site: SiteId
    camera: CameraId
    stream: StreamName


class _OfSegment(_OfStream):
    recording: Annotated[int, Field(ge=1, le=MAX_INTEGER)]
    segment: Count

    def key(self) -> SegmentKey:
        return SegmentKey(self.site, self.camera, self.stream, self.recording, self.segment)


class Segment(_OfSegment):
    """A segment closed: its identity, its bytes, what came before it."""

    kind: Literal["segment"] = "segment"
    state: Literal["closed", "recovered"]
    bytes: Count
    sha256: Hash
    previous: Hash | None
    start_us: Int
    end_us: Int
    start_mono_us: Int
    boot: Word
    seen: Seen | None


class Cover(_OfSegment):
    """The open segment as far as it is written.

    ``digest`` is the SHA-256 of the file's first ``bytes - 32`` bytes, the last 32 being that very digest.
    """

    kind: Literal["cover"] = "cover"
    bytes: Count
    digest: Hash
    fragments: Count
    last_us: Int
    seen: Seen | None


class Gap(_OfStream):
    """An interval without recording; ``end_us`` is null while it lasts, and a second entry tells the end."""

    kind: Literal["gap"] = "gap"
    number: Count
    start_us: Int
    end_us: Int | None
    cause: Word
    detail: Word


class ClockStep(_Entry):
    kind: Literal["clock_step"] = "clock_step"
    site: SiteId
    utc_us: Int
    mono_us: Int
    boot: Word
    step_us: Int


class Software(_Entry):
    """The custody process started: with which software, in which boot."""

    kind: Literal["software"] = "software"
    version: Word
    digest: Hash
    boot: Word


class Camera(_Entry):
    """What was decided about a camera, as far as it bears on evidence."""

    kind: Literal["camera"] = "camera"
    site: SiteId
    camera: CameraId
    change: Literal["added", "changed", "removed"]
    source: Word
    enabled: bool
    record_audio: bool
    retention_us: Count | None
    retention_bytes: Count | None


class Stream(_Entry):
    """Whether the node is to record this stream of a camera, from now on."""

    kind: Literal["stream"] = "stream"
    site: SiteId
    camera: CameraId
    stream: StreamName
    change: Literal["added", "removed"]


class Retention(_Entry):
    """The node's default age at which footage is deleted, from now on."""

    kind: Literal["retention"] = "retention"
    retention_us: Count


class Account(_Entry):
    kind: Literal["account"] = "account"
    user: Pseudonym
    change: Literal["created", "disabled", "enabled", "password", "removed"]


class Hold(_Entry):
    """Retention must not touch this span from now on. ``reason`` commits to the words without telling them."""

    kind: Literal["hold"] = "hold"
    hold: Word
    site: SiteId
    camera: CameraId
    start_us: Int
    end_us: Int
    by: Pseudonym
    reason: Hash


class HoldLifted(_Entry):
    kind: Literal["hold_lifted"] = "hold_lifted"
    hold: Word
    site: SiteId
    camera: CameraId
    start_us: Int
    end_us: Int
    by: Pseudonym


class Deletion(_OfSegment):
    """A segment given up. ``age_us`` is how long after its end, by the node's clock."""

    kind: Literal["deletion"] = "deletion"
    bytes: Count
    sha256: Hash | None
    start_us: Int
    end_us: Int
    why: Word
    deleted_us: Int


class Access(_Entry):
    """Somebody used the system: looking is an act like any other."""

    kind: Literal["access"] = "access"
    act: Literal["login", "login_refused", "live", "playback", "search", "snapshot", "export", "evidence"]
    user: Pseudonym
    cameras: tuple[CameraId, ...]
    stream: StreamName | None
    start_us: Int | None
    end_us: Int | None
    manifest: Hash | None = Field(description="of an evidence bundle: SHA-256 of its manifest")


class Alarm(_Entry):
    kind: Literal["alarm"] = "alarm"
    code: Word
    camera: CameraId | None
    raised: bool


class Heartbeat(_Entry):
    """Nothing else to say: silence must be visible."""

    kind: Literal["heartbeat"] = "heartbeat"
    boot: Word
    mono_us: Int
    seen: Seen | None


Entry = (
    LogStart | Segment | Cover | Gap | ClockStep | Software | Camera | Stream | Retention | Account
    | Hold | HoldLifted | Deletion | Access | Alarm | Heartbeat
)  # fmt: skip
ENTRY_KINDS: Final[tuple[type[_Entry], ...]] = Entry.__args__

_ADAPTER: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def encode_entry(entry: Entry) -> bytes:
    """The entry's only encoding, at most 65,535 bytes."""
    return _canonical(entry.model_dump(mode="json"))


def decode_entry(data: bytes) -> Entry:
    """Raises :class:`Malformed` unless the bytes are exactly what :func:`encode_entry` would write."""
    try:
        entry = _ADAPTER.validate_json(data)
    except ValidationError as error:
        raise Malformed(f"not an entry: {error.errors()[0]['msg']}") from error
    if encode_entry(entry) != data:
        raise Malformed("entry is not in its canonical encoding")
    return entry


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def microseconds(ns: int) -> int:
    """Nanoseconds to the microseconds of entries, rounded down."""
    return ns // 1000
