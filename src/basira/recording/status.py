"""What the recorder says of itself over its socket: plain data, made from memory alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.recording.rows import GapRow
from basira.recording.supervisor import StreamSupervisor

_WINDOW_NS: Final = 2 * NS_PER_S


@dataclass(slots=True)
class RateMeter:
    """Frames and bits a second over the last few seconds, from counters sampled now and then."""

    mono_ns: int = 0
    packets: int = 0
    bytes: int = 0
    frame_rate: float = 0.0
    bit_rate: float = 0.0

    def sample(self, mono_ns: int, packets: int, bytes_: int) -> None:
        if self.mono_ns and mono_ns - self.mono_ns < _WINDOW_NS:
            return
        if self.mono_ns:
            elapsed_s = (mono_ns - self.mono_ns) / NS_PER_S
            self.frame_rate = round((packets - self.packets) / elapsed_s, 2)
            self.bit_rate = round((bytes_ - self.bytes) * 8 / elapsed_s)
        self.mono_ns, self.packets, self.bytes = mono_ns, packets, bytes_


def stream_status(supervisor: StreamSupervisor, meter: RateMeter) -> dict[str, Any]:
    """State of one stream, as ``CameraStreamState`` of docs/api.md with times in ``_ns``, and its counters."""
    connection, recorder = supervisor.connection, supervisor.recorder
    gap = recorder.ledger.open_gap
    state: str = connection.state
    if state == "recording" and gap is not None:
        state = "stalled"
    elif state == "recording" and not recorder.is_recording:
        state = "connecting"
    error: dict[str, Any] | None = error_status(connection.error)
    if error is None and recorder.disk_error:
        error = error_status(BasiraError("storage_not_writable", reason=recorder.disk_error))
    stream = connection.stream_format
    return {
        "state": state,
        "since_ns": connection.since_utc_ns,
        "error": error,
        "frame_rate": meter.frame_rate if state == "recording" else 0.0,
        "bit_rate": meter.bit_rate if state == "recording" else 0.0,
        "codec": stream.video.codec if stream else None,
        "width": stream.video.width if stream else None,
        "height": stream.video.height if stream else None,
        "notices": list(stream.notices) if stream else [],
        "last_fragment_ns": recorder.counters.last_fragment_utc_ns or None,
        "gap": gap_status(gap),
        "attempts": connection.attempts,
        "counters": asdict(recorder.counters),
    }


def stopped_status(since_utc_ns: int, gap: GapRow | None) -> dict[str, Any]:
    """State of a stream that is not to be recorded now."""
    return {
        "state": "stopped", "since_ns": since_utc_ns, "error": None, "frame_rate": 0.0, "bit_rate": 0.0,
        "codec": None, "width": None, "height": None, "notices": [], "last_fragment_ns": None,
        "gap": gap_status(gap), "attempts": 0, "counters": {},
    }  # fmt: skip


def gap_status(gap: GapRow | None) -> dict[str, Any] | None:
    if gap is None:
        return None
    return {"start_ns": gap.start_utc_ns, "cause": gap.cause, "detail": gap.detail}


def error_status(error: BasiraError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {
        "code": error.code,
        "message": {"ar": error.message("ar"), "en": error.message("en")},
        "params": error.params,
    }
