"""The cascade for one stream: keyframes always, whole groups of pictures and the detector only where something changed.

For each group its two keyframes are compared. If they are alike and what its pictures cost the encoder says nothing,
nothing of it is decoded. If they differ, the second is looked at; when all that moved are known objects that stayed
where they were or slowly walked on, that was enough. Otherwise the group is decoded, and looked at five times a second
while anything is doubtful, as far as needed to know how what the second keyframe shows came about. In haste
(``haste.py``) it is passed over instead, and objects are followed from keyframe to keyframe as well as that goes.

While nobody is there and what pictures cost the encoder says nothing, a group is put off until the next is there: if
the keyframe after both is like the one before both, the one between them is not decoded; else first the one group is
looked at, then the other, as if nothing had been put off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from basira.analysis.boxes import Box, Detection, covered, hull, suppress
from basira.analysis.coco import ALIKE_CLASSES
from basira.analysis.detector import Detects
from basira.analysis.event import Event, progress_at
from basira.analysis.explanation import AROUND, STAYED_OVERLAP, all_within, explained, foretold, is_calm
from basira.analysis.gate import Change, Gate, share_of, small_scale
from basira.analysis.gops import Gop, Interval
from basira.analysis.hints import EffortHint
from basira.analysis.memory import pack_memory, unpack_memory
from basira.analysis.pictures import Picture, Pixels
from basira.analysis.regions import parts_to_look_at, pixels_needed
from basira.analysis.sight import Sight
from basira.analysis.tracker import Track, Tracker
from basira.analysis.visits import Visits
from basira.analysis.zones import ZoneRules
from basira.base.clock import NS_PER_MS, NS_PER_S
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey
from basira.replay.tail import Cursor

_SAMPLE_NS: Final = 200 * NS_PER_MS
_CALM_SAMPLE_NS: Final = 400 * NS_PER_MS
_EARLY_NS: Final = 20 * NS_PER_MS  # a picture this much before its turn is as good
_WEAK: Final = 0.6  # share of the threshold that is enough to continue a track
_CUT_EDGE: Final = 0.005
_NESTED: Final = 0.9
_CLEAR: Final = 0.08
_PARKED_NS: Final = 60 * NS_PER_S
_PARKS: Final = frozenset({"car", "bus", "truck", "train", "motorcycle", "bicycle", "boat"})
_JOINED_ON_NS: Final = 10 * NS_PER_S
_PUT_OFF_NS: Final = 2_500_000_000  # longer groups are not: two of them would be too long to know nothing of


@dataclass(slots=True)
class Work:
    """What the cascade has cost so far, in counts."""

    groups: int = 0
    groups_decoded: int = 0
    hinted: int = 0
    passed_over: int = 0  # groups not decoded for want of time
    left_out: int = 0  # keyframes between groups that nothing happened in
    pictures_looked_at: int = 0
    parts_looked_at: int = 0


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The keyframe after a group: its small grey picture, what was found in it, and why the group is opened."""

    luma: Pixels
    found: Sequence[Detection]
    hinted: bool  # the keyframes alone gave no reason


class Cascade:
    """One stream's analyser. Give it intervals in order; it is used by one thread at a time."""

    def __init__(self, stream: StreamKey, detector: Detects, threshold: float, rules: ZoneRules) -> None:
        self.work = Work()
        self._detector = detector
        self._threshold = threshold
        self._gate = Gate(rules.always_ignored())
        self._tracker = Tracker(threshold)
        self._visits = Visits(stream, rules)
        self.sight = Sight()
        self._hint = EffortHint()
        self._occupied_hint = EffortHint()  # while somebody is there, who costs bytes too
        self._taken_utc_ns = 0  # the keyframe that the gate has learnt last
        self._known_to_utc_ns = 0
        self._put_off: Interval | None = None
        self._peeked: tuple[Gop, Picture] | None = None

    def set_rules(self, rules: ZoneRules) -> None:
        """Zones were changed: hold from the next interval on."""
        self._visits.rules = rules
        self._gate.ignore(rules.always_ignored())

    @property
    def guards(self) -> bool:
        """Whether an alert zone is watched."""
        return self._visits.rules.guard()

    def due(self, interval: Interval) -> list[Interval]:
        """Which intervals are to be looked at (:meth:`advance`), now that this one is there.

        It alone; none, when it is put off; or the one put off before and it.
        """
        before, self._put_off = self._put_off, None
        if before is None:
            if not self._can_wait(interval):
                return [interval]
            self._put_off = interval
            return []
        if not _join(before, interval) or not self._is_alike(interval):
            return [before, interval]
        self._leave_out_between(before, interval)
        return [interval]

    def advance(self, interval: Interval, *, in_haste: bool = False) -> list[Event]:
        """Look at one interval and say what is new. Raises BasiraError when a keyframe cannot be decoded.

        ``in_haste``: at its keyframes alone, whatever they show.
        """
        gop, following = interval.gop, interval.following
        self.work.groups += 1
        ended = self._begin(gop)
        if following is None:
            ended += self._last(gop)
            return self._news(ended, gop.end_utc_ns, interval.resume)
        after = self._keyframe_of(following)
        luma = after.small_luma(small_scale(after.width))
        self.sight.look(luma, after.utc_ns)
        change = self._gate.change(luma)
        found = self._look(after, change)
        known = [track.ordinal for track in self._tracker.tracks]
        hint = self._occupied_hint if known else self._hint
        explained = self._explained(change, found, after.utc_ns)
        efforts = gop.efforts()
        hinted = explained and hint.suspicious(efforts)
        passed_over = in_haste and (hinted or not explained)
        self.work.passed_over += passed_over
        if (hinted or not explained) and not in_haste:
            self.work.hinted += hinted
            ended += self._open(gop, after.utc_ns, _Ahead(luma, found, hinted))
        still = [track.ordinal for track in self._tracker.tracks if not self._has_gone(track, luma)]
        if still == known and not passed_over:
            hint.learn(efforts)
        elif known:
            self._occupied_hint = EffortHint()
        self._take(after, found, gop.first.recording)
        ended += self._expire(luma, after.utc_ns)
        ended += self._park(luma)
        self._learn(luma, change, after.utc_ns)
        return self._news(ended, after.utc_ns, interval.resume)

    def finish(self, resume: Cursor) -> list[Event]:
        """Nothing more came for long after ``resume``: end what is going on."""
        return self._visits.news([], self._tracker.end_all(), self._known_to_utc_ns, progress_at(resume, ended=True))

    @property
    def known_to_utc_ns(self) -> int:
        """The end of the footage looked at."""
        return self._known_to_utc_ns

    def save(self) -> bytes:
        """The whole memory; :meth:`load` of it goes on as this one would."""
        values = {
            "tracker": self._tracker.save(),
            "visits": self._visits.save(),
            "hint": self._hint.save(),
            "occupied_hint": self._occupied_hint.save(),
            "taken": self._taken_utc_ns,
            "known": self._known_to_utc_ns,
        }
        values["sight"], pattern = self.sight.save()
        return pack_memory(values, self._gate.save() | pattern)

    def load(self, packed: bytes) -> None:
        values, arrays = unpack_memory(packed)
        self._gate.load(arrays)
        self._tracker.load(values["tracker"])
        self._visits.load(values["visits"])
        if "sight" in values:  # an older memory has none
            self.sight.load(values["sight"], arrays)
        self._hint.load(values["hint"])
        self._occupied_hint.load(values["occupied_hint"])
        self._taken_utc_ns, self._known_to_utc_ns = values["taken"], values["known"]

    # Whether a keyframe can be left out

    def _can_wait(self, interval: Interval) -> bool:
        """Whether nobody is there, the group's keyframe was looked at, and its pictures cost what they always do."""
        gop = interval.gop
        return (
            interval.following is not None
            and not self._tracker.tracks
            and gop.start_utc_ns == self._taken_utc_ns
            and gop.end_utc_ns - gop.start_utc_ns <= _PUT_OFF_NS
            and self._hint.knows
            and not self._hint.suspicious(gop.efforts())
        )

    def _is_alike(self, interval: Interval) -> bool:
        """Whether in its second keyframe nothing has moved since the one looked at last."""
        if interval.following is None or self._hint.suspicious(interval.gop.efforts()):
            return False
        try:
            after = self._keyframe_of(interval.following)
        except BasiraError:
            return False  # told when it is looked at
        self._peeked = interval.following, after
        change = self._gate.change(after.small_luma(small_scale(after.width)))
        return change is not None and not change.light and not change.moved_regions()

    def _leave_out_between(self, before: Interval, interval: Interval) -> None:
        self.work.groups += 1
        self.work.left_out += 1
        self._hint.learn(before.gop.efforts())
        self._taken_utc_ns = interval.gop.start_utc_ns

    def _keyframe_of(self, gop: Gop) -> Picture:
        """Decoded, unless that was done to decide whether it is to be looked at; then some megabytes are let go."""
        peeked = self._peeked
        if peeked is None or peeked[0] is not gop:
            return Picture(gop.keyframe(), gop.start_utc_ns)
        self._peeked = None
        return peeked[1]

    # One interval, step by step

    def _begin(self, gop: Gop) -> list[Track]:
        """Make the group's own keyframe the picture before, unless the last interval ended with it."""
        if gop.start_utc_ns == self._taken_utc_ns:
            return []
        ended: list[Track] = []
        if abs(gop.start_utc_ns - self._known_to_utc_ns) > _JOINED_ON_NS:
            ended = self._tracker.end_all()
        picture = Picture(gop.keyframe(), gop.start_utc_ns)
        luma = picture.small_luma(small_scale(picture.width))
        change = self._gate.change(luma)
        self._take(picture, self._look(picture, change), gop.first.recording)
        self._learn(luma, change, gop.start_utc_ns)
        return ended

    def _last(self, gop: Gop) -> list[Track]:
        """A group after which the recording breaks off: looked at whole if anything was going on."""
        if self._tracker.tracks or self._hint.suspicious(gop.efforts()):
            return self._open(gop, gop.end_utc_ns)
        return []

    def _open(self, gop: Gop, until_utc_ns: int, ahead: _Ahead | None = None) -> list[Track]:
        """Decode the group and look at it several times a second, its keyframe left out: that was looked at before.

        Five times, while anything is doubtful or new; half as often while all that moves is known; and no further once
        nothing that the keyframe after it (``ahead``) shows is unforeseen.
        """
        self.work.groups_decoded += 1
        ended: list[Track] = []
        due_ns = gop.start_utc_ns + _SAMPLE_NS
        for number, picture in enumerate(_pictures(gop, until_utc_ns)):
            if picture.utc_ns < due_ns - _EARLY_NS:
                continue
            luma = picture.small_luma(small_scale(picture.width))
            change = self._gate.change(luma)
            self._take(picture, self._look(picture, change), gop.first.recording)
            ended += self._expire(luma, picture.utc_ns)
            self._gate.step(luma)
            calm = self._is_calm(change)
            if ahead is not None and self._is_foreseen(luma, ahead, until_utc_ns, calm, gop.efforts()[number:]):
                break
            due_ns = picture.utc_ns + (_CALM_SAMPLE_NS if calm else _SAMPLE_NS)
            if due_ns - _EARLY_NS > _last_of_use_ns(until_utc_ns):
                break  # what is left would be decoded and not looked at
        return ended

    def _is_calm(self, change: Change | None) -> bool:
        return is_calm(self._tracker.tracks, change)

    def _is_foreseen(self, luma: Pixels, ahead: _Ahead, utc_ns: int, calm: bool, rest: Sequence[int]) -> bool:
        """Whether what is known in this picture foretells the keyframe to come, at ``utc_ns``.

        Where all that moves is known objects, that they are where they were going is enough. Where one has gone, too,
        if the picture already looks as the keyframe does, but for those who are there, and the ``rest`` of the pictures
        cost the encoder no more than ever. So it must be, too, for the group to be left that the hint had opened.
        """
        there = [track for track in self._tracker.tracks if not self._has_gone(track, luma, ahead.luma)]
        claimed = foretold(there, ahead.found, utc_ns, self._threshold, self._visits.rules)
        if claimed is None:
            return False
        if calm and not ahead.hinted:
            return True
        hint = self._occupied_hint if there else self._hint
        if hint.suspicious(rest) or any(track.looks_missed or not track.confirmed for track in there):
            return False
        places = [hull((track.box, one.box)) for track, one in zip(there, claimed, strict=True)]
        return all_within(self._gate.differing(luma, ahead.luma), places)

    def _has_gone(self, track: Track, *pictures: Pixels) -> bool:
        """Whether a track was not seen any more and in these pictures the background shows in its place."""
        return track.looks_missed > 0 and all(
            share_of(self._gate.foreground(luma), track.box) < _CLEAR for luma in pictures
        )

    def _look(self, picture: Picture, change: Change | None) -> list[Detection]:
        """What is in the parts of the picture that are worth it."""
        boxes, parts = self._parts(picture, change)
        if not parts:
            return []
        self.work.pictures_looked_at += 1
        self.work.parts_looked_at += len(parts)
        found: list[Detection] = []
        for part in parts:
            region = picture.region(part)
            longest = pixels_needed(part, region, boxes)
            for one in self._detector.detect(picture, region, self._threshold * _WEAK, longest):
                if self._visits.rules.ignores(one.label, one.box, picture.utc_ns):
                    continue
                changed = change.share(one.box) if change is not None and not change.light else 0.0
                if changed < 0.5 and _is_cut(one.box, part):
                    continue  # a thing beside what changed, of which only a piece is in this part
                found.append(one._replace(changed=changed))
        return _without_nested(suppress(found, ALIKE_CLASSES, STAYED_OVERLAP))

    def _parts(self, picture: Picture, change: Change | None) -> tuple[list[Box], list[Box]]:
        """Where something changed or is tracked, and the parts of the picture that hold all of it."""
        boxes = [track.predicted(picture.utc_ns) for track in self._tracker.tracks]
        if change is not None and not change.light:
            near = [box.grown(AROUND) for box in boxes]
            changed = change.moved_regions() + change.new_regions()
            boxes += [box for box in changed if not any(covered(box, one) > _NESTED for one in near)]
        boxes = [box for box in boxes if box.clipped().area > 0]
        return boxes, parts_to_look_at(boxes, picture.width / picture.height)

    def _take(self, picture: Picture, found: Sequence[Detection], recording: int) -> None:
        self._visits.sighted(self._tracker.update(found, picture.utc_ns), picture, recording)

    def _explained(self, change: Change | None, found: Sequence[Detection], utc_ns: int) -> bool:
        """Whether nothing between two keyframes need be looked at."""
        return explained(self._tracker.tracks, change, found, utc_ns, self._threshold, self._visits.rules)

    def _expire(self, luma: Pixels, utc_ns: int) -> list[Track]:
        """End tracks that were not seen for long; sooner where the background shows again."""
        empty = [track for track in self._tracker.tracks if self._has_gone(track, luma)]
        return self._tracker.expire(utc_ns, empty)

    def _park(self, luma: Pixels) -> list[Track]:
        """Vehicles that have stood long are over as events; they belong to the picture until they move."""
        parked = [
            track
            for track in self._tracker.tracks
            if track.confirmed and track.label in _PARKS and track.still_for_ns() > _PARKED_NS
        ]
        for track in parked:
            self._gate.adopt(luma, track.box.grown(AROUND))
            self._tracker.end(track)
        return parked

    def _learn(self, luma: Pixels, change: Change | None, utc_ns: int) -> None:
        """Take a keyframe into the background."""
        anew = change is None or change.light
        if anew:
            self._tracker.exempt()
        self._gate.learn(luma, [track.box.grown(AROUND) for track in self._tracker.tracks], anew)
        self._taken_utc_ns = utc_ns

    def _news(self, ended: list[Track], known_to_utc_ns: int, resume: Cursor) -> list[Event]:
        self._known_to_utc_ns = known_to_utc_ns
        return self._visits.news(self._tracker.tracks, ended, known_to_utc_ns, progress_at(resume))


def _join(before: Interval, interval: Interval) -> bool:
    return before.following is not None and before.following.start_utc_ns == interval.gop.start_utc_ns


def _pictures(gop: Gop, until_utc_ns: int) -> Iterator[Picture]:
    """Pictures of a group, none just before ``until_utc_ns`` or later."""
    for frame in gop.frames():
        utc_ns = gop.utc_ns(frame.pts or 0)
        if utc_ns > _last_of_use_ns(until_utc_ns):
            return
        yield Picture(frame, utc_ns)


def _last_of_use_ns(until_utc_ns: int) -> int:
    """Pictures later than this show nothing that the keyframe at ``until_utc_ns`` does not."""
    return until_utc_ns - _SAMPLE_NS // 2


def _is_cut(box: Box, part: Box) -> bool:
    """Whether a box ends at an edge of the part that is not an edge of the picture."""
    return (
        (part.x0 > 0 and box.x0 < part.x0 + _CUT_EDGE)
        or (part.y0 > 0 and box.y0 < part.y0 + _CUT_EDGE)
        or (part.x1 < 1 and box.x1 > part.x1 - _CUT_EDGE)
        or (part.y1 < 1 and box.y1 > part.y1 - _CUT_EDGE)
    )


def _without_nested(found: Sequence[Detection]) -> list[Detection]:
    """Without weaker boxes that lie inside a surer one of the same class: a head on its body."""
    kept: list[Detection] = []
    for one in found:
        if not any(one.label == other.label and covered(one.box, other.box) > _NESTED for other in kept):
            kept.append(one)
    return kept
