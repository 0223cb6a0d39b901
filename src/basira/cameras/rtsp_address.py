"""Where a stream is, and how long to wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class RtspAddress:
    """Where and how to connect; ``url`` holds no credentials."""

    url: str
    username: str | None = None
    password: SecretStr | None = None
    transport: Literal["tcp", "udp"] = "tcp"


@dataclass(frozen=True, slots=True)
class Patience:
    """The longest wait, in seconds, for an answer, for data, and for the first keyframe."""

    connect_s: float = 10.0
    silence_s: float = 10.0
    keyframe_s: float = 40.0
