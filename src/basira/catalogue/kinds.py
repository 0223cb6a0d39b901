"""The kinds of cameras and transports. Apart from the tables, so that the probe's process starts without a database."""

from __future__ import annotations

from typing import Literal

CameraKind = Literal["rtsp", "onvif", "file"]
Transport = Literal["tcp", "udp"]
