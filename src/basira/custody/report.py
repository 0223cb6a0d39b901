"""The printable report in a bundle, in Arabic and English: what a judge reads before anybody runs a verifier."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import av
from jinja2 import Environment, PackageLoader

from basira.custody.entries import Access, Gap, Segment, decode_entry, microseconds
from basira.custody.evidence import Collected
from basira.custody.findings import Bracket
from basira.custody.manifest import video_name
from basira.custody.words import ACTS, CAUSES
from basira.replay.decoding import encode_jpeg

REPORT: Final = "report.html"


def _utc(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


_PAGES: Final = Environment(loader=PackageLoader("basira.custody"), autoescape=True)
_PAGES.filters["utc"] = _utc


def write_report(folder: Path, collected: Collected) -> None:
    """Put ``report.html`` and its pictures into the staged bundle (a decorator of ``make_evidence``)."""
    entries = [decode_entry(data) for _, data in collected.entries]
    request = collected.request
    start_us, end_us = microseconds(request.start_utc_ns), microseconds(request.end_utc_ns)
    segments = [entry for entry in entries if isinstance(entry, Segment)]
    # The later of two entries about one gap tells its end.
    numbered = {entry.number: entry for entry in entries if isinstance(entry, Gap)}
    gaps = [gap for gap in numbered.values() if gap.stream == request.stream]
    html = _PAGES.get_template("report.html.j2").render(
        site=segments[0].site if segments else "",
        site_name=collected.site_name,
        cameras=collected.cameras,
        start_us=start_us,
        end_us=end_us,
        pictures=_first_pictures(folder, collected),
        lanes=[_lane(camera.id, segments, gaps, start_us, end_us) for camera in collected.cameras],
        segments=segments,
        gaps=gaps,
        accesses=[entry for entry in entries if isinstance(entry, Access)],
        causes=CAUSES,
        acts=ACTS,
        result=collected.result,
        bracket=_bracket(collected.result.bracket, start_us, end_us),
    )
    (folder / REPORT).write_text(html, "utf-8")


def _first_pictures(folder: Path, collected: Collected) -> list[dict[str, Any]]:
    """The first picture of each camera's first segment, as JPEG beside the report."""
    pictures: list[dict[str, Any]] = []
    for camera in collected.cameras:
        first = next((segment for segment in collected.segments if segment.key.camera == camera.id), None)
        if first is None:
            continue
        with av.open(str(folder / video_name(first.key))) as video:
            frame = next(video.decode(video=0), None)
        if frame is None:
            continue
        path = f"pictures/{camera.id}.jpg"
        (folder / "pictures").mkdir(exist_ok=True)
        (folder / path).write_bytes(encode_jpeg(frame))
        pictures.append({"path": path, "camera": camera.id, "at_us": microseconds(first.start_utc_ns)})
    return pictures


def _lane(camera: str, segments: list[Segment], gaps: list[Gap], start_us: int, end_us: int) -> dict[str, Any]:
    """Bars of one camera's time line, in thousandths of the span."""

    def bar(begin: int, end: int, gap: bool) -> dict[str, Any]:
        left, right = max(begin, start_us), min(end, end_us)
        scale = 1000 / max(1, end_us - start_us)
        return {"x": round((left - start_us) * scale, 2), "width": round(max(0, right - left) * scale, 2), "gap": gap}

    bars = [bar(entry.start_us, entry.end_us, False) for entry in segments if entry.camera == camera]
    bars += [
        bar(gap.start_us, end_us if gap.end_us is None else gap.end_us, True) for gap in gaps if gap.camera == camera
    ]
    return {"camera": camera, "bars": bars}


def _bracket(bracket: Bracket, start_us: int, end_us: int) -> dict[str, Any]:
    """Where the claimed span lies between the proven instants, in thousandths; an end nobody vouches for is open."""
    instants = [start_us, end_us]
    instants += [second * 1_000_000 for second in (bracket.not_before_s, bracket.not_after_s) if second is not None]
    first, last = min(instants), max(instants)

    def x(us: int) -> float:
        return round(100 + 800 * (us - first) / max(1, last - first), 2)

    before, after = bracket.not_before_s, bracket.not_after_s
    return {
        "not_before": None if before is None else {"x": x(before * 1_000_000), "at_us": before * 1_000_000},
        "not_after": None if after is None else {"x": x(after * 1_000_000), "at_us": after * 1_000_000},
        "start": x(start_us), "width": max(2.0, x(end_us) - x(start_us)),
    }  # fmt: skip
