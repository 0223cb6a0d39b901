"""Cameras, their streams, what they are doing, and the test before they are saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from basira.base.identifiers import CameraId, StreamName
from basira.catalogue import cameras as catalogue
from basira.web.shapes.common import Problem, Sentence, Shape, TimeUs, us, us_or_none

CameraKind = Literal["rtsp", "onvif", "file"]
Transport = Literal["tcp", "udp"]


class CameraStream(Shape):
    """``url`` never holds a user name or a password."""

    name: StreamName
    url: str = Field(min_length=1, max_length=2000)
    transport: Transport = "tcp"


class OpenGap(Shape):
    """A gap that lasts."""

    start_us: TimeUs
    cause: str


class CameraStreamState(Shape):
    state: Literal["connecting", "recording", "stalled", "stopped", "error"]
    since_us: TimeUs
    error: Problem | None = None
    frame_rate: float | None = None
    bit_rate: float | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    last_fragment_us: TimeUs | None = None
    gap: OpenGap | None = None
    notices: list[Problem] = Field(default_factory=list)


class CameraState(Shape):
    """What the recorder says of each stream; empty while the recorder cannot be asked."""

    streams: dict[str, CameraStreamState] = Field(default_factory=dict)


class Camera(Shape):
    id: str
    name: str
    kind: CameraKind
    enabled: bool
    position: int
    priority: int
    record_audio: bool
    analyse: bool
    retention_days: float | None
    retention_bytes: int | None
    streams: list[CameraStream]
    username: str | None
    has_password: bool
    onvif_address: str | None
    state: CameraState


class CameraList(Shape):
    cameras: list[Camera]


class CameraAdd(Shape):
    """``id`` is made up when absent. ``password`` is written only: no answer ever holds it."""

    id: CameraId | None = None
    name: str = Field(min_length=1, max_length=200)
    kind: CameraKind = "rtsp"
    streams: list[CameraStream] = Field(min_length=1, max_length=2)
    enabled: bool = True
    priority: int = Field(0, ge=-100, le=100)
    record_audio: bool = True
    analyse: bool = True
    retention_days: float | None = Field(None, gt=0, le=36500)
    retention_bytes: int | None = Field(None, gt=0, le=2**60)
    onvif_address: str | None = Field(None, max_length=2000)
    username: str | None = Field(None, max_length=200)
    password: str | None = Field(None, max_length=200)


class CameraEdit(Shape):
    """Only the fields that are present change; ``password: null`` forgets the password."""

    name: str = Field("", min_length=1, max_length=200)
    kind: CameraKind = "rtsp"
    streams: list[CameraStream] = Field([], min_length=1, max_length=2)
    enabled: bool = True
    position: int = Field(0, ge=0, le=100_000)
    priority: int = Field(0, ge=-100, le=100)
    record_audio: bool = True
    analyse: bool = True
    retention_days: float | None = Field(None, gt=0, le=36500)
    retention_bytes: int | None = Field(None, gt=0, le=2**60)
    onvif_address: str | None = Field(None, max_length=2000)
    username: str | None = Field(None, max_length=200)
    password: str | None = Field(None, max_length=200)


class CameraTest(Shape):
    """Give ``url`` for an RTSP camera or a file, ``address`` for an ONVIF camera."""

    kind: CameraKind
    url: str | None = Field(None, min_length=1, max_length=2000)
    address: str | None = Field(None, min_length=1, max_length=2000)
    username: str | None = Field(None, max_length=200)
    password: str | None = Field(None, max_length=200)
    transport: Transport = "tcp"


class Device(Shape):
    manufacturer: str
    model: str
    firmware: str


class TestedAudio(Shape):
    """``recorded`` says whether the recording will carry it."""

    codec: str
    sample_rate: int
    recorded: bool


class TestedStream(Shape):
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
    audio: TestedAudio | None
    snapshot_jpeg_base64: str | None


class Advice(Shape):
    """What to change on the camera, if anything."""

    code: str
    severity: Literal["info", "warning", "error"]
    message: Sentence


class CameraTestAnswer(Shape):
    ok: bool
    error: Problem | None = None
    device: Device | None = None
    streams: list[TestedStream] = Field(default_factory=list)
    advice: list[Advice] = Field(default_factory=list)


class FoundDevice(Shape):
    address: str
    name: str
    hardware: str
    scopes: list[str]


class Discovered(Shape):
    devices: list[FoundDevice]


def stream_state_shape(state: Mapping[str, Any]) -> CameraStreamState:
    """A stream as the recorder tells of it (:mod:`basira.recording.status`)."""
    error, gap = state["error"], state["gap"]
    return CameraStreamState(
        state=state["state"],
        since_us=us(state["since_ns"]),
        error=Problem.of_code(error["code"], error["params"]) if error else None,
        frame_rate=state["frame_rate"],
        bit_rate=state["bit_rate"],
        codec=state["codec"],
        width=state["width"],
        height=state["height"],
        last_fragment_us=us_or_none(state["last_fragment_ns"]),
        gap=OpenGap(start_us=us(gap["start_ns"]), cause=gap["cause"]) if gap else None,
        notices=[Problem.of_code(code, {}) for code in state["notices"]],
    )


def state_shape(streams: Mapping[str, Mapping[str, Any]]) -> CameraState:
    """All streams of a camera as the recorder tells of them."""
    return CameraState(streams={name: stream_state_shape(state) for name, state in streams.items()})


def camera_shape(camera: catalogue.Camera, state: CameraState) -> Camera:
    """A camera of the catalogue, without its secrets."""
    kept = camera.model_dump(exclude={"streams", "sealed_password", "created_utc_ns", "removed_utc_ns"})
    return Camera(
        **kept,
        streams=[CameraStream(**stream.model_dump()) for stream in camera.streams],
        has_password=camera.sealed_password is not None,
        state=state,
    )
