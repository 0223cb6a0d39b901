"""RTP to access units: by the standards, and from cameras that keep to them in part."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.base.clock import NS_PER_S
from basira.cameras.parameter_sets import VideoCodec
from basira.cameras.rtp import AccessUnit, AccessUnits, RtpPacket, read_rtp, read_sender_report
from basira.cameras.rtsp_session import ConnectionLost, Interleaved, Wire
from tests.cameras.scripted_camera import Interleaver, nals, units_of
from tests.conftest import clip_of

AUD, SPS, PPS, SEI = b"\x09\xf0", b"\x67set", b"\x68set", b"\x06\x05\x01x\x80"
KEY, NEXT_SLICE, PICTURE = b"\x65\x88key", b"\x65\x08more", b"\x41\x9apicture"
RECOVERY = b"\x06\x06\x01\x84\x80"


def assembled(
    packets: Iterable[tuple[int, bytes]], codec: str = "h264", *, skip: int | None = None
) -> list[AccessUnit]:
    """Access units of ``(timestamp, payload)`` pairs; packet number ``skip`` is lost on the way."""
    units = AccessUnits("h264" if codec == "h264" else "hevc")
    found: list[AccessUnit] = []
    for number, (timestamp, payload) in enumerate(packets):
        if number != skip:
            found += units.feed(RtpPacket(96, number & 0xFFFF, timestamp, payload), (number, number))
    return [*found, *units.end()]


def content(units: Iterable[AccessUnit]) -> list[tuple[int, list[bytes]]]:
    return [(unit.timestamp, nals(unit.data)) for unit in units]


def test_an_access_unit_is_what_has_one_timestamp() -> None:
    found = assembled([(0, SPS), (0, PPS), (0, KEY), (0, NEXT_SLICE), (6000, PICTURE)])
    assert content(found) == [(0, [SPS, PPS, KEY, NEXT_SLICE]), (6000, [PICTURE])]
    assert [unit.keyframe for unit in found] == [True, False]


def test_it_is_stamped_when_its_first_packet_came() -> None:
    found = assembled([(0, SPS), (0, KEY), (6000, b"\x7c\x81half"), (6000, b"\x7c\x41rest"), (12000, PICTURE)])
    assert [unit.arrived[0] for unit in found] == [0, 2, 4]


def test_parameter_sets_with_the_time_of_the_picture_before_belong_to_the_next() -> None:
    found = assembled([(0, PICTURE), (0, SPS), (0, PPS), (6000, KEY), (12000, PICTURE)])
    assert content(found) == [(0, [PICTURE]), (6000, [SPS, PPS, KEY]), (12000, [PICTURE])]


def test_two_pictures_of_one_timestamp_are_two() -> None:
    assert [len(unit) for _, unit in content(assembled([(0, KEY), (0, PICTURE), (0, PICTURE)]))] == [1, 1, 1]


def test_units_packed_together_and_units_in_pieces_come_out_as_they_were() -> None:
    together = b"\x78" + b"".join(struct.pack(">H", len(unit)) + unit for unit in (SPS, PPS))
    pieces = [b"\x7c\x85" + KEY[1:3], b"\x7c\x05" + KEY[3:4], b"\x7c\x45" + KEY[4:]]
    assert content(assembled([(0, together), *((0, piece) for piece in pieces)])) == [(0, [SPS, PPS, KEY])]


def test_h265_too() -> None:
    vps, idr, picture = b"\x40\x01v", b"\x26\x01\xafkey", b"\x02\x01\xd0picture"
    together = b"\x60\x01" + struct.pack(">H", len(vps)) + vps
    pieces = [b"\x62\x01\x93" + idr[2:4], b"\x62\x01\x53" + idr[4:]]
    found = assembled([(0, together), *((0, piece) for piece in pieces), (3000, picture)], "hevc")
    assert content(found) == [(0, [vps, idr]), (3000, [picture])]
    assert [unit.keyframe for unit in found] == [True, False]


def test_an_intra_picture_that_decoding_may_begin_with_is_a_keyframe() -> None:
    found = assembled([(0, RECOVERY), (0, PICTURE), (6000, SEI), (6000, PICTURE)])
    assert [unit.keyframe for unit in found] == [True, False]


def test_of_a_picture_of_which_a_packet_is_lost_the_rest_is_kept() -> None:
    pieces = [b"\x7c\x85begun", b"\x7c\x05amid", b"\x7c\x45ended"]
    packets = [(0, SPS), *((0, piece) for piece in pieces), (6000, PICTURE)]
    assert content(assembled(packets, skip=2)) == [(0, [SPS, b"\x65begun"]), (6000, [PICTURE])]
    assert content(assembled(packets, skip=1)) == [(6000, [SPS, PICTURE])], "without its beginning it is nothing"


def test_a_clock_of_32_bits_goes_on_when_it_wraps() -> None:
    found = assembled([((2**32 - 6000 + 6000 * n) % 2**32, PICTURE) for n in range(4)])
    assert [unit.timestamp for unit in found] == [2**32 - 6000 + 6000 * n for n in range(4)]


def test_what_a_real_encoder_made_comes_out_as_it_was(clips: Path) -> None:
    units = units_of(clip_of(clips))
    wire, found = Interleaver(), list[AccessUnit]()
    access_units = AccessUnits("h264")
    for unit in units:
        sent = wire.video(unit)
        while sent:
            end = 4 + int.from_bytes(sent[2:4], "big")
            packet = read_rtp(sent[4:end])
            assert packet is not None
            found += access_units.feed(packet, (0, 0))
            sent = sent[end:]
    found += access_units.end()
    assert [(one.timestamp, nals(one.data)) for one in found] == [(unit.pts, nals(unit.data)) for unit in units]


class Delivered:
    """A socket that has all of ``data``, and gives it in pieces of ``size``."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size = data, size

    def recv(self, _: int) -> bytes:
        piece, self._data = self._data[: self._size], self._data[self._size :]
        return piece


@given(
    sizes=st.lists(st.integers(2, 90), min_size=1, max_size=12),
    lost=st.sets(st.integers(0, 80), max_size=3),
    longest=st.integers(4, 20),
    read=st.integers(1, 400),
    codec=st.sampled_from(["h264", "hevc"]),
)
def test_packets_taken_many_at_a_time_make_what_they_make_one_by_one(
    sizes: list[int], lost: set[int], longest: int, read: int, codec: VideoCodec
) -> None:
    packets = [rtp for number, rtp in enumerate(packets_of(sizes, longest, codec)) if number not in lost]
    one_by_one = AccessUnits(codec)
    expected = [unit for data in packets if (rtp := read_rtp(data)) for unit in one_by_one.feed(rtp, (0, 0))]
    framed = b"".join(struct.pack(">BBH", 0x24, 0, len(data)) + data for data in packets)
    wire, many = Wire(cast(socket.socket, Delivered(framed, read))), AccessUnits(codec)
    found: list[AccessUnit] = []
    with suppress(ConnectionLost):
        while True:
            wire.receive()
            for item in wire.items():
                assert isinstance(item, Interleaved)
                rtp = read_rtp(item.data)
                assert rtp is not None
                found += many.feed(rtp, (0, 0))
                many.feed_like(item.data, partial(wire.next_like, item))
    assert [*found, *many.end()] == [*expected, *one_by_one.end()]


def packets_of(sizes: Sequence[int], longest: int, codec: VideoCodec) -> Iterator[bytes]:
    """A picture of each size, in pieces of at most ``longest`` bytes; every picture's bytes tell its place in it."""
    sequence = 65530
    for number, size in enumerate(sizes):
        head = b"\x41" if codec == "h264" else b"\x02\x01"
        body = bytes((0x80 | place) & 0xFF for place in range(size))
        pieces = [body[at : at + longest] for at in range(0, size, longest)]
        for place, piece in enumerate(pieces):
            flags = 0x80 * (place == 0) | 0x40 * (place == len(pieces) - 1) | 1
            kind = bytes((0x41 & 0xE0 | 28, flags)) if codec == "h264" else bytes((49 << 1, 1, flags))
            payload = kind + piece if len(pieces) > 1 else head + piece
            yield struct.pack(">BBHII", 0x80, 96, sequence & 0xFFFF, number * 6000, 7) + payload
            sequence += 1


def test_padding_extension_and_sources_are_no_payload() -> None:
    head = struct.pack(">BBHII", 0x80 | 0x20 | 0x10 | 1, 96, 7, 9, 1) + b"srce" + struct.pack(">HH", 0, 1) + b"extn"
    assert read_rtp(head + b"payload" + b"\x00\x00\x03") == RtpPacket(96, 7, 9, b"payload")


def test_a_sender_report_tells_the_cameras_clock() -> None:
    report = struct.pack(">BBHIIIIII", 0x80, 200, 6, 1, 2_208_988_800 + 1_760_000_000, 1 << 31, 90_000, 0, 0)
    assert read_sender_report(report) == (1_760_000_000 * NS_PER_S + NS_PER_S // 2, 90_000)
    assert read_sender_report(report[:8] + bytes(8) + report[16:]) is None, "a camera that has no clock says 0"


@given(st.binary(max_size=40))
def test_no_bytes_do_worse_than_nothing(data: bytes) -> None:
    read_sender_report(data)
    packet = read_rtp(data)
    assert packet is None or packet.payload


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@given(payloads=st.lists(st.tuples(st.integers(0, 2**32 - 1), st.binary(min_size=1, max_size=20)), max_size=20))
def test_no_payloads_do_worse_than_odd_pictures(codec: str, payloads: list[tuple[int, bytes]]) -> None:
    for unit in assembled(payloads, codec):
        assert unit.data.startswith(b"\x00\x00\x00\x01")
