"""What a camera says of its streams: as much of a session description (RFC 8866) as reading video needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_MOST_MEDIA: Final = 16


@dataclass(slots=True)
class Media:
    """One stream on offer. ``codec`` is the encoding's name in capitals, empty where only a number is told."""

    kind: str
    payload_type: int
    codec: str = ""
    clock_rate: int = 0
    control: str = ""
    frame_rate: float = 0.0
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Description:
    """A session: its own control address, empty where it has none, and its streams in order."""

    control: str
    media: list[Media]


def read_description(text: bytes) -> Description:
    """Lines that make no sense are passed over: cameras write descriptions by hand."""
    session = Description("", [])
    current: Media | None = None
    for line in text.decode("utf-8", "replace").splitlines():
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            current = _media(value)
            if current.payload_type >= 0 and len(session.media) < _MOST_MEDIA:
                session.media.append(current)
        elif kind == "a":
            name, _, argument = value.partition(":")
            if current is not None:
                _read_attribute(current, name, argument.strip())
            elif name == "control":
                session.control = argument.strip()
    return session


def _media(value: str) -> Media:
    """``video 0 RTP/AVP 96``, of whose formats the first counts; payload type -1 where there is none."""
    words = value.split()
    if len(words) < 4 or not words[3].isdecimal():
        return Media("", -1)
    return Media(words[0], int(words[3][:4]))


def _read_attribute(media: Media, name: str, argument: str) -> None:
    number, _, rest = argument.partition(" ")
    if name == "control":
        media.control = argument
    elif name == "framerate":
        media.frame_rate = _number(argument)
    elif name == "rtpmap" and number == str(media.payload_type):
        codec, _, rate = rest.strip().partition("/")
        media.codec, media.clock_rate = codec.upper(), int(_number(rate.partition("/")[0]))
    elif name == "fmtp" and number == str(media.payload_type):
        pairs = (pair.strip().partition("=") for pair in rest.split(";"))
        media.parameters |= {key.strip().lower(): value.strip() for key, _, value in pairs if key}


def _number(text: str) -> float:
    """A number that may be; 0 where it is none, or senseless."""
    try:
        found = float(text)
    except ValueError:
        return 0.0
    return found if 0 < found < 1e9 else 0.0
