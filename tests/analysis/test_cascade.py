"""What the cascade finds, and what it does not look at, from pictures to events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from av.video.frame import VideoFrame

from basira.analysis.cascade import Cascade
from basira.analysis.detector import Detector
from basira.analysis.event import Event
from basira.analysis.gops import Gop, Interval
from basira.analysis.hints import EffortHint
from basira.analysis.zones import ZoneRules
from basira.base.clock import NS_PER_S
from basira.catalogue.zones import Zone
from tests.analysis.clips import START, STREAM, as_camera, intervals_of
from tests.analysis.scene import person_who_comes_and_goes
from tests.analysis.scoring import Visit, labelled, score

TWO = (Visit("person", 8, 16), Visit("person", 26, 33))


def run(cascade: Cascade, intervals: Iterable[Interval]) -> dict[str, Event]:
    """The last word on each event."""
    return {event.id: event for interval in intervals for event in cascade.advance(interval)}


@pytest.fixture
def cascade(detector: Detector, no_zones: ZoneRules) -> Cascade:
    return Cascade(STREAM, detector, 0.4, no_zones)


def test_each_visit_is_one_event_and_nothing_else_is(cascade: Cascade, two_visits: Path) -> None:
    events = run(cascade, intervals_of(two_visits))
    result = score(TWO, events.values(), START)
    assert (result.recall, result.precision) == (1.0, 1.0)
    assert max(result.late_s) < 1.0
    assert max(abs(left) for left in result.left_s) < 1.5
    assert not any(event.ongoing for event in events.values())


def test_while_nothing_moves_no_group_is_decoded_and_nothing_is_looked_at(cascade: Cascade, two_visits: Path) -> None:
    quiet = [interval for interval in intervals_of(two_visits) if interval.gop.end_utc_ns < START + 7 * NS_PER_S]
    run(cascade, quiet)
    assert cascade.work.groups == len(quiet) > 2
    assert cascade.work.groups_decoded == 0
    assert cascade.work.pictures_looked_at == 0


def test_a_person_who_stands_still_costs_keyframes_only_but_stays_seen(cascade: Cascade, clips: Path) -> None:
    clip = person_who_comes_and_goes(clips / "long-stand.mp4", seconds=44, there=[(6, 40)], keyframe_s=2)
    before_standing = [interval for interval in intervals_of(clip) if interval.gop.end_utc_ns < START + 13 * NS_PER_S]
    standing = [
        interval
        for interval in intervals_of(clip)
        if START + 13 * NS_PER_S <= interval.gop.end_utc_ns < START + 37 * NS_PER_S
    ]
    run(cascade, before_standing)
    decoded = cascade.work.groups_decoded
    events = run(cascade, standing)
    assert cascade.work.groups_decoded == decoded
    (event,) = events.values()
    assert event.ongoing
    assert event.end_utc_ns > START + 31 * NS_PER_S


@pytest.mark.parametrize("held_kbps", [None, 80])
def test_someone_who_comes_and_goes_between_two_keyframes_costs_the_encoder_bytes_or_quality_and_is_found(
    cascade: Cascade, clips: Path, held_kbps: int | None
) -> None:
    clip = person_who_comes_and_goes(
        clips / f"between-{held_kbps}.mp4", seconds=60, there=[(40.4, 43.6)], keyframe_s=4, held_kbps=held_kbps
    )
    events = run(cascade, intervals_of(clip))
    assert cascade.work.hinted >= 1
    result = score((Visit("person", 40.4, 43.6),), events.values(), START)
    assert (result.recall, result.precision) == (1.0, 1.0)


def through(cascade: Cascade, intervals: Iterable[Interval]) -> dict[str, Event]:
    """As the follower gives them: what is due, when it is due."""
    return {
        event.id: event for interval in intervals for due in cascade.due(interval) for event in cascade.advance(due)
    }


def test_while_nothing_moves_every_second_keyframe_is_left_out(cascade: Cascade, clips: Path) -> None:
    clip = person_who_comes_and_goes(clips / "stays.mp4", seconds=44, there=[(36, 40)], keyframe_s=2)
    quiet = [interval for interval in intervals_of(clip) if interval.gop.end_utc_ns < START + 35 * NS_PER_S]
    assert through(cascade, quiet) == {}
    assert cascade.work.groups == len(quiet) - (len(quiet) + 1) % 2  # the last may still be put off
    assert cascade.work.left_out >= (len(quiet) - 6) // 2  # what is usual is learnt first
    assert cascade.work.groups_decoded == 0


def test_what_was_put_off_is_looked_at_when_something_has_moved_and_nothing_is_found_later_for_it(
    detector: Detector, no_zones: ZoneRules, clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EffortHint, "suspicious", lambda *_: False)  # of an encoder that gives nothing away
    clip = person_who_comes_and_goes(
        clips / "come-anywhere.mp4", seconds=80, there=[(24.5, 31), (42.7, 50), (60.1, 68), (72.9, 78)], keyframe_s=2
    )
    patient, eager = (Cascade(STREAM, detector, 0.4, no_zones) for _ in range(2))
    decoded: list[Gop] = []
    keyframe = Gop.keyframe

    def counted(gop: Gop) -> VideoFrame:
        decoded.append(gop)
        return keyframe(gop)

    monkeypatch.setattr(Gop, "keyframe", counted)
    found = through(patient, intervals_of(clip))
    assert len(decoded) == len({id(gop) for gop in decoded})  # none twice
    expected = run(eager, intervals_of(clip))
    assert patient.work.left_out > 5
    assert [event.start_utc_ns for event in found.values()] == [event.start_utc_ns for event in expected.values()]
    assert [event.label for event in found.values()] == ["person"] * 4


def test_before_a_break_in_the_recording_what_was_put_off_is_looked_at(cascade: Cascade, two_visits: Path) -> None:
    intervals = list(intervals_of(two_visits))
    put_off = next(number for number, interval in enumerate(intervals) if not _looked_at(cascade, interval))
    last = intervals[put_off + 1]
    broken_off = Interval(last.gop, None, last.resume)
    assert cascade.due(broken_off) == [intervals[put_off], broken_off]


def _looked_at(cascade: Cascade, interval: Interval) -> bool:
    due = cascade.due(interval)
    for one in due:
        cascade.advance(one)
    return bool(due)


def test_in_haste_no_group_is_decoded_and_who_stays_for_some_keyframes_is_found_all_the_same(
    cascade: Cascade, clips: Path
) -> None:
    clip = person_who_comes_and_goes(clips / "stays.mp4", seconds=44, there=[(6, 40)], keyframe_s=2)
    events = {
        event.id: event
        for interval in intervals_of(clip)
        if interval.following is not None
        for event in cascade.advance(interval, in_haste=True)
    }
    assert cascade.work.groups_decoded == 0
    assert cascade.work.passed_over > 0
    result = score((Visit("person", 6, 40),), events.values(), START)
    assert (result.recall, result.precision) == (1.0, 1.0)


def test_what_was_passed_over_in_haste_teaches_no_hint(cascade: Cascade, clips: Path) -> None:
    clip = person_who_comes_and_goes(
        clips / "comes-and-goes.mp4", seconds=60, there=[(24.4, 27.6), (40.4, 43.6)], keyframe_s=4
    )
    events: dict[str, Event] = {}
    for interval in intervals_of(clip):
        in_haste = interval.gop.end_utc_ns < START + 32 * NS_PER_S
        events |= {event.id: event for event in cascade.advance(interval, in_haste=in_haste)}
    assert cascade.work.passed_over == 1
    result = score((Visit("person", 40.4, 43.6),), events.values(), START)
    assert (result.recall, result.precision) == (1.0, 1.0)


def test_once_somebody_has_left_the_rest_of_the_group_is_not_decoded(
    cascade: Cascade, clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = person_who_comes_and_goes(clips / "leaves-early.mp4", seconds=32, there=[(10, 21)], keyframe_s=4)
    decoded: dict[float, int] = {}
    frames = Gop.frames

    def counted(gop: Gop) -> Iterator[VideoFrame]:
        for frame in frames(gop):
            begun_s = (gop.start_utc_ns - START) / NS_PER_S
            decoded[begun_s] = decoded.get(begun_s, 0) + 1
            yield frame

    monkeypatch.setattr(Gop, "frames", counted)
    intervals = list(intervals_of(clip))
    (event,) = run(cascade, intervals).values()
    assert abs(event.end_utc_ns - START - 21 * NS_PER_S) < NS_PER_S
    pictures = {(one.gop.start_utc_ns - START) / NS_PER_S: len(list(one.gop.coded())) for one in intervals}
    assert 0 < decoded[20.0] < pictures[20.0] * 0.8
    assert 24.0 not in decoded


def test_an_event_has_a_path_a_score_and_a_picture(cascade: Cascade, two_visits: Path) -> None:
    told = [event for interval in intervals_of(two_visits) for event in cascade.advance(interval)]
    first = told[0]
    assert first.label == "person"
    assert first.jpeg.startswith(b"\xff\xd8")
    last = [event for event in told if event.id == first.id][-1]
    assert last.score >= 0.4
    assert last.start_utc_ns <= last.snapshot_utc_ns <= last.end_utc_ns
    times = [point.utc_ns for point in last.path]
    assert times == sorted(set(times))
    assert (times[0], times[-1]) == (last.start_utc_ns, last.end_utc_ns)
    assert last.path[0].box.centre[0] < 0.4 < 0.6 < last.path[-1].box.centre[0]


def test_an_event_is_told_of_within_one_keyframe_interval(cascade: Cascade, two_visits: Path) -> None:
    for interval in intervals_of(two_visits):
        events = cascade.advance(interval)
        if events:
            assert interval.following is not None
            # All that had been recorded then is that keyframe: the rest of its group was still to come.
            assert interval.following.start_utc_ns <= START + 12 * NS_PER_S
            return
    pytest.fail("nobody was told")


def test_an_alert_zone_makes_an_alert_only_of_those_who_stand_in_it(detector: Detector, two_visits: Path) -> None:
    right = Zone(id="right", name="r", kind="alert", polygon=((0.6, 0), (1, 0), (1, 1), (0.6, 1)))
    above = Zone(id="above", name="a", kind="alert", polygon=((0, 0), (1, 0), (1, 0.3), (0, 0.3)))
    cascade = Cascade(STREAM, detector, 0.4, ZoneRules([right, above], ZoneInfo("Asia/Baghdad")))
    events = run(cascade, intervals_of(two_visits))
    assert [(event.alert, event.zones) for event in events.values()] == [(True, ("right",)), (True, ("right",))]


def test_in_an_ignored_zone_nothing_is_seen_and_nothing_is_decoded(detector: Detector, two_visits: Path) -> None:
    all_of_it = Zone(id="all", name="a", kind="ignore", polygon=((0, 0), (1, 0), (1, 1), (0, 1)))
    cascade = Cascade(STREAM, detector, 0.4, ZoneRules([all_of_it], ZoneInfo("Asia/Baghdad")))
    assert run(cascade, intervals_of(two_visits)) == {}
    assert cascade.work.parts_looked_at == 0


def test_when_the_recording_breaks_off_for_long_whoever_was_there_is_not_there_any_more(
    cascade: Cascade, two_visits: Path
) -> None:
    standing = [i for i in intervals_of(two_visits) if i.gop.end_utc_ns < START + 13 * NS_PER_S]
    told = run(cascade, standing)
    assert [event.ongoing for event in told.values()] == [True]
    told |= run(cascade, list(intervals_of(two_visits, START + 3600 * NS_PER_S, recording=2))[:3])
    assert [event.ongoing for event in told.values()] == [False]


def test_stopped_anywhere_and_taken_up_again_it_finds_exactly_the_same(
    detector: Detector, no_zones: ZoneRules, two_visits: Path
) -> None:
    whole = Cascade(STREAM, detector, 0.4, no_zones)
    for interval in intervals_of(two_visits):
        resumed = Cascade(STREAM, detector, 0.4, no_zones)
        resumed.load(whole.save())
        assert resumed.advance(interval) == whole.advance(interval)
        assert resumed.save() == whole.save()


def test_precision_and_recall_on_real_footage(
    cascade: Cascade, shared_footage: Path, clips: Path, request: pytest.FixtureRequest
) -> None:
    source = shared_footage / "one-by-one-person.mp4"
    clip = as_camera(source, clips / "one-by-one.mp4", frame_rate=10, keyframe_s=2)
    result = score(labelled("one-by-one-person"), run(cascade, intervals_of(clip)).values(), START)
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:  # a worker of pytest-xdist has none
        reporter.write_line(f"\none-by-one-person.mp4, keyframes 2 s apart: {result}")
    assert (result.recall, result.precision) == (1.0, 1.0)
    assert max(result.late_s) < 1.0
    assert max(abs(left) for left in result.left_s) < 1.0
