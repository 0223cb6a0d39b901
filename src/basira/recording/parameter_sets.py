"""Codec configuration as MP4 keeps it: avcC, hvcC, AudioSpecificConfig, and the RFC 6381 names of them.

Raises ValueError for bytes that are no codec configuration; the caller knows which camera they came from.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from basira.base.bits import BitReader, unescape
from basira.recording.nal import split_annex_b

H264_SPS: Final = 7
H264_PPS: Final = 8
HEVC_VPS: Final = 32
HEVC_SPS: Final = 33
HEVC_PPS: Final = 34
# Profiles whose avcC and SPS carry the chroma format (ISO/IEC 14496-15 §5.3.3.1.2).
_HIGH_PROFILES: Final = frozenset({100, 110, 122, 144})


@dataclass(frozen=True, slots=True)
class VideoConfiguration:
    """The configuration box of a video track.

    ``box`` is ``avcC`` or ``hvcC``; ``length_size`` is 0 when the source's packets have start codes, else the
    bytes of their length prefixes; ``codec`` is the RFC 6381 name.
    """

    box: bytes
    payload: bytes
    codec: str
    length_size: int


def is_annex_b(extradata: bytes) -> bool:
    """Whether the extradata is a byte stream with start codes, so that packets are too."""
    return extradata[:3] == b"\x00\x00\x01" or extradata[:4] == b"\x00\x00\x00\x01"


def video_configuration(codec: str, extradata: bytes) -> VideoConfiguration:
    """What MP4 needs for a track of ``codec`` (``h264`` or ``hevc``) with the source's ``extradata``."""
    annex_b = is_annex_b(extradata)
    if codec == "h264":
        payload = _avcc_of(split_annex_b(extradata)) if annex_b else extradata
        if len(payload) < 7 or payload[0] != 1:
            raise ValueError("no H.264 parameter sets")
        return VideoConfiguration(b"avcC", payload, avc_name(payload), 0 if annex_b else (payload[4] & 3) + 1)
    if codec == "hevc":
        payload = _hvcc_of(split_annex_b(extradata)) if annex_b else extradata
        if len(payload) < 23 or payload[0] != 1:
            raise ValueError("no H.265 parameter sets")
        return VideoConfiguration(b"hvcC", payload, hevc_name(payload), 0 if annex_b else (payload[21] & 3) + 1)
    raise ValueError(f"no place in MP4 for {codec}")


def with_four_byte_lengths(configuration: VideoConfiguration) -> bytes:
    """The payload, saying that samples have four-byte lengths: what we write."""
    payload = bytearray(configuration.payload)
    payload[4 if configuration.box == b"avcC" else 21] |= 3
    return bytes(payload)


def avc_name(avcc: bytes) -> str:
    """``avc1.64001f`` from an avcC."""
    return f"avc1.{avcc[1:4].hex()}"


def hevc_name(hvcc: bytes) -> str:
    """``hvc1.1.6.L93.b0`` from an hvcC (ISO/IEC 14496-15 annex E)."""
    space = ("", "A", "B", "C")[hvcc[1] >> 6]
    tier = "H" if hvcc[1] & 0x20 else "L"
    (compatibility,) = struct.unpack_from(">I", hvcc, 2)
    reversed_compatibility = int(f"{compatibility:032b}"[::-1], 2)
    constraints = hvcc[6:12].rstrip(b"\x00")
    tail = "".join(f".{byte:x}" for byte in constraints)
    return f"hvc1.{space}{hvcc[1] & 0x1F}.{reversed_compatibility:x}.{tier}{hvcc[12]}{tail}"


def aac_name(audio_specific_config: bytes) -> str:
    """``mp4a.40.2`` from an AudioSpecificConfig."""
    reader = BitReader(audio_specific_config)
    object_type = reader.bits(5)
    if object_type == 31:
        object_type = 32 + reader.bits(6)
    return f"mp4a.40.{object_type}"


def _avcc_of(units: list[bytes]) -> bytes:
    sps = _distinct(unit for unit in units if unit[0] & 0x1F == H264_SPS)
    pps = _distinct(unit for unit in units if unit[0] & 0x1F == H264_PPS)
    if not sps or not pps or len(sps[0]) < 4:
        raise ValueError("no H.264 parameter sets")
    head = bytes([1]) + sps[0][1:4] + bytes([0xFF, 0xE0 | len(sps)])
    body = b"".join(struct.pack(">H", len(unit)) + unit for unit in sps)
    body += bytes([len(pps)]) + b"".join(struct.pack(">H", len(unit)) + unit for unit in pps)
    if sps[0][1] in _HIGH_PROFILES:
        chroma, luma_bits, chroma_bits = _h264_chroma(sps[0])
        body += bytes([0xFC | chroma, 0xF8 | luma_bits, 0xF8 | chroma_bits, 0])
    return head + body


def _h264_chroma(sps: bytes) -> tuple[int, int, int]:
    """chroma_format_idc and both bit depths less eight, of a high-profile SPS."""
    reader = BitReader(unescape(sps)[4:])
    reader.ue()  # seq_parameter_set_id
    chroma = reader.ue()
    if chroma == 3:
        reader.bits(1)  # separate_colour_plane_flag
    return chroma, reader.ue(), reader.ue()


def _hvcc_of(units: list[bytes]) -> bytes:
    arrays = [
        (kind, _distinct(unit for unit in units if (unit[0] >> 1) & 0x3F == kind))
        for kind in (HEVC_VPS, HEVC_SPS, HEVC_PPS)
    ]
    if not all(found for _, found in arrays):
        raise ValueError("no H.265 parameter sets")
    sps = unescape(arrays[1][1][0])[2:]
    reader = BitReader(sps)
    reader.bits(4)  # sps_video_parameter_set_id
    sub_layers = reader.bits(3)
    nested = reader.bits(1)
    profile_tier_level = bytes(reader.bits(8) for _ in range(12))
    _skip_sub_layers(reader, sub_layers)
    reader.ue()  # sps_seq_parameter_set_id
    chroma = reader.ue()
    if chroma == 3:
        reader.bits(1)
    reader.ue()  # width
    reader.ue()  # height
    if reader.bits(1):  # conformance window
        for _ in range(4):
            reader.ue()
    luma_bits, chroma_bits = reader.ue(), reader.ue()
    head = bytes([1]) + profile_tier_level + b"\xf0\x00\xfc"
    head += bytes([0xFC | chroma, 0xF8 | luma_bits, 0xF8 | chroma_bits, 0, 0])
    head += bytes([(sub_layers + 1) << 3 | nested << 2 | 3, len(arrays)])
    return head + b"".join(
        bytes([0x80 | kind]) + struct.pack(">H", len(found))
        + b"".join(struct.pack(">H", len(unit)) + unit for unit in found)
        for kind, found in arrays
    )  # fmt: skip


def _skip_sub_layers(reader: BitReader, sub_layers: int) -> None:
    present = [(reader.bits(1), reader.bits(1)) for _ in range(sub_layers)]
    if sub_layers:
        reader.bits(2 * (8 - sub_layers))
    for profile, level in present:
        reader.bits(88 * profile + 8 * level)


def _distinct(units: Iterable[bytes]) -> list[bytes]:
    return list(dict.fromkeys(units))
