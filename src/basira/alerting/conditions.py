"""What is wrong now: the recorder's own alarms, and what it cannot tell of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from basira.alerting.alarms import Condition
from basira.alerting.processes import ProcessReport
from basira.base.errors import BasiraError
from basira.base.messages import MESSAGES
from basira.custody.home import CustodyHome
from basira.custody.standing import read_standing

GAP: Final = "recording_gap"
# Sooner than this before the disk is full somebody should know.
DISK_FULL_SOON_S: Final = 3 * 86_400.0


def of_recorder(status: Mapping[str, Any] | None, silent_since_utc_ns: int | None) -> Iterable[Condition]:
    """The alarms in the recorder's answer; that it is down, when it has not answered for too long."""
    if silent_since_utc_ns is not None:
        yield Condition("recorder_down", "error", since_utc_ns=silent_since_utc_ns)
    for alarm in status["alarms"] if status else ():
        # A recorder of another version may know alarms that this web process has no words for. Gaps are told below,
        # stream by stream.
        if alarm["code"] in MESSAGES and alarm["code"] != GAP:
            stream = {"stream": alarm["stream"]} if alarm["stream"] else {}
            yield Condition(
                alarm["code"], alarm["severity"], alarm["camera"], alarm["params"] | stream,
                since_utc_ns=alarm["since_ns"],
            )  # fmt: skip


def of_gaps(status: Mapping[str, Any] | None) -> Iterable[Condition]:
    """Streams that should be recorded and are not."""
    for camera, streams in status["cameras"].items() if status else ():
        for stream, state in streams.items():
            gap = state["gap"]
            if gap is not None and state["state"] != "stopped":
                params = {"camera": camera, "stream": stream, "cause": gap["cause"]}
                yield Condition(GAP, "error", camera, params, since_utc_ns=gap["start_ns"])


def of_clock(status: Mapping[str, Any] | None) -> Iterable[Condition]:
    """That the node's clock is not synchronised, which makes every time it writes doubtful."""
    if status is not None and status["clock"]["synchronised"] is False:
        yield Condition("clock_not_synchronised", "warning")


def of_processes(reports: Iterable[ProcessReport]) -> Iterable[Condition]:
    """That analysis, scrubber or the log do not run. The recorder is judged by its answers."""
    for report in reports:
        if report.name == "scrubber" and report.state == "stopped":
            yield Condition("scrubber_down", "warning")
        if report.name == "analysis" and report.state == "stopped":
            yield Condition("analysis_down", "error")
        if report.name == "custody" and report.state == "stopped":
            yield Condition("custody_down", "error")


def of_custody(home: CustodyHome) -> Iterable[Condition]:
    """That the node's log signs nothing any more, or that too few of its witnesses answer."""
    try:
        standing = read_standing(home)
    except (BasiraError, SQLAlchemyError):
        return  # not begun, or not to be read: the process that writes it is judged elsewhere
    if standing.state == "refusing":
        yield Condition("custody_refuses", "error", params={"reason": standing.reason})
    elif standing.state == "signing" and standing.problem is not None and standing.cosigned_size:
        yield Condition("evidence_waits_for_quorum", "warning")


class Behind:
    """Which cameras' analysis is behind their recording: by more than ``limit_s``, until it is by half as much."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._behind: set[str] = set()

    def update(self, lag_s: Mapping[str, float | None]) -> Iterable[Condition]:
        """With the lags as they are now."""
        for camera, behind_s in lag_s.items():
            limit_s = self._limit_s / 2 if camera in self._behind else self._limit_s
            if behind_s is not None and behind_s > limit_s:
                self._behind.add(camera)
                yield Condition("analysis_behind", "warning", camera, {"lag_s": round(behind_s)})
            else:
                self._behind.discard(camera)


def of_sight(streams: Iterable[Mapping[str, Any]]) -> Iterable[Condition]:
    """Cameras that are covered, turned away, or send a frozen picture."""
    for stream in streams:
        # An analysis of another version may say what this process has no words for.
        if stream.get("sight") in MESSAGES:
            yield Condition(stream["sight"], "error", stream["camera"], since_utc_ns=stream["sight_since_ns"])


def of_haste(streams: Iterable[Mapping[str, Any]]) -> Iterable[Condition]:
    """That the analysis passes over what happens between keyframes, because the machine does not keep up."""
    since_ns = [stream["hurried_since_ns"] for stream in streams if stream.get("hurried_since_ns") is not None]
    if since_ns:
        yield Condition("analysis_hurries", "warning", params={"cameras": len(since_ns)}, since_utc_ns=min(since_ns))


def of_scrubber(status: Mapping[str, Any]) -> Iterable[Condition]:
    """Footage that is not what it was when it was recorded; one alarm a camera, which names the first segment."""
    for camera, found in status.get("damaged", {}).items():
        params = {"path": found["path"], "segments": found["segments"]}
        yield Condition("scrub_found_damage", "error", camera, params, since_utc_ns=found["since_ns"])


def of_disk(full_in_s: float | None) -> Iterable[Condition]:
    """That the disk will be full before retention settles."""
    if full_in_s is not None and full_in_s < DISK_FULL_SOON_S:
        yield Condition("disk_full_soon", "warning", params={"hours": round(full_in_s / 3600, 1)})
