"""The systems measured: each starts as its users start it, on the same streams, and says which process tree is its own.

A runner is a context manager over stream addresses and a work folder that gives the process id at that root.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path


@contextmanager
def running(command: list[str], work: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its output in ``work/log``; interrupted at the end, killed if that does not help."""
    work.mkdir(parents=True, exist_ok=True)
    with (work / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=work, env={**os.environ, **environment})
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def ffmpeg_floor(urls: list[str], work: Path) -> Iterator[int]:
    """``ffmpeg -c copy -f segment``, one process a camera under one shell: what recording costs at the least."""
    work.mkdir(parents=True, exist_ok=True)
    lines = [
        f"ffmpeg -v error -rtsp_transport tcp -i {url} -an -c copy -f segment -segment_time 60 {work}/{i}-%05d.mp4 &"
        for i, url in enumerate(urls)
    ]
    script = work / "floor.sh"
    script.write_text("trap 'kill $(jobs -p)' TERM\n" + "\n".join(lines) + "\nwait\n")
    with running(["bash", str(script)], work) as process:
        yield process.pid


@contextmanager
def motion(urls: list[str], work: Path) -> Iterator[int]:
    """Debian's motion: passthrough recording, detection as it comes."""
    work.mkdir(parents=True, exist_ok=True)
    cameras = []
    for number, url in enumerate(urls, 1):
        path = work / f"camera{number}.conf"
        path.write_text(
            f"camera_id {number}\nnetcam_url {url}\ntarget_dir {work}/{number}\nwidth 1920\nheight 1080\nframerate 15\n"
            "movie_output on\nmovie_passthrough on\npicture_output off\n"
        )
        cameras.append(f"camera {path}")
    config = work / "motion.conf"
    config.write_text("daemon off\nwebcontrol_port 0\nstream_port 0\nlog_level 4\n" + "\n".join(cameras) + "\n")
    with running(["motion", "-n", "-c", str(config)], work) as process:
        yield process.pid


@contextmanager
def basira(urls: list[str], work: Path, *, analyse: bool) -> Iterator[int]:
    """``basira run``: recorder, analysis and web under their supervisor; cameras added by the command line."""
    work.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "basira.cli.main"]
    environment = {"BASIRA_DATA_DIR": str(work / "data"), "BASIRA_LISTEN_PORT": "0"}
    for number, url in enumerate(urls, 1):
        options = ["--name", f"camera {number}", "--url", url, *([] if analyse else ["--no-analyse"])]
        subprocess.run(
            [*command, "camera", "add", *options], check=True, env={**os.environ, **environment}, capture_output=True
        )
    with running([*command, "run"], work, **environment) as process:
        yield process.pid


RUNNERS: dict[str, Callable[[list[str], Path], AbstractContextManager[int]]] = {
    "ffmpeg -c copy": ffmpeg_floor,
    "basira, recording alone": functools.partial(basira, analyse=False),
    "basira, everything on": functools.partial(basira, analyse=True),
    "motion": motion,
}
