"""Tracks told as events: path, best picture, zones, and when there is something new to say of each."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass, field
from typing import Any, Final

from basira.analysis.boxes import Box, Detection
from basira.analysis.event import Event, event_id
from basira.analysis.path import PathPoint
from basira.analysis.pictures import Picture, Region
from basira.analysis.tracker import Sighted, Track
from basira.analysis.zones import ZoneRules
from basira.base.clock import NS_PER_MS, NS_PER_S
from basira.base.identifiers import StreamKey

_TELL_EVERY_NS: Final = 5 * NS_PER_S
_POINT_EVERY_NS: Final = NS_PER_S
_MOST_POINTS: Final = 1000
_SNAPSHOT_PIXELS: Final = 400
_SNAPSHOT_MARGIN: Final = 0.35
_BETTER: Final = 1.15  # a picture must be this much better than the best so far to be worth encoding
_CUT_OFF: Final = 0.01
_MOST_HELD: Final = 4  # decoded pictures, some megabytes each


@dataclass(slots=True)
class Visit:
    """What is known of one track beyond where it is."""

    recording: int
    ordinal: int  # among those first seen in the same picture
    path: list[PathPoint] = field(default_factory=list)
    quality: float = 0.0
    score: float = 0.0
    snapshot_utc_ns: int = 0
    jpeg: bytes = b""
    jpeg_told: bool = False
    zones: list[str] = field(default_factory=list)
    zones_told: int = 0
    told_utc_ns: int = 0
    best: tuple[Picture, Region] | None = None  # not encoded yet: whatever comes may show more

    def encode(self) -> None:
        """Make the best picture the one that is told, and let go of the frame it is part of."""
        if self.best is not None:
            picture, region = self.best
            self.jpeg, self.jpeg_told, self.best = picture.jpeg(region, _SNAPSHOT_PIXELS), False, None

    def save(self) -> dict[str, Any]:
        self.encode()
        saved = {name: getattr(self, name) for name in self.__slots__ if name != "best"}
        return saved | {"jpeg": base64.b64encode(self.jpeg).decode()}

    @classmethod
    def load(cls, saved: dict[str, Any]) -> Visit:
        path = [PathPoint(utc_ns, Box(*box), score) for utc_ns, box, score in saved["path"]]
        return cls(**{**saved, "path": path, "jpeg": base64.b64decode(saved["jpeg"])})


class Visits:
    """The visits of one stream's tracks."""

    def __init__(self, stream: StreamKey, rules: ZoneRules) -> None:
        self.rules = rules
        self._stream = stream
        self._visits: dict[int, Visit] = {}

    def sighted(self, result: Sighted, picture: Picture, recording: int) -> None:
        """Take in one picture's sightings."""
        begun = 0
        for track, found in result.seen:
            visit = self._visits.get(track.ordinal)
            if visit is None:
                visit = self._visits[track.ordinal] = Visit(recording, begun)
                begun += 1
            _extend(visit.path, PathPoint(picture.utc_ns, found.box, found.score))
            for zone in self.rules.alerts(track.label, found.box, picture.utc_ns):
                if zone not in visit.zones:
                    visit.zones.append(zone)
            quality = _quality(found)
            if quality > visit.quality * _BETTER:
                visit.quality, visit.score, visit.snapshot_utc_ns = quality, found.score, picture.utc_ns
                visit.best = picture, picture.region(found.box.grown(_SNAPSHOT_MARGIN))
        if len({id(visit.best[0]) for visit in self._visits.values() if visit.best}) > _MOST_HELD:
            self._encode()

    def news(self, tracks: list[Track], ended: list[Track], known_to_utc_ns: int, progress: int) -> list[Event]:
        """The events that have something new to say, the footage being known up to an instant and a place."""
        events = [self._tell(track, known_to_utc_ns, progress) for track in ended]
        live = {track.ordinal for track in tracks}
        self._visits = {ordinal: visit for ordinal, visit in self._visits.items() if ordinal in live}
        self._encode()
        for track in tracks:
            visit = self._visits.get(track.ordinal)
            if track.confirmed and visit is not None and _is_news(visit, known_to_utc_ns):
                events.append(self._tell(track, known_to_utc_ns, progress))
        return events

    def save(self) -> list[Any]:
        return [[ordinal, visit.save()] for ordinal, visit in self._visits.items()]

    def load(self, saved: list[Any]) -> None:
        self._visits = {ordinal: Visit.load(visit) for ordinal, visit in saved}

    def _encode(self) -> None:
        for visit in self._visits.values():
            visit.encode()

    def _tell(self, track: Track, known_to_utc_ns: int, progress: int) -> Event:
        visit = self._visits[track.ordinal]
        visit.encode()
        jpeg = b"" if visit.jpeg_told else visit.jpeg
        visit.told_utc_ns, visit.zones_told, visit.jpeg_told = known_to_utc_ns, len(visit.zones), True
        path = [point for point in visit.path if point.utc_ns <= track.last_utc_ns]
        if path[-1].utc_ns != track.last_utc_ns:
            path.append(PathPoint(track.last_utc_ns, track.box, path[-1].score))
        return Event(
            id=event_id(self._stream, visit.recording, track.first_utc_ns, track.first_label, visit.ordinal),
            stream_key=self._stream,
            recording=visit.recording,
            label=track.label,
            score=round(visit.score, 4),
            start_utc_ns=track.first_utc_ns,
            end_utc_ns=track.last_utc_ns,
            ongoing=not track.ended,
            alert=bool(visit.zones),
            zones=tuple(visit.zones),
            path=tuple(path),
            snapshot_utc_ns=visit.snapshot_utc_ns,
            progress=progress,
            jpeg=jpeg,
        )


def _is_news(visit: Visit, known_to_utc_ns: int) -> bool:
    return (
        visit.told_utc_ns == 0
        or len(visit.zones) > visit.zones_told
        or abs(known_to_utc_ns - visit.told_utc_ns) >= _TELL_EVERY_NS
    )


def _extend(path: list[PathPoint], point: PathPoint) -> None:
    """Keep a point a second, and more while the object moves."""
    if path:
        passed_ns = point.utc_ns - path[-1].utc_ns
        if passed_ns <= 0:
            return  # the clock was set back a little
        moved = max(abs(one - other) for one, other in zip(point.box, path[-1].box, strict=True))
        if passed_ns < _POINT_EVERY_NS and (moved < 0.01 or passed_ns < 150 * NS_PER_MS):
            return
    path.append(point)
    if len(path) > _MOST_POINTS:
        del path[1:-1:2]


def _quality(found: Detection) -> float:
    """How good a picture of the object this is: sure, large, and not cut off by the edge."""
    whole = min(found.box.x0, found.box.y0, 1 - found.box.x1, 1 - found.box.y1) > _CUT_OFF
    large = math.sqrt(math.sqrt(min(1.0, found.box.area * 8)))
    return found.score * large * (1.0 if whole else 0.7)
