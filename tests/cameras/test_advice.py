from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from basira.cameras.advice import Circumstances, advise
from basira.cameras.examination import Examined
from basira.cameras.probe import FoundAudio, FoundStream

FOUND = FoundStream(
    name="main", url="rtsp://192.0.2.7/main", transport="tcp", codec="avc1.64001f", codec_name="H.264", width=1920,
    height=1080, frame_rate=15.0, keyframe_interval_s=2.0, bit_rate=2_500_000, audio=None, snapshot_jpeg_base64=None,
)  # fmt: skip
GOOD = Examined(FOUND, reordered=False, keyframe_intervals_s=(2.0, 2.0), watched_s=6.0, notices=())
SUB = replace(GOOD, found=FOUND.model_copy(update={"name": "sub"}))
HERE = Circumstances("onvif", clock_ahead_s=0.4)


def codes(stream: Examined, circumstances: Circumstances = HERE) -> set[str]:
    return {advice.code for advice in advise([stream, SUB], circumstances)}


def test_a_well_set_camera_gets_no_advice() -> None:
    assert codes(GOOD) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"keyframe_intervals_s": (10.0,)}, "advice_keyframe_interval_long"),
        ({"keyframe_intervals_s": (), "watched_s": 8.0}, "advice_keyframe_interval_long"),
        ({"keyframe_intervals_s": (0.2, 0.2)}, "advice_keyframe_interval_short"),
        ({"keyframe_intervals_s": (1.0, 3.5)}, "advice_keyframe_interval_varies"),
        ({"reordered": True}, "advice_b_frames"),
        ({"found": {"codec_name": "H.265"}}, "advice_h265"),
        ({"found": {"frame_rate": 2.0}}, "advice_frame_rate_low"),
        ({"found": {"frame_rate": 60.0}}, "advice_frame_rate_high"),
        ({"found": {"bit_rate": 20_000_000}}, "advice_bit_rate_high"),
        ({"found": {"transport": "udp"}}, "advice_udp"),
        (
            {"found": {"audio": FoundAudio(codec="pcm_alaw", sample_rate=8000, recorded=True)},
             "notices": ("audio_converted",)},
            "advice_audio_converted",
        ),
        (
            {"found": {"audio": FoundAudio(codec="?", sample_rate=0, recorded=False)}, "notices": ("audio_left_out",)},
            "advice_audio_left_out",
        ),
    ],
)  # fmt: skip
def test_each_weakness_has_its_own_advice(change: dict[str, Any], code: str) -> None:
    found = FOUND.model_copy(update=change.pop("found", {}))
    assert codes(replace(GOOD, found=found, **change)) == {code}


def test_what_concerns_the_camera_as_a_whole_is_said_once() -> None:
    advice = advise([GOOD], Circumstances("onvif", with_password=True, clock_ahead_s=-3600))
    assert [point.code for point in advice] == [
        "advice_clock_wrong", "advice_substream_missing", "advice_unencrypted",
    ]  # fmt: skip
    assert "-3600" in advice[0].message.en and "-3600" in advice[0].message.ar


def test_a_password_sent_in_clear_is_worse_than_pictures_sent_in_clear() -> None:
    advice = advise([GOOD, SUB], Circumstances("rtsp", with_password=True, password_in_clear=True))
    assert [(point.code, point.severity) for point in advice] == [("advice_password_in_clear", "warning")]


def test_a_file_needs_no_advice_about_networks() -> None:
    assert advise([GOOD], Circumstances("file")) == ()
