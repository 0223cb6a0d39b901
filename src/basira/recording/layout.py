"""The bytes of a segment file: docs/recording-format.md is the prose, this is the code.

A segment is an ordinary fragmented MP4 (ISO/IEC 14496-12) with two private ``uuid`` boxes that every player skips::

    ftyp  uuid(SEGMENT)  moov  { moof  mdat  uuid(COMMIT) }*

The SEGMENT box names the recording in JSON. Each COMMIT box closes one fragment: the fragment counts as recorded
only when its COMMIT box is whole and its digest agrees. The digest covers *every* byte of the file before it, so
each commit seals all that went before and the last one seals the file.
"""

from __future__ import annotations

import enum
import hashlib
import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from basira.base.errors import BasiraError
from basira.base.identifiers import CameraId, SegmentKey, SiteId, StreamName

SEGMENT_BOX_UUID: Final = bytes.fromhex("6261736972615e7365676d656e740001")
COMMIT_BOX_UUID: Final = bytes.fromhex("6261736972615e636f6d6d6974000001")

VIDEO_TIMESCALE: Final = 90_000
VIDEO_TRACK: Final = 1
AUDIO_TRACK: Final = 2

# size, 'uuid', usertype, version, suite, flags, fragment, dts, duration, offset, length, utc, mono, camera, digest
_COMMIT: Final = struct.Struct(">I4s16sBBHIQIQIqqq32s")
COMMIT_LENGTH: Final = _COMMIT.size
_DIGEST_LENGTH: Final = 32
COMMIT_VERSION: Final = 1
_MAX_HEADER_LENGTH: Final = 65_536
_SCAN: Final = 1 << 20


class CommitFlag(enum.IntFlag):
    """What a COMMIT box says of its fragment in single bits."""

    STARTS_WITH_KEYFRAME = 1
    LAST_OF_SEGMENT = 2
    CLOCK_SYNCHRONISED = 4
    HAS_CAMERA_TIME = 8
    HAS_AUDIO = 16


# A file may say anything; what it says must fit the index, sums of it too.
Nanoseconds = Annotated[int, Field(ge=-(2**62), le=2**62)]
Figure = Annotated[int, Field(ge=0, lt=2**31)]


class TrackHeader(BaseModel):
    """One track of the segment. ``codec`` is the RFC 6381 string that browsers ask for (``avc1.64001f``)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int
    kind: Literal["video", "audio"]
    codec: str
    timescale: Figure
    width: Figure = 0
    height: Figure = 0
    sample_rate: Figure = 0
    channels: Figure = 0


class GapHeader(BaseModel):
    """An interval without recording before this segment; kept in the file so that the index can be rebuilt."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    start_utc_ns: Nanoseconds
    end_utc_ns: Nanoseconds
    cause: str
    detail: str = ""


class SegmentHeader(BaseModel):
    """The SEGMENT box: who and what this file is, written before its first fragment."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    v: Literal[1] = 1
    site: SiteId
    camera: CameraId
    stream: StreamName
    recording: int = Field(ge=1)
    segment: int = Field(ge=0)
    reason: str = Field(description="why a new segment began: start, length, reconnect, codec, clock, ...")
    start_utc_ns: Nanoseconds
    start_mono_ns: Nanoseconds
    boot_id: str
    clock_step_ns: Nanoseconds = 0
    previous_sha256: str | None = Field(None, description="hex SHA-256 of this stream's previous segment file")
    gaps: tuple[GapHeader, ...] = Field((), description="since this stream's previous segment")
    tracks: tuple[TrackHeader, ...]
    writer: str

    def key(self) -> SegmentKey:
        return SegmentKey(self.site, self.camera, self.stream, self.recording, self.segment)

    def encode(self) -> bytes:
        """The whole ``uuid`` box, JSON with sorted keys and no white space."""
        body = json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":")).encode()
        return struct.pack(">I4s16s", 24 + len(body), b"uuid", SEGMENT_BOX_UUID) + body


@dataclass(frozen=True, slots=True)
class Commit:
    """One committed fragment.

    ``offset``/``length`` are the bytes of ``moof`` + ``mdat``; ``dts`` and ``duration`` count 1/90000 s from the
    start of the segment; ``utc_ns`` and ``mono_ns`` are when the fragment's first packet arrived; ``camera_ns``
    is the camera's own clock for that packet (RTCP), 0 when it offers none.
    """

    fragment: int
    flags: CommitFlag
    dts: int
    duration: int
    offset: int
    length: int
    utc_ns: int
    mono_ns: int
    camera_ns: int
    suite: int = 0

    @property
    def end(self) -> int:
        """Offset of the first byte after the COMMIT box."""
        return self.offset + self.length + COMMIT_LENGTH

    @property
    def starts_with_keyframe(self) -> bool:
        return CommitFlag.STARTS_WITH_KEYFRAME in self.flags

    def encode_prefix(self) -> bytes:
        """The box without its digest, the last 32 bytes."""
        whole = _COMMIT.pack(
            COMMIT_LENGTH, b"uuid", COMMIT_BOX_UUID, COMMIT_VERSION, self.suite, int(self.flags), self.fragment,
            self.dts, self.duration, self.offset, self.length, self.utc_ns, self.mono_ns, self.camera_ns,
            bytes(_DIGEST_LENGTH),
        )  # fmt: skip
        return whole[:-_DIGEST_LENGTH]


def decode_commit(box: bytes) -> tuple[Commit, bytes]:
    """Parse a COMMIT box of exactly :data:`COMMIT_LENGTH` bytes into the commit and its digest.

    Raises ValueError when it is not one.
    """
    if len(box) != COMMIT_LENGTH:
        raise ValueError("short commit box")
    (size, kind, usertype, version, suite, flags, fragment, dts, duration, offset, length, utc, mono, cam, digest) = (
        _COMMIT.unpack(box)
    )  # fmt: skip
    if (size, kind, usertype) != (COMMIT_LENGTH, b"uuid", COMMIT_BOX_UUID):
        raise ValueError("not a commit box")
    if version != COMMIT_VERSION:
        raise ValueError(f"commit version {version}")
    commit = Commit(fragment, CommitFlag(flags), dts, duration, offset, length, utc, mono, cam, suite)
    return commit, digest


class Sealer:
    """Running SHA-256 of a segment being written; makes each COMMIT box."""

    def __init__(self, init: bytes) -> None:
        self._hash = hashlib.sha256(init)

    def seal(self, fragment: bytes | bytearray | memoryview, commit: Commit) -> bytes:
        """Take in the fragment's ``moof`` + ``mdat`` and return its COMMIT box."""
        self._hash.update(fragment)
        prefix = commit.encode_prefix()
        self._hash.update(prefix)
        digest = self._hash.digest()
        self._hash.update(digest)
        return prefix + digest

    def sha256(self) -> bytes:
        """SHA-256 of every byte of the file so far, the last COMMIT box included."""
        return self._hash.digest()


def read_at(file: BinaryIO, size: int, offset: int) -> bytes:
    """``size`` bytes from ``offset`` on; fewer only where the file ends. Raises OSError.

    The kernel ends a read short before a place that the disk does not give back: that is no end of the file.
    """
    data = os.pread(file.fileno(), size, offset)
    while 0 < len(data) < size and (more := os.pread(file.fileno(), size - len(data), offset + len(data))):
        data += more
    return data


def read_box_header(file: BinaryIO, offset: int, end: int) -> tuple[bytes, int] | None:
    """Type and size of the box at ``offset``, or None when the bytes up to ``end`` do not hold it whole."""
    if end - offset < 8:
        return None
    head = read_at(file, 16, offset)
    if len(head) < 8:
        return None
    size, kind = struct.unpack_from(">I4s", head)
    if size == 1 and len(head) == 16:
        size = struct.unpack_from(">Q", head, 8)[0]
    if size < 8 or offset + size > end:
        return None
    return kind, size


def read_header(file: BinaryIO) -> tuple[SegmentHeader, int]:
    """The segment header and the length of the initialisation section (``ftyp``, ``uuid``, ``moov``), bytes.

    Raises BasiraError ``segment_header_damaged``.
    """

    def damaged(reason: str) -> BasiraError:
        return BasiraError("segment_header_damaged", path=Path(file.name).name, reason=reason)

    end = os.fstat(file.fileno()).st_size
    header: SegmentHeader | None = None
    offset = 0
    for _ in range(8):
        box = read_box_header(file, offset, end)
        if box is None:
            raise damaged("it ends before its first fragment")
        kind, size = box
        if kind == b"uuid" and size <= _MAX_HEADER_LENGTH:
            body = read_at(file, size, offset)
            if body[8:24] == SEGMENT_BOX_UUID:
                try:
                    header = SegmentHeader.model_validate_json(body[24:])
                except ValidationError as error:
                    raise damaged(f"bad header field {error.errors()[0]['loc']}") from error
        offset += size
        if kind == b"moov":
            if header is None:
                raise damaged("no segment header before moov")
            return header, offset
    raise damaged("no moov box")


def walk_commits(file: BinaryIO, offset: int, fragment: int = 0) -> Iterator[Commit]:
    """Committed fragments from ``offset`` on, by their box lengths alone: cheap, follows a file being written.

    Stops silently where the file does not (yet) hold another whole fragment with its COMMIT box. Does not
    verify digests: :func:`verify_commits` does. Raises OSError when the disk does not give the bytes back.
    """
    end = os.fstat(file.fileno()).st_size
    while True:
        moof = read_box_header(file, offset, end)
        if moof is None or moof[0] != b"moof":
            return
        mdat = read_box_header(file, offset + moof[1], end)
        if mdat is None or mdat[0] != b"mdat":
            return
        at = offset + moof[1] + mdat[1]
        if end - at < COMMIT_LENGTH:
            return
        try:
            commit, _ = decode_commit(read_at(file, COMMIT_LENGTH, at))
        except ValueError:
            return
        if (commit.offset, commit.length, commit.fragment) != (offset, moof[1] + mdat[1], fragment):
            return
        yield commit
        offset = commit.end
        fragment += 1


@dataclass(frozen=True, slots=True)
class Verified:
    """What the digests of a segment file vouch for."""

    header: SegmentHeader
    init_length: int
    commits: tuple[Commit, ...]
    length: int
    sha256: bytes
    file_length: int

    @property
    def torn_bytes(self) -> int:
        """Bytes after the last good commit: a torn last write, or damage."""
        return self.file_length - self.length

    @property
    def closed(self) -> bool:
        return bool(self.commits) and CommitFlag.LAST_OF_SEGMENT in self.commits[-1].flags


def verify_commits(file: BinaryIO) -> Verified:
    """Read a whole segment file and check every digest, up to the first that fails.

    ``length`` and ``sha256`` are of the part vouched for. Raises BasiraError ``segment_header_damaged``, and OSError
    when the disk does not give the bytes back: a file that cannot be read is not a shorter file.
    """
    header, init_length = read_header(file)
    sealed = hashlib.sha256(read_at(file, init_length, 0))
    commits: list[Commit] = []
    length, good = init_length, sealed.digest()
    for commit in walk_commits(file, init_length):
        sealed.update(read_at(file, commit.length + COMMIT_LENGTH - _DIGEST_LENGTH, commit.offset))
        digest = read_at(file, _DIGEST_LENGTH, commit.end - _DIGEST_LENGTH)
        if sealed.digest() != digest:
            break
        sealed.update(digest)
        commits.append(commit)
        length, good = commit.end, sealed.digest()
    return Verified(header, init_length, tuple(commits), length, good, os.fstat(file.fileno()).st_size)


def is_unbegun(file: BinaryIO) -> bool:
    """Whether power or the disk failed before the file's first fragment was whole: it begins as a segment does, or
    never got further than length, and holds no trace of a COMMIT box."""
    head = read_at(file, 8, 0)
    if not b"ftyp".startswith(head[4:]) and any(head):
        return False
    offset, overlap = 0, len(COMMIT_BOX_UUID) - 1
    while block := read_at(file, _SCAN, offset):
        if COMMIT_BOX_UUID in block:
            return False
        if len(block) < _SCAN:
            return True
        offset += len(block) - overlap
    return True


_GOP: Final = struct.Struct(">IIII")


@dataclass(frozen=True, slots=True)
class Gop:
    """A group of pictures as the index keeps it: bytes from its first ``moof`` to its last COMMIT box, and its time.

    ``dts`` and ``duration`` count 1/90000 s from the start of the segment.
    """

    offset: int
    length: int
    dts: int
    duration: int


def gops_of(commits: list[Commit] | tuple[Commit, ...]) -> list[Gop]:
    """Group committed fragments by keyframe. A segment starts with a keyframe, so no fragment is left over."""
    gops: list[Gop] = []
    for commit in commits:
        if commit.starts_with_keyframe or not gops:
            gops.append(Gop(commit.offset, commit.end - commit.offset, commit.dts, commit.duration))
        else:
            last = gops[-1]
            gops[-1] = Gop(last.offset, commit.end - last.offset, last.dts, commit.dts + commit.duration - last.dts)
    return gops


def pack_gops(gops: list[Gop]) -> bytes:
    """The ``gops`` column of the index: 16 bytes a GOP, big-endian offset, length, dts, duration."""
    return b"".join(_GOP.pack(gop.offset, gop.length, gop.dts, gop.duration) for gop in gops)


def unpack_gops(packed: bytes) -> list[Gop]:
    """Inverse of :func:`pack_gops`."""
    return [Gop(*fields) for fields in _GOP.iter_unpack(packed)]
