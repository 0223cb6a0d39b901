"""What names a thing for ever: site, camera, stream, recording, segment."""

from __future__ import annotations

import re
import secrets
from typing import Annotated, Literal, NamedTuple

from pydantic import StringConstraints

StreamName = Literal["main", "sub"]
STREAM_NAMES: tuple[StreamName, ...] = ("main", "sub")

IDENTIFIER_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
SiteId = Annotated[str, StringConstraints(pattern=IDENTIFIER_PATTERN)]
CameraId = Annotated[str, StringConstraints(pattern=IDENTIFIER_PATTERN)]

# Crockford's base 32 without letters that are mistaken for digits: read over a radio, typed by a technician.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def is_identifier(text: str) -> bool:
    """Whether ``text`` may name a site or a camera (it becomes a folder name)."""
    return re.fullmatch(IDENTIFIER_PATTERN, text) is not None


def new_identifier(prefix: str) -> str:
    """A fresh identifier, ``prefix`` and ten random characters (50 bits): ``cam-4k7m0q2x9t``."""
    return f"{prefix}-{''.join(secrets.choice(_ALPHABET) for _ in range(10))}"


class StreamKey(NamedTuple):
    """One stream of one camera at one site."""

    site: str
    camera: str
    stream: str


class SegmentKey(NamedTuple):
    """One segment file.

    ``recording`` counts uninterrupted runs of a stream from 1 and never repeats; ``segment`` counts from 0
    within the recording. Both are independent of any clock, so no clock can make two segments collide.
    """

    site: str
    camera: str
    stream: str
    recording: int
    segment: int

    @property
    def stream_key(self) -> StreamKey:
        return StreamKey(self.site, self.camera, self.stream)
