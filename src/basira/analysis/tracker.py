"""Detections of one object in one picture after another, tied together.

Our own, and small, though there are libraries (norfair, supervision's ByteTrack): they count frames, where our
pictures come 0.2 s apart while something moves and a keyframe interval apart while it stands; and their state cannot
be stored with the cursor and taken up again bit for bit, which is what makes a restart change nothing.

Two passes as in ByteTrack (Zhang et al. 2022): what the detector is sure of first, then the weak detections, which
may only continue a track. A track begins only where the picture changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from basira.analysis.boxes import Box, Detection, alike, covered, overlap
from basira.analysis.coco import ALIKE_CLASSES
from basira.base.clock import NS_PER_S

# The part of a box that must have changed for it to be a thing that came, not a post that was always there.
BEGIN_CHANGED: Final = 0.3
_CONTINUE_CHANGED: Final = 0.1
_CONFIRM_HITS: Final = 2
# A thing that came has moved by this much of its size, or has kept its place changed for this many sightings on end;
# a cone that people pass in front of has done neither.
_CONFIRM_MOVED: Final = 0.35
_CONFIRM_HITS_IN_PLACE: Final = 6
_FIXTURE_NS: Final = 5 * NS_PER_S
_TENTATIVE_NS: Final = 3 * NS_PER_S
_LOST_NS: Final = 5 * NS_PER_S
_LOST_STILL_NS: Final = 30 * NS_PER_S
_LEFT_NS: Final = 1 * NS_PER_S
_EDGE: Final = 0.02
_LOOKS_BEFORE_LOST: Final = 2
_STILL_OVERLAP: Final = 0.6
_PREDICT_AT_MOST_S: Final = 1.0
_VELOCITY_GAIN: Final = 0.5
_LEAST_LIKENESS: Final = 0.12
_IN_PLACE: Final = 0.8  # as like as that is known to be the same, whatever else is near
_JUST_NOW_NS: Final = NS_PER_S
_YOUNG: Final = 3
_GLIMPSED: Final = 0.5
# Two sightings, if sure; three otherwise.
_SURE_VOTES: Final = 1.1
_GONE_NS: Final = 2 * NS_PER_S
_NOWHERE: Final = Box(0, 0, 0, 0)


@dataclass(slots=True)
class Track:
    """One object so far. Times are UTC nanoseconds; velocity in picture widths and heights a second."""

    ordinal: int
    first_label: str
    first_utc_ns: int
    last_utc_ns: int
    box: Box
    votes: dict[str, float]
    velocity: tuple[float, float] = (0.0, 0.0)
    hits: int = 0  # sightings that changed the picture
    hits_in_a_row: int = 0
    sightings: int = 0
    looks_missed: int = 0
    confirmed: bool = False
    changed_utc_ns: int = 0  # when its place last differed from the background
    exempt: bool = False  # the background was learnt with it in the picture
    first_box: Box = _NOWHERE
    still_box: Box = _NOWHERE
    still_since_utc_ns: int = 0
    ended: bool = False

    @property
    def label(self) -> str:
        """What it was taken for most."""
        return min(self.votes, key=lambda label: (-self.votes[label], label))

    def is_sure(self) -> bool:
        """Whether it was seen often enough, where the picture changed, to be believed."""
        enough = _CONFIRM_HITS if sum(self.votes.values()) >= _SURE_VOTES else _CONFIRM_HITS + 1
        if self.hits < enough:
            return False
        (x0, y0), (x1, y1) = self.first_box.centre, self.box.centre
        moved = max(abs(x1 - x0) / max(self.box.width, 1e-6), abs(y1 - y0) / max(self.box.height, 1e-6))
        return moved >= _CONFIRM_MOVED or self.hits_in_a_row >= _CONFIRM_HITS_IN_PLACE

    def is_fixture(self) -> bool:
        """Whether what is seen there is, for some time, nothing but the background."""
        return not self.exempt and self.last_utc_ns - self.changed_utc_ns > _FIXTURE_NS

    def predicted(self, utc_ns: int) -> Box:
        """Where it should be."""
        ahead_s = min(max(0, utc_ns - self.last_utc_ns) / NS_PER_S, _PREDICT_AT_MOST_S)
        return self.box.moved(self.velocity[0] * ahead_s, self.velocity[1] * ahead_s)

    def still_for_ns(self) -> int:
        return self.last_utc_ns - self.still_since_utc_ns

    def leaving(self) -> bool:
        """At the edge of the picture and on the way out of it."""
        across, down = self.velocity
        return (
            (self.box.x0 < _EDGE and across < 0)
            or (self.box.x1 > 1 - _EDGE and across > 0)
            or (self.box.y0 < _EDGE and down < 0)
            or (self.box.y1 > 1 - _EDGE and down > 0)
        )

    def see(self, found: Detection, utc_ns: int) -> None:
        """Take in one sighting."""
        passed_s = (utc_ns - self.last_utc_ns) / NS_PER_S
        if passed_s > 0:
            (x0, y0), (x1, y1) = self.box.centre, found.box.centre
            gain = _VELOCITY_GAIN if self.sightings > 1 else 1.0
            self.velocity = (
                self.velocity[0] + gain * ((x1 - x0) / passed_s - self.velocity[0]),
                self.velocity[1] + gain * ((y1 - y0) / passed_s - self.velocity[1]),
            )
        self.box, self.last_utc_ns, self.looks_missed = found.box, max(utc_ns, self.last_utc_ns), 0
        self.votes[found.label] = self.votes.get(found.label, 0.0) + found.score
        self.sightings += 1
        changed = found.changed >= BEGIN_CHANGED
        self.hits += changed
        self.hits_in_a_row = self.hits_in_a_row + 1 if changed else 0
        if found.changed >= _CONTINUE_CHANGED:
            self.changed_utc_ns = utc_ns
        if overlap(found.box, self.still_box) < _STILL_OVERLAP:
            self.still_box, self.still_since_utc_ns = found.box, utc_ns

    def save(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def load(cls, saved: dict[str, Any]) -> Track:
        boxes = {name: Box(*saved[name]) for name in ("box", "first_box", "still_box")}
        velocity = (saved["velocity"][0], saved["velocity"][1])
        return cls(**{**saved, **boxes, "velocity": velocity})


@dataclass(slots=True)
class Sighted:
    """What one picture did: which track each detection went to, which tracks were confirmed and which ended."""

    seen: list[tuple[Track, Detection]] = field(default_factory=list)
    confirmed: list[Track] = field(default_factory=list)
    ended: list[Track] = field(default_factory=list)


class Tracker:
    """The tracks of one stream. Every picture given must be later than the one before."""

    def __init__(self, threshold: float) -> None:
        """``threshold``: the score a detection needs to begin a track; weaker ones only continue one."""
        self.tracks: list[Track] = []
        self._threshold = threshold
        self._ordinal = 0

    def update(self, detections: Sequence[Detection], utc_ns: int) -> Sighted:
        """Take in what was found in a picture in which every track and every change was looked at."""
        result = Sighted()
        sure = [one for one in detections if one.score >= self._threshold]
        weak = [one for one in detections if one.score < self._threshold]
        # Somebody known keeps their place: a second box on them must not go on in their stead.
        known = [track for track in self.tracks if track.confirmed and utc_ns - track.last_utc_ns <= _JUST_NOW_NS]
        others = [track for track in self.tracks if not any(track is one for one in known)]
        left, unmatched = self._match(known, sure, utc_ns, result, _IN_PLACE)
        left, unmatched = self._match(left + others, unmatched, utc_ns, result)
        left, _ = self._match(left, weak, utc_ns, result)
        for track in left:
            track.looks_missed += 1
        for found in unmatched:
            if found.changed >= BEGIN_CHANGED and not self._shadows(found):
                result.seen.append((self._begin(found, utc_ns), found))
        for track, _ in result.seen:
            if not track.confirmed and track.is_sure():
                track.confirmed = True
                result.confirmed.append(track)
        return result

    def expire(self, utc_ns: int, empty: Sequence[Track] = ()) -> list[Track]:
        """End the tracks that are gone by ``utc_ns`` and return the confirmed among them.

        ``empty``: tracks in whose place the picture is again as it was before they came.
        """
        ended: list[Track] = []
        for track in self.tracks:
            if track.is_fixture():
                # It left, and the detector then saw the same in something that was always there.
                track.last_utc_ns = track.changed_utc_ns
                ended.append(track)
                continue
            unseen_ns = utc_ns - track.last_utc_ns
            if track.looks_missed == 0 or unseen_ns <= 0:
                continue
            patience_ns = _LOST_STILL_NS if track.still_for_ns() > _LOST_NS else _LOST_NS
            if any(track is gone for gone in empty):
                patience_ns = _GONE_NS
            if not track.confirmed:
                patience_ns = _TENTATIVE_NS
            elif track.leaving():
                patience_ns = min(patience_ns, _LEFT_NS)
            if unseen_ns > patience_ns and track.looks_missed >= _LOOKS_BEFORE_LOST:
                ended.append(track)
        return self._end(ended)

    def end_all(self) -> list[Track]:
        """The recording broke off: every track is over."""
        return self._end(list(self.tracks))

    def end(self, track: Track) -> None:
        """This one is over, for a reason of the caller's."""
        self._end([track])

    def exempt(self) -> None:
        """The background is learnt anew, with everything in it that is there now."""
        for track in self.tracks:
            track.exempt = True

    def save(self) -> dict[str, Any]:
        return {"tracks": [track.save() for track in self.tracks], "ordinal": self._ordinal}

    def load(self, saved: dict[str, Any]) -> None:
        self.tracks = [Track.load(track) for track in saved["tracks"]]
        self._ordinal = saved["ordinal"]

    def _end(self, ended: list[Track]) -> list[Track]:
        for track in ended:
            track.ended = True
        self.tracks = [track for track in self.tracks if not track.ended]
        return [track for track in ended if track.confirmed]

    def _begin(self, found: Detection, utc_ns: int) -> Track:
        self._ordinal += 1
        track = Track(
            self._ordinal, found.label, utc_ns, utc_ns, found.box, {}, first_box=found.box, still_since_utc_ns=utc_ns
        )
        track.see(found, utc_ns)
        self.tracks.append(track)
        return track

    def _shadows(self, found: Detection) -> bool:
        """Whether a track seen in this very picture already is this object under a doubtful second box."""
        return any(
            track.looks_missed == 0
            and alike(found.label, track.label, ALIKE_CLASSES)
            and overlap(found.box, track.box) > 0.5
            for track in self.tracks
        )

    def _match(
        self, tracks: Sequence[Track], detections: Sequence[Detection], utc_ns: int, result: Sighted, least: float = 0.0
    ) -> tuple[list[Track], list[Detection]]:
        """Tie best likeness first; returns what is left of both."""
        pairs = sorted(
            (-alikeness, track.ordinal, index)
            for track in tracks
            for index, found in enumerate(detections)
            if (alikeness := likeness(track, found, utc_ns)) >= max(least, _LEAST_LIKENESS)
        )
        by_ordinal = {track.ordinal: track for track in tracks}
        taken: set[int] = set()
        for _, ordinal, index in pairs:
            track = by_ordinal.get(ordinal)
            if track is None or index in taken:
                continue
            track.see(detections[index], utc_ns)
            result.seen.append((track, detections[index]))
            taken.add(index)
            del by_ordinal[ordinal]
        rest = [found for index, found in enumerate(detections) if index not in taken]
        return list(by_ordinal.values()), rest


def likeness(track: Track, found: Detection, utc_ns: int) -> float:
    """0 to 1.5: how well a detection continues a track; 0 when it cannot."""
    if not any(alike(found.label, label, ALIKE_CLASSES) for label in track.votes) and not _grows_into(track, found):
        return 0.0
    if found.changed < _CONTINUE_CHANGED and overlap(track.box, found.box) < _STILL_OVERLAP:
        return 0.0  # something that was always there, near where the track is going
    passed_s = (utc_ns - track.last_utc_ns) / NS_PER_S
    best = max(overlap(track.predicted(utc_ns), found.box), overlap(track.box, found.box))
    ratio = track.box.area / found.box.area if found.box.area else 0.0
    if not 0.1 < ratio < 10:
        return 0.0
    (x0, y0), (x1, y1) = track.predicted(utc_ns).centre, found.box.centre
    size = max(track.box.width, track.box.height, found.box.width, found.box.height)
    reach = size * (0.5 + 0.8 * min(passed_s, 2.5))
    near = max(0.0, 1 - math.hypot(x1 - x0, y1 - y0) / reach)
    return best + near / 2


def _grows_into(track: Track, found: Detection) -> bool:
    """Whether a young track was the first glimpse of what now shows: hair at the edge taken for a cat."""
    return track.sightings <= _YOUNG and covered(track.box, found.box) > _GLIMPSED
