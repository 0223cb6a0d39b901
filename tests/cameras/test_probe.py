from __future__ import annotations

import base64
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydantic import SecretStr

from basira.cameras.probe import ProbeReport, ProbeRequest, probe
from tests.conftest import clip_of
from tests.onvif_camera import onvif_camera
from tests.streams import Mount, make_numbered_clip, read_number, rtsp_server


def codes(report: ProbeReport) -> set[str]:
    return {advice.code for advice in report.advice}


def test_an_onvif_camera_is_tested_by_its_address_both_streams_with_a_picture() -> None:
    with onvif_camera() as camera:
        report = probe(
            ProbeRequest(
                kind="onvif", address=camera.address, username=camera.username, password=SecretStr(camera.password)
            )
        )
    assert report.ok and report.device is not None and report.device.model == "VirtualCam-1"
    assert [(s.name, s.width, s.height, s.codec_name) for s in report.streams] == [
        ("main", 640, 360, "H.264"), ("sub", 320, 180, "H.264"),
    ]  # fmt: skip
    assert all(stream.frame_rate == pytest.approx(10, rel=0.3) for stream in report.streams)
    jpeg = base64.b64decode(report.streams[0].snapshot_jpeg_base64 or "")
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None and picture.shape == (360, 640)


def test_an_rtsp_camera_with_its_password_in_the_address_is_tested_and_the_password_is_not_repeated(
    numbered_h264: Path,
) -> None:
    mounts = {"/a": Mount(numbered_h264, audio="pcma")}
    with rtsp_server(mounts, username="viewer", password="hush-hush") as server:
        report = probe(ProbeRequest(kind="rtsp", url=server.url("/a", credentials=True)))
    (stream,) = report.streams
    assert (stream.url, stream.codec, stream.keyframe_interval_s) == (server.url("/a"), "avc1.42c00c", 1.0)
    assert stream.frame_rate == pytest.approx(15, abs=0.2)
    assert stream.bit_rate > 10_000
    assert stream.audio is not None and (stream.audio.codec, stream.audio.recorded) == ("pcm_alaw", True)
    assert codes(report) == {"advice_audio_converted", "advice_substream_missing", "advice_unencrypted"}
    assert "hush-hush" not in report.model_dump_json()


@pytest.mark.slow
def test_a_camera_with_rare_keyframes_is_advised_to_send_more(tmp_path: Path) -> None:
    clip = make_numbered_clip(tmp_path / "rare.h265", frames=150, gop=75, codec="h265")
    with rtsp_server({"/a": Mount(clip, "h265", gop=75)}) as server:
        report = probe(ProbeRequest(kind="rtsp", url=server.url("/a")))
    assert report.streams[0].codec_name == "H.265" and report.streams[0].codec.startswith("hvc1.1.")
    assert {"advice_keyframe_interval_long", "advice_h265"} <= codes(report)


def test_a_clip_is_tested_and_shows_its_first_picture(clips: Path) -> None:
    report = probe(ProbeRequest(kind="file", url=str(clip_of(clips, b_frames=2))))
    (stream,) = report.streams
    assert (stream.width, stream.height, stream.keyframe_interval_s) == (320, 240, 1.0)
    assert codes(report) == {"advice_b_frames"}
    jpeg = base64.b64decode(stream.snapshot_jpeg_base64 or "")
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None and read_number(picture.astype(np.uint8), 320, 240) == 0


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (ProbeRequest(kind="rtsp", url="rtsp://127.0.0.1:1/a"), "camera_unreachable"),
        (ProbeRequest(kind="rtsp", url="not an address"), "camera_address_invalid"),
        (ProbeRequest(kind="onvif", address="127.0.0.1:1"), "camera_unreachable"),
        (ProbeRequest(kind="file", url="/nowhere.mp4"), "clip_missing"),
    ],
)
def test_a_test_that_fails_says_why_in_both_languages(request_: ProbeRequest, code: str) -> None:
    report = probe(request_)
    assert not report.ok and report.error is not None
    assert report.error.code == code
    assert report.error.message.ar and report.error.message.en


def test_a_test_that_takes_too_long_is_ended(clips: Path) -> None:
    report = probe(ProbeRequest(kind="file", url=str(clip_of(clips))), timeout_s=0.05)
    assert report.error is not None and report.error.code == "probe_timed_out"


def test_a_request_never_shows_its_password() -> None:
    request = ProbeRequest(kind="rtsp", url="rtsp://192.0.2.7/a", username="u", password=SecretStr("hush-hush"))
    assert "hush-hush" not in repr(request) and "hush-hush" not in request.model_dump_json()
