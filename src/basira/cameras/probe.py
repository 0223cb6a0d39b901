"""Testing a camera before it is saved: what it sends, and what to change on it.

The camera is read in a process of its own with limits on time and memory, so that whatever it sends harms nobody.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from basira.base.errors import BasiraError
from basira.base.identifiers import StreamName
from basira.base.sentences import sentence_of
from basira.cameras.addresses import redact
from basira.catalogue.kinds import CameraKind, Transport

_log = structlog.get_logger()

Params = dict[str, str | int | float]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ProbeRequest(_Shape):
    """``url`` for kind ``rtsp`` (credentials may be in it) and ``file`` (a path), ``address`` for ``onvif``."""

    kind: CameraKind
    url: str | None = None
    address: str | None = None
    username: str | None = None
    password: SecretStr | None = None
    transport: Transport = "tcp"

    def for_the_process(self) -> bytes:
        """JSON with the password in it: for the pipe to the probing process alone."""
        secret = self.password.get_secret_value() if self.password is not None else None
        return json.dumps(self.model_dump(exclude={"password"}) | {"password": secret}).encode()


class Sentence(_Shape):
    ar: str
    en: str


class Problem(_Shape):
    """A code of ``base.messages``, its sentences filled in, and what fills them."""

    code: str
    message: Sentence
    params: Params = Field(default_factory=dict)

    @classmethod
    def of(cls, error: BasiraError) -> Problem:
        return cls(code=error.code, message=_sentence(error.code, error.params), params=error.params)


class Advice(_Shape):
    """Something to know or to change on the camera."""

    code: str
    severity: Literal["info", "warning", "error"]
    message: Sentence

    @classmethod
    def of(cls, code: str, severity: Literal["info", "warning", "error"], **params: str | int | float) -> Advice:
        return cls(code=code, severity=severity, message=_sentence(code, params))


class Device(_Shape):
    manufacturer: str
    model: str
    firmware: str


class FoundAudio(_Shape):
    """``recorded``: whether the recording will carry it, as it is or converted."""

    codec: str
    sample_rate: int
    recorded: bool


class FoundStream(_Shape):
    """What one stream turned out to send. ``keyframe_interval_s`` is None when fewer than two keyframes came."""

    name: StreamName
    url: str
    transport: Transport
    codec: str
    codec_name: str
    width: int
    height: int
    frame_rate: float
    keyframe_interval_s: float | None
    bit_rate: float
    audio: FoundAudio | None
    snapshot_jpeg_base64: str | None


class ProbeReport(_Shape):
    ok: bool
    error: Problem | None = None
    device: Device | None = None
    streams: tuple[FoundStream, ...] = ()
    advice: tuple[Advice, ...] = ()

    @classmethod
    def failed(cls, error: BasiraError) -> ProbeReport:
        return cls(ok=False, error=Problem.of(error))


def _sentence(code: str, params: Params) -> Sentence:
    return Sentence(ar=sentence_of(code, "ar", params), en=sentence_of(code, "en", params))


def probe(request: ProbeRequest, *, timeout_s: float = 60.0) -> ProbeReport:
    """Test a camera; takes about ten seconds, at most ``timeout_s``. Never raises for what the camera does."""
    answer, problem = _ask_process("probe", request.for_the_process(), timeout_s)
    if problem is None:
        try:
            return ProbeReport.model_validate_json(answer)
        except ValidationError:
            problem = BasiraError("probe_failed")
    return ProbeReport.failed(problem)


class FoundDevice(_Shape):
    """A device that answered on the local network; ``address`` is what to type to add it."""

    address: str
    name: str
    hardware: str
    scopes: tuple[str, ...]


class _Found(_Shape):
    devices: tuple[FoundDevice, ...]


def discover(*, wait_s: float = 4.0) -> tuple[FoundDevice, ...]:
    """ONVIF devices of the local network that answer within ``wait_s``. Raises BasiraError ``discovery_failed``."""
    answer, problem = _ask_process("discover", json.dumps({"wait_s": wait_s}).encode(), wait_s + 20)
    if problem is None:
        try:
            return _Found.model_validate_json(answer).devices
        except ValidationError:
            problem = None
    raise BasiraError("discovery_failed", status=502)


def _ask_process(task: str, request: bytes, timeout_s: float) -> tuple[bytes, BasiraError | None]:
    command: list[Any] = [sys.executable, "-m", "basira.cameras.probe_process", task]
    try:
        done = subprocess.run(
            command,
            input=request,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},  # the very code that asks
        )
    except subprocess.TimeoutExpired:
        return b"", BasiraError("probe_timed_out", seconds=round(timeout_s))
    if done.returncode != 0:
        _log.warning(
            "probe ended badly", status=done.returncode, said=redact(done.stderr.decode(errors="replace"))[-500:]
        )
        return b"", BasiraError("probe_failed")
    return done.stdout, None
