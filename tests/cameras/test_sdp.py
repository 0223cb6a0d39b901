"""Descriptions as cameras write them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from basira.cameras.sdp import read_description

CAMERA = b"""v=0\r
o=- 1 1 IN IP4 192.0.2.7\r
s=Media Server\r
a=control:*\r
m=video 0 RTP/AVP 96\r
a=control:trackID=0\r
a=framerate:25.000000\r
a=rtpmap:96 H264/90000\r
a=fmtp:96 packetization-mode=1;profile-level-id=64002A; sprop-parameter-sets=Z2QAKqwsaoHgCJ+WbgICAgQ=,aO48sAA=\r
m=audio 0 RTP/AVP 8\r
a=control:trackID=1\r
m=application 0 RTP/AVP 107\r
a=rtpmap:107 vnd.onvif.metadata/90000\r
"""


def test_a_cameras_streams_are_read_in_order() -> None:
    found = read_description(CAMERA)
    assert found.control == "*"
    assert [(one.kind, one.payload_type, one.codec, one.control) for one in found.media] == [
        ("video", 96, "H264", "trackID=0"), ("audio", 8, "", "trackID=1"),
        ("application", 107, "VND.ONVIF.METADATA", ""),
    ]  # fmt: skip
    video = found.media[0]
    assert (video.clock_rate, video.frame_rate, video.parameters["packetization-mode"]) == (90_000, 25.0, "1")
    assert video.parameters["sprop-parameter-sets"] == "Z2QAKqwsaoHgCJ+WbgICAgQ=,aO48sAA="


def test_lines_that_make_no_sense_are_passed_over() -> None:
    found = read_description(
        b"a=control:*\nm=video\na=control:none\na=rtpmap:\n"
        b"m=video 0 RTP/AVP 96\na=rtpmap:96\na=fmtp:96\na=framerate:soon\n\xff"
    )
    assert found.control == "*"
    assert [(one.codec, one.clock_rate, one.frame_rate) for one in found.media] == [("", 0, 0.0)]


@given(st.binary(max_size=300) | st.text("mavideo=:/ 09612rtpmfh.\n", max_size=300).map(str.encode))
def test_no_text_does_worse_than_few_streams(text: bytes) -> None:
    assert len(read_description(text).media) <= 16
