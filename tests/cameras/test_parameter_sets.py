from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.cameras.parameter_sets import ParameterSets, VideoCodec, read_sps

H264_SPS = bytes.fromhex("6742c00cda0507e840000003004000000783c50aa8")  # 320×240, 15 frames a second


def annex_b(*nals: bytes) -> bytes:
    return b"".join(b"\x00\x00\x00\x01" + nal for nal in nals)


def encoded(folder: Path, codec: VideoCodec, size: str, *options: str) -> bytes:
    path = folder / f"clip.{codec}"
    encoder = "libx264" if codec == "h264" else "libx265"
    quiet = [] if codec == "h264" else ["-x265-params", "log-level=none"]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=s={size}:r=12", "-frames:v", "3",
         "-c:v", encoder, "-preset", "ultrafast", *options, *quiet, "-f", codec, str(path)],
        check=True,
    )  # fmt: skip
    return path.read_bytes()


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize(
    ("size", "options"),
    [
        ("1920x1080", ("-pix_fmt", "yuv420p")),
        ("322x182", ("-pix_fmt", "yuv420p")),
        ("64x48", ("-pix_fmt", "yuv422p")),
        ("62x46", ("-pix_fmt", "yuv444p")),
    ],
)
def test_the_picture_size_is_that_of_the_encoder(
    tmp_path: Path, codec: VideoCodec, size: str, options: tuple[str, ...]
) -> None:
    sets = ParameterSets(codec)
    assert sets.update(encoded(tmp_path, codec, size, *options))
    assert f"{sets.picture().width}x{sets.picture().height}" == size


def test_interlaced_h264_has_the_height_of_a_frame(tmp_path: Path) -> None:
    sets = ParameterSets("h264", encoded(tmp_path, "h264", "320x180", "-flags", "+ilme+ildct", "-pix_fmt", "yuv420p"))
    assert sets.picture()[:2] == (320, 180)


def test_frame_rate_and_reordering_are_read_from_h264(tmp_path: Path) -> None:
    clip = encoded(tmp_path, "h264", "320x240", "-bf", "2", "-pix_fmt", "yuv420p")
    picture = ParameterSets("h264", clip).picture()
    assert (picture.frame_rate, picture.reorder) == (12.0, 2)


def test_the_same_sets_again_are_no_change() -> None:
    sets = ParameterSets("h264", annex_b(H264_SPS, b"\x68\xce\x3c\x80"))
    assert not sets.update(annex_b(b"\x09\xf0", H264_SPS, b"\x68\xce\x3c\x80", b"\x65picture"))
    assert not sets.update(annex_b(b"\x68\xce\x3c\x80", b"\x65picture"))
    assert not sets.update(annex_b(b"\x65picture"))


def test_other_sets_are_a_change_and_replace_the_old() -> None:
    sets = ParameterSets("h264", annex_b(H264_SPS, b"\x68\xce\x3c\x80"))
    wider = b"\x67\x42\xc0\x0d" + H264_SPS[4:]
    assert sets.update(annex_b(wider, b"\x68\xce\x3c\x80", b"\x65picture"))
    assert sets.annex_b == annex_b(wider, b"\x68\xce\x3c\x80")


def test_a_set_whose_packet_was_lost_stays_in_force() -> None:
    sets = ParameterSets("h264", annex_b(H264_SPS, b"\x68\xce\x3c\x80"))
    assert not sets.update(annex_b(H264_SPS, b"\x65picture"))
    wider = b"\x67\x42\xc0\x0d" + H264_SPS[4:]
    assert sets.update(annex_b(wider, b"\x65picture")) and sets.is_complete
    assert sets.update(annex_b(wider, b"\x68\xce\x3c\x81", b"\x65picture"))
    assert sets.annex_b == annex_b(wider, b"\x68\xce\x3c\x81")


def test_a_camera_that_never_sends_the_same_set_twice_fills_no_memory() -> None:
    sets = ParameterSets("h264", annex_b(H264_SPS, b"\x68\xce\x3c\x80"))
    for number in range(1000):
        assert sets.update(annex_b(b"\x68" + number.to_bytes(2, "big") + b"\x80", b"\x65picture"))
    assert len(sets.annex_b) < 1000


def test_what_looks_like_a_set_inside_picture_data_is_not_one() -> None:
    sets = ParameterSets("h264", annex_b(H264_SPS, b"\x68\xce\x3c\x80"))
    assert not sets.update(annex_b(b"\x65picture", b"\x67\x42\xc0\x0d" + H264_SPS[4:]))


@given(data=st.binary(max_size=80), codec=st.sampled_from(["h264", "hevc"]))
def test_garbage_is_refused_by_value_error_alone(data: bytes, codec: VideoCodec) -> None:
    try:
        picture = read_sps(codec, data)
    except ValueError:
        return
    assert 0 < picture.width <= 16_384 and 0 < picture.height <= 16_384


@given(data=st.binary(max_size=200), codec=st.sampled_from(["h264", "hevc"]))
def test_any_bytes_can_be_searched_for_sets(data: bytes, codec: VideoCodec) -> None:
    ParameterSets(codec).update(data)


@given(at=st.integers(0, len(H264_SPS) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_in_a_real_set_does_no_harm(at: int, bit: int) -> None:
    damaged = bytearray(H264_SPS)
    damaged[at] ^= 1 << bit
    try:
        read_sps("h264", bytes(damaged))
    except ValueError:
        return
