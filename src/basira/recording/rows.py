"""Rows of the index as the recorder speaks of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from basira.base.clock import NS_PER_S
from basira.base.identifiers import SegmentKey, StreamKey
from basira.recording.layout import VIDEO_TIMESCALE, Commit, SegmentHeader, Verified, gops_of, pack_gops

SegmentState = Literal["open", "closed", "recovered"]
GapCause = Literal["camera", "link", "power", "disk", "operator", "recorder", "clock", "unknown"]


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One row of ``segments``. ``length`` is its column ``bytes``; ``reason`` is its recording's."""

    key: SegmentKey
    state: SegmentState
    path: str
    storage: str
    start_utc_ns: int
    end_utc_ns: int
    start_mono_ns: int
    boot_id: str
    length: int
    init_length: int
    sha256: bytes | None
    fragments: int
    gops: bytes
    video_codec: str
    audio_codec: str | None
    width: int
    height: int
    reason: str = ""

    def values(self) -> dict[str, Any]:
        """Columns of ``segments``."""
        values = {name: getattr(self, name) for name in self.__slots__ if name not in ("key", "reason", "length")}
        return {**self.key._asdict(), **values, "bytes": self.length}


@dataclass(frozen=True, slots=True)
class GapRow:
    """One row of ``gaps``. ``end_utc_ns`` is None while it lasts."""

    stream: StreamKey
    start_utc_ns: int
    end_utc_ns: int | None
    cause: GapCause
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ClockStepRow:
    """The wall clock jumped by ``step_ns`` and read ``utc_ns`` afterwards."""

    site: str
    utc_ns: int
    mono_ns: int
    boot_id: str
    step_ns: int


def end_of(header: SegmentHeader, commits: tuple[Commit, ...] | list[Commit]) -> int:
    """Wall-clock time at which the last of the fragments ends."""
    if not commits:
        return header.start_utc_ns
    last = commits[-1]
    return header.start_utc_ns + (last.dts + last.duration) * NS_PER_S // VIDEO_TIMESCALE


def row_of(
    header: SegmentHeader,
    *,
    state: SegmentState,
    path: str,
    storage: str,
    commits: tuple[Commit, ...] | list[Commit],
    init_length: int,
    length: int,
    sha256: bytes | None,
) -> SegmentRow:
    """The row of a file whose first ``length`` bytes hold ``commits``."""
    video = next((track for track in header.tracks if track.kind == "video"), None)
    audio = next((track for track in header.tracks if track.kind == "audio"), None)
    return SegmentRow(
        key=header.key(),
        state=state,
        path=path,
        storage=storage,
        start_utc_ns=header.start_utc_ns,
        end_utc_ns=end_of(header, commits),
        start_mono_ns=header.start_mono_ns,
        boot_id=header.boot_id,
        length=length,
        init_length=init_length,
        sha256=sha256,
        fragments=len(commits),
        gops=b"" if state == "open" else pack_gops(gops_of(commits)),
        video_codec=video.codec if video else "",
        audio_codec=audio.codec if audio else None,
        width=video.width if video else 0,
        height=video.height if video else 0,
        reason=header.reason,
    )


def row_of_verified(verified: Verified, path: str, storage: str) -> SegmentRow:
    """The row of a file as its digests vouch for it: ``closed`` when it says so itself, else ``recovered``."""
    return row_of(
        verified.header,
        state="closed" if verified.closed else "recovered",
        path=path,
        storage=storage,
        commits=verified.commits,
        init_length=verified.init_length,
        length=verified.length,
        sha256=verified.sha256,
    )
