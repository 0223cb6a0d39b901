"""Streams and clips to test with: numbered frames whose number can be read back, and RTSP servers that send them.

The frame number is drawn as a bar code of black and white blocks as well as in figures, so that a decoded frame says
which frame it is however hard it was compressed.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import av
import cv2
import numpy as np
import numpy.typing as npt

Codec = Literal["h264", "h265"]
_BITS = 16
_SERVER = Path(__file__).with_name("rtsp_server.py")


def draw_number(number: int, width: int, height: int) -> npt.NDArray[np.uint8]:
    """A BGR picture (height × width × 3) with a moving disc, ``number`` in figures and as a 16-bit bar code on top."""
    picture = np.full((height, width, 3), (70, 60, 50), np.uint8)
    centre = (int((number * 7) % width), int(height * 0.6))
    cv2.circle(picture, centre, height // 8, (60, 180, 220), -1)
    cv2.putText(picture, str(number), (8, height - 12), cv2.FONT_HERSHEY_SIMPLEX, height / 240, (255, 255, 255), 2)
    block = width // _BITS
    for bit in range(_BITS):
        level = 235 if number >> bit & 1 else 20
        picture[: height // 6, bit * block : (bit + 1) * block] = level
    return picture


def read_number(luma: npt.NDArray[np.uint8], width: int, height: int) -> int:
    """The number :func:`draw_number` drew, from the luma plane of a decoded frame of that size."""
    block = width // _BITS
    row = luma[height // 24 : height // 8, :]
    return sum(
        1 << bit
        for bit in range(_BITS)
        if row[:, bit * block + block // 4 : (bit + 1) * block - block // 4].mean() > 127
    )


def frame_number(frame: av.VideoFrame) -> int:
    """The number drawn in a decoded frame."""
    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
    return read_number(luma, frame.width, frame.height)


def make_numbered_clip(
    path: Path,
    *,
    frames: int,
    rate: int = 15,
    gop: int = 15,
    codec: Codec = "h264",
    size: tuple[int, int] = (320, 240),
    b_frames: int = 0,
) -> Path:
    """Encode frames 0..``frames``-1 with a keyframe every ``gop``; the container follows the suffix of ``path``.

    With suffix ``.h264``/``.h265`` the clip is Annex B with access unit delimiters, as the RTSP server wants it.
    """
    width, height = size
    encoder = "libx264" if codec == "h264" else "libx265"
    parameters = (
        f"keyint={gop}:min-keyint={gop}:scenecut=0:aud=1:repeat-headers=1:bframes={b_frames}"
        + (":log-level=none:pools=1" if codec == "h265" else "")
    )  # fmt: skip
    command = [
        "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}",
        "-r", str(rate), "-i", "-", "-c:v", encoder, "-preset", "ultrafast", "-crf", "26", "-pix_fmt", "yuv420p",
        "-x264-params" if codec == "h264" else "-x265-params", parameters,
    ]  # fmt: skip
    if path.suffix in (".h264", ".h265"):
        command += ["-f", "h264" if codec == "h264" else "hevc"]
    elif codec == "h265":
        command += ["-tag:v", "hvc1"]
    with subprocess.Popen([*command, str(path)], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for number in range(frames):
            process.stdin.write(draw_number(number, width, height).tobytes())
        process.stdin.close()
    if process.returncode != 0:
        raise RuntimeError(f"ffmpeg exited with {process.returncode}")
    return path


@dataclass(frozen=True)
class Mount:
    """One stream of a server: an Annex B file from :func:`make_numbered_clip` and how it is sent."""

    file: Path
    codec: Codec = "h264"
    rate: int = 15
    gop: int = 15
    audio: Literal["", "aac", "pcma"] = ""
    phase: int = 0

    def options(self) -> dict[str, Any]:
        return {**self.__dict__, "file": str(self.file)}


@dataclass
class RtspServer:
    """GStreamer's RTSP server in a process of its own; see ``rtsp_server.py`` for what it can be told."""

    mounts: dict[str, Mount]
    username: str = ""
    password: str = ""
    port: int = 0
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start listening; a restart keeps the port. The frame sent is the one due by the wall clock."""
        config = {
            "port": self.port,
            "username": self.username,
            "password": self.password,
            "mounts": {path: mount.options() for path, mount in self.mounts.items()},
        }
        self.process = subprocess.Popen(
            ["/usr/bin/python3", str(_SERVER), json.dumps(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        words = self.process.stdout.readline().split()
        if words[:1] != ["ready"]:
            self.stop()
            raise RuntimeError("the RTSP server did not start")
        self.port = int(words[1])

    def tell(self, op: str, **arguments: object) -> None:
        """Send a command and wait until it is obeyed."""
        assert self.process and self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"op": op, **arguments}) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == "done"

    def stop(self) -> None:
        """Kill the server outright, as a camera that loses power."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    pipe.close()
            self.process = None

    def url(self, path: str, *, credentials: bool = False) -> str:
        user = f"{self.username}:{self.password}@" if credentials else ""
        return f"rtsp://{user}127.0.0.1:{self.port}{path}"


@contextmanager
def rtsp_server(mounts: dict[str, Mount], **options: str) -> Iterator[RtspServer]:
    """A running server for the length of a ``with`` block."""
    server = RtspServer(mounts, **options)  # type: ignore[arg-type]
    server.start()
    try:
        yield server
    finally:
        server.stop()
