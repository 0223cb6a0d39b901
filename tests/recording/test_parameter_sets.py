"""Codec configuration out of start codes is what FFmpeg makes of it; damaged sets are refused, not crashed on."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.base.errors import BasiraError
from basira.cameras.packets import StreamFormat, TrackFormat
from basira.recording.initialisation import initialisation_of
from basira.recording.nal import annex_b_to_sample, join_length_prefixed, split_annex_b, split_length_prefixed
from basira.recording.parameter_sets import aac_name, video_configuration, with_four_byte_lengths
from tests.recording.clips import read_clip
from tests.streams import make_numbered_clip

# A unit has a header byte, ends with no zero and holds no start code.
unit = st.binary(min_size=1, max_size=300).map(
    lambda data: b"\x65" + data.replace(b"\x00\x00", b"\x00\x03").rstrip(b"\x00") + b"\x80"
)


def extradata(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return container.streams.video[0].codec_context.extradata or b""


@pytest.mark.parametrize(("codec", "suffix"), [("h264", "h264"), ("hevc", "h265")])
def test_the_configuration_box_holds_the_same_sets_as_ffmpegs(codec: str, suffix: str, clips: Path) -> None:
    raw = make_numbered_clip(clips / f"sets.{suffix}", frames=5, codec="h264" if codec == "h264" else "h265")
    muxed = clips / f"sets-{codec}.mp4"
    tag = ["-tag:v", "hvc1"] if codec == "hevc" else []
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", raw, "-c", "copy", *tag, muxed], check=True)
    ours = video_configuration(codec, extradata(raw))
    theirs = video_configuration(codec, extradata(muxed))
    assert ours.length_size == 0 and theirs.length_size == 4
    assert ours.codec == theirs.codec
    if codec == "h264":
        assert with_four_byte_lengths(ours) == theirs.payload
    else:
        assert ours.payload[1:13] == theirs.payload[1:13] and ours.payload[16:19] == theirs.payload[16:19]


@pytest.mark.parametrize(("profile", "prefix"), [("baseline", "avc1.42"), ("main", "avc1.4d"), ("high", "avc1.64")])
def test_the_name_of_the_codec_tells_its_profile(profile: str, prefix: str, clips: Path) -> None:
    path = clips / f"{profile}.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=5:duration=1", "-c:v",
         "libx264", "-pix_fmt", "yuv420p", "-profile:v", profile, path],
        check=True,
    )  # fmt: skip
    stream, _ = read_clip(path)
    assert initialisation_of(stream).tracks[0].codec.startswith(prefix)


def test_audio_specific_config_is_named() -> None:
    assert aac_name(bytes.fromhex("1208")) == "mp4a.40.2"
    assert aac_name(bytes.fromhex("2b11")) == "mp4a.40.5"
    assert aac_name(bytes.fromhex("f8e8")) == "mp4a.40.39"


@given(st.lists(unit, min_size=1, max_size=6), st.booleans())
def test_units_survive_start_codes_and_lengths(units: list[bytes], long_codes: bool) -> None:
    code = b"\x00\x00\x00\x01" if long_codes else b"\x00\x00\x01"
    stream = b"".join(code + data for data in units)
    assert split_annex_b(stream) == units
    assert split_length_prefixed(annex_b_to_sample(stream)) == units
    assert split_length_prefixed(join_length_prefixed(units)) == units


@given(st.sampled_from(["h264", "hevc", "mjpeg"]), st.binary(max_size=200), st.booleans())
def test_no_extradata_a_camera_can_send_crashes_the_recorder(codec: str, data: bytes, annex_b: bool) -> None:
    video = TrackFormat("video", codec, Fraction(1, 90_000), b"\x00\x00\x00\x01" + data if annex_b else data, 640, 360)
    try:
        initialisation_of(StreamFormat(video))
    except BasiraError as error:
        assert error.code == "stream_format_unusable"


@given(st.binary(max_size=200), st.integers(1, 4))
def test_no_sample_crashes_the_splitter(data: bytes, length_size: int) -> None:
    split_annex_b(data)
    try:
        split_length_prefixed(data, length_size)
    except ValueError:
        return
