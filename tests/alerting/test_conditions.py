"""What is wrong is said once, with what is needed to say it, and neither flickers nor is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from basira.alerting.alarms import Condition
from basira.alerting.analysis import AnalysisWatch
from basira.alerting.conditions import Behind, of_recorder, of_sight
from basira.analysis.runner import SOCKET_NAME
from basira.base.clock import SimulatedClock
from basira.base.messages import MESSAGES
from basira.recording.alarms import AlarmBoard
from basira.recording.control import ControlServer

SILENT_DEGRADATION = (
    "frame_rate_collapsed", "keyframes_off", "camera_sends_no_keyframe", "disk_slow", "camera_covered",
    "camera_turned", "camera_picture_frozen", "analysis_behind",
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
    watch = AnalysisWatch(tmp_path)
    watch.look()
    assert list(of_sight(watch.streams)) == []
    server = ControlServer(tmp_path / SOCKET_NAME, {"status": lambda _: {"streams": streams}})
    watch.look()
    assert list(of_sight(watch.streams)) == [Condition("camera_covered", "error", "gate", since_utc_ns=17)]
    server.close()
    watch.look()
    assert list(of_sight(watch.streams)) == []
