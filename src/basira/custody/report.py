"""The printable report in a bundle, in Arabic and English: what a judge reads before anybody runs a verifier."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import av
import cv2
from jinja2 import Environment, PackageLoader

from basira.custody.entries import Access, Gap, Segment, decode_entry, microseconds
from basira.custody.evidence import Collected
from basira.custody.manifest import video_name

REPORT: Final = "report.html"
_CAUSES: Final = {
    "camera": ("الكاميرا",), "link": ("الشبكة",), "power": ("انقطاع التيار",), "disk": ("القرص",),
    "operator": ("أوقفها مشغّل",), "recorder": ("المسجّل",), "clock": ("الساعة",), "unknown": ("غير معروف",),
}  # fmt: skip


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
        causes=_CAUSES,
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
        encoded, jpeg = cv2.imencode(".jpg", frame.to_ndarray(format="bgr24"), [cv2.IMWRITE_JPEG_QUALITY, 85])
        if encoded:
            path = f"pictures/{camera.id}.jpg"
            (folder / "pictures").mkdir(exist_ok=True)
            (folder / path).write_bytes(jpeg.tobytes())
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
