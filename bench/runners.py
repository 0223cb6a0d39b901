"""The systems measured: each starts as its users start it, on the same streams, and says which process tree is its own.

A runner is a context manager over cameras and a work folder that gives the process id at that root. Once it is
left, ``work`` holds what it recorded.
"""

from __future__ import annotations

import functools
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import httpx

from bench.cameras import Source
from bench.clips import MAIN, RATE, SUB
from bench.processes import running
from bench.zoneminder import zoneminder
from tests.system.node import free_port, wait_until

_START_S = 600.0
_STREAMS_RECORDED = "SELECT count(*) FROM (SELECT DISTINCT camera, stream FROM segments)"


@contextmanager
def ffmpeg_floor(cameras: Sequence[Source], work: Path) -> Iterator[int]:
    """``ffmpeg -c copy -f segment``, one process a stream under one shell: what recording costs at the least."""
    work.mkdir(parents=True, exist_ok=True)
    urls = [url for camera in cameras for url in camera.addresses()]
    lines = [
        f"ffmpeg -v error -rtsp_transport tcp -i {url} -an -c copy -f segment -segment_time 60 {work}/{i}-%05d.mp4 &"
        for i, url in enumerate(urls)
    ]
    script = work / "floor.sh"
    script.write_text("trap 'kill $(jobs -p)' TERM\n" + "\n".join(lines) + "\nwait\n")
    with running(["bash", str(script)], work) as process:
        yield process.pid


@contextmanager
def pyav_floor(cameras: Sequence[Source], work: Path) -> Iterator[int]:
    """One Python process, a thread a stream, PyAV from RTSP to fragmented MP4: what Python recording costs at least."""
    urls = [url for camera in cameras for url in camera.addresses()]
    with running([sys.executable, str(Path(__file__).with_name("pyav_copy.py")), str(work), *urls], work) as process:
        yield process.pid


@contextmanager
def motion(cameras: Sequence[Source], work: Path) -> Iterator[int]:
    """Debian's motion: passthrough recording, detection as it comes; on the sub stream where a camera has one."""
    work.mkdir(parents=True, exist_ok=True)
    files = []
    for number, camera in enumerate(cameras, 1):
        path = work / f"camera{number}.conf"
        watched = (
            f"netcam_url {camera.main}\nwidth {MAIN.size[0]}\nheight {MAIN.size[1]}\n"
            if camera.sub is None
            else f"netcam_url {camera.sub}\nnetcam_high_url {camera.main}\nwidth {SUB.size[0]}\nheight {SUB.size[1]}\n"
        )
        path.write_text(
            f"camera_id {number}\n{watched}target_dir {work}/{number}\nframerate {RATE}\n"
            "movie_output on\nmovie_passthrough on\npicture_output off\n"
        )
        files.append(f"camera {path}")
    config = work / "motion.conf"
    config.write_text("daemon off\nwebcontrol_port 0\nstream_port 0\nlog_level 4\n" + "\n".join(files) + "\n")
    with running(["motion", "-n", "-c", str(config)], work) as process:
        yield process.pid


def basira_environment(work: Path) -> dict[str, str]:
    """Where a Basira that is measured lives."""
    return {
        "BASIRA_DATA_DIR": str(work / "data"),
        "BASIRA_LISTEN_PORT": str(free_port()),
        "BASIRA_CUSTODY_LISTEN_PORT": "0",
        "BASIRA_LOG_LEVEL": "warning",
    }


@contextmanager
def basira(
    cameras: Sequence[Source], work: Path, *, analyse: bool, environment: dict[str, str] | None = None
) -> Iterator[int]:
    """``basira run``: recorder, custody, analysis and web under their supervisor; cameras added by the command line."""
    work.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "basira.cli.main"]
    environment = environment or basira_environment(work)

    def add(number: int) -> None:
        camera = cameras[number]
        options = ["--id", f"camera-{number}", *([] if analyse else ["--no-analyse"])]
        if camera.sub is not None:
            options += ["--sub", camera.sub]
        words = [*command, "camera", "add", f"camera {number}", camera.main, *options]
        subprocess.run(words, check=True, env={**os.environ, **environment}, capture_output=True)

    add(0)  # makes the catalogue
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(add, range(1, len(cameras))))
    with running([*command, "run"], work, **environment) as process:
        _await_recording(environment, sum(len(camera.addresses()) for camera in cameras))
        yield process.pid


def _await_recording(environment: dict[str, str], streams: int) -> None:
    """Starting is no part of what is measured: wait until the page answers and every stream has a segment."""
    index = Path(environment["BASIRA_DATA_DIR"], "index.db")
    health = f"http://127.0.0.1:{environment['BASIRA_LISTEN_PORT']}/healthz"

    def started() -> bool:
        try:
            answers = httpx.get(health, timeout=5).is_success
            with closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True)) as connection:
                (recorded,) = connection.execute(
                    "SELECT count(*) FROM (SELECT DISTINCT camera, stream FROM segments)"
                ).fetchone()
        except (httpx.TransportError, sqlite3.OperationalError):
            return False
        return answers and int(recorded) == streams

    wait_until("every stream is recorded", started, _START_S)


Runner = Callable[[Sequence[Source], Path], AbstractContextManager[int]]
RUNNERS: dict[str, Runner] = {
    "ffmpeg": ffmpeg_floor,
    "pyav": pyav_floor,
    "basira-recording": functools.partial(basira, analyse=False),
    "basira": functools.partial(basira, analyse=True),
    "motion": motion,
    "zoneminder": functools.partial(zoneminder, cache=Path(".cache/bench")),
}
NAMES = {
    "ffmpeg": "`ffmpeg -c copy -f segment` (floor)",
    "pyav": "PyAV copy, a thread a camera (floor)",
    "basira-recording": "Basira, recording alone",
    "basira": "Basira, everything on",
    "motion": "`motion`, passthrough, default detection",
    "zoneminder": "ZoneMinder, Mocord, passthrough",
}
