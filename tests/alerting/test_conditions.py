"""What is wrong is said once, with what is needed to say it, and neither flickers nor is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from basira.alerting.alarms import Condition
from basira.alerting.asked import status_of
from basira.alerting.conditions import Behind, of_haste, of_processes, of_recorder, of_scrubber, of_sight
from basira.alerting.processes import ProcessReport
from basira.analysis import runner
from basira.base.clock import SimulatedClock
from basira.base.messages import MESSAGES
from basira.recording import scrubber
from basira.recording.alarms import AlarmBoard
from basira.recording.control import ControlServer

SILENT_DEGRADATION = (
    "frames_late", "frame_rate_collapsed", "keyframes_off", "camera_sends_no_keyframe", "disk_slow", "camera_covered",
    "camera_turned", "camera_picture_frozen", "analysis_behind", "analysis_hurries",
)  # fmt: skip


def test_analysis_is_behind_from_the_limit_on_until_half_of_it() -> None:
    behind = Behind(60.0)
    told = [list(behind.update({"gate": lag_s})) for lag_s in (59.0, 61.0, 40.0, 31.0, 29.0, 40.0)]
    assert [bool(conditions) for conditions in told] == [False, True, True, True, False, False]
    assert told[1] == [Condition("analysis_behind", "warning", "gate", {"lag_s": 61})]


def test_an_alarm_of_a_stream_names_the_stream_so_that_main_and_sub_are_two() -> None:
    board = AlarmBoard(SimulatedClock())
    for stream in ("main", "sub"):
        board.set("frame_rate_collapsed", camera="gate", stream=stream, now=2.0, usual=15.0)
    told = list(of_recorder({"alarms": [alarm.as_dict() for alarm in board.all()]}, None))
    assert len({condition.key for condition in told}) == 2
    for condition in told:
        for language in ("ar", "en"):
            assert str(condition.params["stream"]) in MESSAGES[condition.code][language].format_map(
                dict(condition.params)
            )


@pytest.mark.parametrize("code", SILENT_DEGRADATION)
def test_each_silent_degradation_has_a_sentence_in_both_languages(code: str) -> None:
    assert MESSAGES[code]["ar"] and MESSAGES[code]["en"]


def test_what_the_analysis_sees_is_asked_of_its_memory(tmp_path: Path) -> None:
    streams = [
        {"camera": "gate", "sight": "camera_covered", "sight_since_ns": 17},
        {"camera": "yard", "sight": None, "sight_since_ns": 0},
        {"camera": "roof", "sight": "of a later version", "sight_since_ns": 3},
    ]
    assert status_of(tmp_path, "analysis") == {}
    server = ControlServer(tmp_path / runner.SOCKET_NAME, {"status": lambda _: {"streams": streams}})
    told = list(of_sight(status_of(tmp_path, "analysis")["streams"]))
    server.close()
    assert told == [Condition("camera_covered", "error", "gate", since_utc_ns=17)]


def test_that_the_analysis_passes_over_what_it_has_no_time_for_is_one_alarm_for_all_cameras() -> None:
    streams: list[dict[str, object]] = [
        {"camera": "gate", "hurried_since_ns": 17},
        {"camera": "yard", "hurried_since_ns": None},
        {"camera": "roof", "hurried_since_ns": 3},
        {"camera": "of an older version"},
    ]
    assert list(of_haste(streams)) == [Condition("analysis_hurries", "warning", params={"cameras": 2}, since_utc_ns=3)]
    assert list(of_haste(streams[1:2])) == []


def test_footage_that_is_not_what_it_was_is_one_alarm_a_camera_that_names_the_segment(tmp_path: Path) -> None:
    damaged = {"gate": {"path": "gate/main/00000001/000003.mp4", "code": "x", "since_ns": 5, "segments": 2}}
    server = ControlServer(tmp_path / scrubber.SOCKET_NAME, {"status": lambda _: {"damaged": damaged}})
    (told,) = of_scrubber(status_of(tmp_path, "scrubber"))
    server.close()
    assert (told.code, told.camera, told.since_utc_ns) == ("scrub_found_damage", "gate", 5)
    for language in ("ar", "en"):
        assert "gate/main/00000001/000003.mp4" in MESSAGES[told.code][language].format_map(dict(told.params))


def test_a_scrubber_that_does_not_run_is_told() -> None:
    assert [one.code for one in of_processes([ProcessReport("scrubber", "stopped", None, 0)])] == ["scrubber_down"]
