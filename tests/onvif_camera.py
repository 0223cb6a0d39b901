"""An ONVIF camera that nobody at Basira wrote: PyPI ``ipycam`` in a process of its own, sending numbered frames."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class OnvifCamera:
    """``address`` is what a person types; the RTSP side of ipycam asks for no password."""

    address: str
    username: str
    password: str


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def onvif_camera(username: str = "admin", password: str = "let-me-see") -> Iterator[OnvifCamera]:
    """A running camera: main stream 640×360, sub stream 320×180, 10 frames a second."""
    onvif_port, rtsp_port, web_port = _free_port(), _free_port(), _free_port()
    process = subprocess.Popen(
        [sys.executable, __file__, str(onvif_port), str(rtsp_port), str(web_port), username, password],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdin is not None and process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError("ipycam did not start")
        yield OnvifCamera(f"127.0.0.1:{onvif_port}", username, password)
    finally:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()  # end of input asks it to stop its encoders, too
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _main() -> None:
    import threading
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from ipycam import CameraConfig, IPCamera

    from tests.streams import draw_number

    onvif_port, rtsp_port, web_port, username, password = sys.argv[1:]
    config = CameraConfig(
        local_ip="127.0.0.1", onvif_port=int(onvif_port), rtsp_port=int(rtsp_port), go2rtc_api_port=int(web_port),
        main_width=640, main_height=360, main_fps=10, main_bitrate="600K", sub_width=320, sub_height=180, sub_fps=10,
        sub_bitrate="200K", hw_accel="cpu", show_timestamp=False, username=username, password=password,
    )  # fmt: skip
    camera = IPCamera(config)
    camera.start()
    stopped = threading.Event()

    def wait_for_end_of_input() -> None:
        sys.stdin.read()
        stopped.set()

    threading.Thread(target=wait_for_end_of_input, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    number = 0
    while not stopped.is_set():
        camera.stream(draw_number(number % 65536, config.main_width, config.main_height))
        number += 1
    camera.stop()


if __name__ == "__main__":
    _main()
