"""Parameter sets of H.264 and H.265 found in Annex B access units: what they are, when they change, what size they say.

Reads only the head of an access unit, up to its first picture data. Nothing is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

VideoCodec = Literal["h264", "hevc"]

_START_CODE: Final = b"\x00\x00\x01"
_SPS: Final = {"h264": 7, "hevc": 33}
_SETS: Final = {"h264": (7, 8), "hevc": (32, 33, 34)}
_CHROMA_IN_SPS: Final = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
_MAX_SIDE: Final = 16_384
_MAX_SETS: Final = 64


class PictureFormat(NamedTuple):
    """What a sequence parameter set says. ``frame_rate`` is 0 and ``reorder`` None when it does not."""

    width: int
    height: int
    frame_rate: float = 0.0
    reorder: int | None = None


class ParameterSets:
    """The parameter sets in force on one stream, begun with those of the session description (or none)."""

    def __init__(self, codec: VideoCodec, extradata: bytes = b"") -> None:
        self.codec = codec
        self._sets = tuple(parameter_sets_of(codec, extradata))

    @property
    def annex_b(self) -> bytes:
        return b"".join(b"\x00" + _START_CODE + nal for nal in self._sets)

    @property
    def is_complete(self) -> bool:
        """Whether they hold what a decoder needs to begin."""
        return {_nal_type(self.codec, nal) for nal in self._sets} >= set(_SETS[self.codec])

    def update(self, access_unit: bytes) -> bool:
        """Take in the sets at the head of ``access_unit``; True when they differ from those in force.

        A kind of set that is missing there stays as it was: its packet was lost, or the camera sends it rarely.
        """
        found = tuple(dict.fromkeys(parameter_sets_of(self.codec, access_unit)))
        if set(found) <= set(self._sets):
            return False
        kinds = {_nal_type(self.codec, nal) for nal in found}
        if _SPS[self.codec] in kinds:
            kept = tuple(nal for nal in self._sets if _nal_type(self.codec, nal) not in kinds)
        else:
            kept = tuple(nal for nal in self._sets if nal not in found)
        # In the order of their kinds, as a camera sends them; of one kind the newest, should there be senselessly many.
        self._sets = tuple(sorted((kept + found)[-_MAX_SETS:], key=lambda nal: _nal_type(self.codec, nal)))
        return True

    def picture(self) -> PictureFormat:
        """Raises ValueError when there is no sequence parameter set, or a senseless one."""
        for nal in self._sets:
            if _nal_type(self.codec, nal) == _SPS[self.codec]:
                return read_sps(self.codec, nal)
        raise ValueError("no sequence parameter set")

    def codec_string(self) -> str:
        """The RFC 6381 name that browsers ask for: ``avc1.64001f``, ``hvc1.1.6.L93.90``. Raises ValueError."""
        for nal in self._sets:
            if _nal_type(self.codec, nal) == _SPS[self.codec]:
                return _h264_string(nal) if self.codec == "h264" else _h265_string(nal)
        raise ValueError("no sequence parameter set")


def _h264_string(sps: bytes) -> str:
    return f"avc1.{sps[1:4].hex()}"


def _h265_string(sps: bytes) -> str:
    """ISO/IEC 14496-15 annex E."""
    bits = _Bits(sps)
    bits.skip(24)
    space, tier, profile = bits.u(2), bits.u(1), bits.u(5)
    compatible = int(f"{bits.u(32):032b}"[::-1], 2)
    constraints = bits.u(48).to_bytes(6, "big").rstrip(b"\x00")
    tail = "".join(f".{byte:x}" for byte in constraints)
    return f"hvc1.{['', 'A', 'B', 'C'][space]}{profile}.{compatible:x}.{'LH'[tier]}{bits.u(8)}{tail}"


def parameter_sets_of(codec: VideoCodec, annex_b: bytes) -> Iterator[bytes]:
    """The parameter sets before the first picture data of ``annex_b``, without start codes, in order."""
    wanted = _SETS[codec]
    start = annex_b.find(_START_CODE)
    while start >= 0:
        start += 3
        if start >= len(annex_b):
            return
        kind = _nal_type(codec, annex_b[start : start + 1])
        if (codec == "h264" and 1 <= kind <= 5) or (codec == "hevc" and kind < 32):
            return
        end = annex_b.find(_START_CODE, start)
        if kind in wanted:
            nal = (annex_b[start:] if end < 0 else annex_b[start:end]).rstrip(b"\x00")
            if nal:
                yield nal
        start = end


def read_sps(codec: VideoCodec, nal: bytes) -> PictureFormat:
    """Raises ValueError when ``nal`` is no sensible sequence parameter set."""
    bits = _Bits(nal)
    picture = _read_h264_sps(bits) if codec == "h264" else _read_h265_sps(bits)
    if not (0 < picture.width <= _MAX_SIDE and 0 < picture.height <= _MAX_SIDE):
        raise ValueError("senseless picture size")
    return picture


def _nal_type(codec: VideoCodec, nal: bytes) -> int:
    return nal[0] & 0x1F if codec == "h264" else nal[0] >> 1 & 0x3F


class _Bits:
    """Reads the bits of a NAL unit, emulation prevention bytes left out."""

    def __init__(self, nal: bytes) -> None:
        self._data = nal.replace(b"\x00\x00\x03", b"\x00\x00")
        self._at = 0

    def skip(self, count: int) -> None:
        self._at += count

    def u(self, count: int) -> int:
        end = self._at + count
        if end > len(self._data) * 8:
            raise ValueError("parameter set ends early")
        first, last = self._at // 8, (end + 7) // 8
        word = int.from_bytes(self._data[first:last], "big") >> (last * 8 - end)
        self._at = end
        return word & ((1 << count) - 1)

    def ue(self) -> int:
        zeros = 0
        while self.u(1) == 0:
            zeros += 1
            if zeros > 32:
                raise ValueError("senseless number in parameter set")
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        value = self.ue()
        return (value + 1) // 2 if value % 2 else -(value // 2)


def _read_h264_sps(bits: _Bits) -> PictureFormat:
    bits.skip(8)
    profile = bits.u(8)
    bits.skip(16)
    bits.ue()
    chroma = 1
    if profile in _CHROMA_IN_SPS:
        chroma = bits.ue()
        if chroma == 3:
            bits.skip(1)
        bits.ue()
        bits.ue()
        bits.skip(1)
        if bits.u(1):
            for index in range(8 if chroma != 3 else 12):
                if bits.u(1):
                    _skip_scaling_list(bits, 16 if index < 6 else 64)
    bits.ue()
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.skip(1)
        bits.se()
        bits.se()
        for _ in range(min(bits.ue(), 255)):
            bits.se()
    bits.ue()
    bits.skip(1)
    width, map_height, frames_only = bits.ue() + 1, bits.ue() + 1, bits.u(1)
    if not frames_only:
        bits.skip(1)
    bits.skip(1)
    left = right = top = bottom = 0
    if bits.u(1):
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
    unit_x = 2 if chroma in (1, 2) else 1
    unit_y = (2 if chroma == 1 else 1) * (2 - frames_only)
    rate, reorder = _read_h264_usability(bits) if bits.u(1) else (0.0, None)
    return PictureFormat(
        width * 16 - unit_x * (left + right),
        map_height * 16 * (2 - frames_only) - unit_y * (top + bottom),
        rate,
        reorder,
    )


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se() + 256) % 256
        last = following or last


def _read_h264_usability(bits: _Bits) -> tuple[float, int | None]:
    """Frame rate and how many frames are reordered, from the video usability information."""
    if bits.u(1) and bits.u(8) == 255:
        bits.skip(32)
    if bits.u(1):
        bits.skip(1)
    if bits.u(1):
        bits.skip(4)
        if bits.u(1):
            bits.skip(24)
    if bits.u(1):
        bits.ue()
        bits.ue()
    rate = 0.0
    if bits.u(1):
        ticks, scale = bits.u(32), bits.u(32)
        bits.skip(1)
        rate = scale / (2 * ticks) if ticks else 0.0
    has_hrd = False
    for _ in range(2):
        if bits.u(1):
            has_hrd = True
            _skip_hrd(bits)
    if has_hrd:
        bits.skip(1)
    bits.skip(1)
    if not bits.u(1):
        return rate, None
    bits.skip(1)
    for _ in range(4):
        bits.ue()
    return rate, min(bits.ue(), 16)


def _skip_hrd(bits: _Bits) -> None:
    count = bits.ue() + 1
    bits.skip(8)
    for _ in range(min(count, 32)):
        bits.ue()
        bits.ue()
        bits.skip(1)
    bits.skip(20)


def _read_h265_sps(bits: _Bits) -> PictureFormat:
    bits.skip(16 + 4)
    sub_layers = bits.u(3)
    bits.skip(1 + 96)
    present = [(bits.u(1), bits.u(1)) for _ in range(sub_layers)]
    if sub_layers:
        bits.skip(2 * (8 - sub_layers))
    for has_profile, has_level in present:
        bits.skip(88 * has_profile + 8 * has_level)
    bits.ue()
    chroma = bits.ue()
    if chroma == 3:
        bits.skip(1)
    width, height = bits.ue(), bits.ue()
    left = right = top = bottom = 0
    if bits.u(1):
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
    bits.ue()
    bits.ue()
    bits.ue()
    reorder = 0
    for _ in range(sub_layers + 1 if bits.u(1) else 1):
        bits.ue()
        reorder = bits.ue()
        bits.ue()
    return PictureFormat(
        width - (2 if chroma in (1, 2) else 1) * (left + right),
        height - (2 if chroma == 1 else 1) * (top + bottom),
        0.0,
        min(reorder, 16),
    )
