from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.analysis.quantiser import Quantisers, effort
from tests.analysis.clips import intervals_of

_PLAIN = "keyint=10:scenecut=0:bframes=0:qp=33:ipratio=1"
# What changes the form of a slice header: entropy coding, reference lists, weights, order of pictures, slices, planes.
_FORMS = {
    "baseline": ["-profile:v", "baseline", "-x264-params", _PLAIN],
    "cavlc, several references": ["-x264-params", f"cabac=0:ref=4:{_PLAIN}"],
    "weights": ["-x264-params", f"weightp=2:ref=3:{_PLAIN}"],
    "slices": ["-x264-params", f"slices=4:{_PLAIN}"],
    "interlaced": ["-x264-params", f"interlaced=1:{_PLAIN}"],
    "scaling lists": ["-x264-params", f"cqm=jvt:{_PLAIN}"],
    "4:4:4": ["-pix_fmt", "yuv444p", "-x264-params", _PLAIN],
    "grey": ["-pix_fmt", "gray", "-x264-params", _PLAIN],
}


def _clip(path: Path, form: list[str]) -> Path:
    fade = "testsrc2=size=320x240:rate=10:duration=4,fade=in:0:30"  # a fade is what encoders use weights for
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", fade, "-pix_fmt", "yuv420p", "-c:v", "libx264", *form]
    subprocess.run([*command, str(path)], check=True)
    return path


@pytest.mark.parametrize("form", _FORMS)
def test_the_quantiser_an_encoder_was_told_to_use_is_read_from_every_picture(form: str, tmp_path: Path) -> None:
    seen = []
    for interval in intervals_of(_clip(tmp_path / "clip.mp4", _FORMS[form])):
        gop = interval.gop
        quantisers = Quantisers(gop.track.codec, gop.track.extradata)
        seen += [quantisers.of(data) for sample, data in gop.coded() if not sample.sync]
    assert len(seen) == 36
    assert set(seen) == {33}


def test_of_h265_and_of_what_is_none_nothing_is_told() -> None:
    assert Quantisers("hevc", b"\x01" * 60).of(b"\x00\x00\x00\x08" + b"\x26" * 8) is None
    assert Quantisers("h264", b"").of(b"\x00\x00\x00\x02\x65\x88") is None


@given(extradata=st.binary(max_size=80), sample=st.binary(max_size=120))
def test_no_bytes_make_it_fail(extradata: bytes, sample: bytes) -> None:
    for start in (b"", b"\x01\x64\x00\x1f\xff\xe1"):
        found = Quantisers("h264", start + extradata).of(b"\x00\x00\x00\x40\x41" + sample)
        assert found is None or 0 <= found <= 51


def test_six_steps_of_the_quantiser_are_worth_twice_the_bytes() -> None:
    assert effort(1000, 26) == effort(500, 32) == effort(2000, 20) == effort(1000, None) == 1000
