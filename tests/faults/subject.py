"""The recorder as the subject of a fault: real cameras from files, the real process, and a record of what it promised.

``python -m tests.faults.subject ACKNOWLEDGED`` runs the recorder; each time fdatasync of a segment file has
returned, it appends ``mono_ns length path`` to ACKNOWLEDGED, which lies on another disk than the footage. What is in
that file has been promised: no fault but the loss of the disk may take it away.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from basira.base.clock import SystemClock
from basira.base.identifiers import new_identifier
from basira.base.settings import Settings
from basira.catalogue.cameras import Camera, Cameras, CameraStream
from basira.catalogue.store import open_catalogue
from basira.recording.recorder import main as record
from basira.recording.segment import LocalFilesystem


@dataclass(frozen=True, slots=True)
class Promise:
    """``length`` bytes of the segment file ``path`` (relative to the footage) were on disk at ``mono_ns``."""

    mono_ns: int
    length: int
    path: str


def settings_of(data: Path, footage: Path | None = None) -> Settings:
    """Settings that make much happen in little time: half-second fragments, segments of three seconds."""
    return Settings(
        data_dir=data, storage_dir=footage, segment_target_s=3.0, sync_interval_s=0.5, disk_floor_bytes=8 << 20
    )


def add_file_cameras(settings: Settings, clip: Path, count: int) -> list[str]:
    """``count`` cameras that show ``clip`` in real time for ever; their identifiers."""
    catalogue = open_catalogue(settings.catalogue_path, SystemClock())
    cameras = Cameras(catalogue)
    found = [
        cameras.add(
            Camera(
                id=new_identifier("cam"),
                name=f"camera {i}",
                kind="file",
                streams=(CameraStream(name="main", url=str(clip)),),
            )
        ).id
        for i in range(count)
    ]
    catalogue.close()
    return found


@contextmanager
def recorder(settings: Settings, acknowledged: Path, log: Path) -> Iterator[Popen[bytes]]:
    """The recorder process; killed outright at the end if it still runs."""
    environment = {**os.environ, "SUBJECT_SETTINGS": settings.model_dump_json()}
    command = [sys.executable, "-m", "tests.faults.subject", str(acknowledged)]
    with log.open("ab") as output:
        process = Popen(command, env=environment, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def promises(acknowledged: Path) -> list[Promise]:
    """Everything promised so far; a last line torn by a kill is left out."""
    if not acknowledged.exists():
        return []
    lines = acknowledged.read_text().split("\n")[:-1]
    return [Promise(int(mono), int(length), path) for mono, length, path in (line.split(" ", 2) for line in lines)]


def witnessed(acknowledged: Path) -> Callable[[LocalFilesystem, int], None]:
    """The machine's fdatasync, with each success of it written down."""
    sync = LocalFilesystem.fdatasync

    def fdatasync(filesystem: LocalFilesystem, descriptor: int) -> None:
        length = os.fstat(descriptor).st_size
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        sync(filesystem, descriptor)
        with acknowledged.open("a") as file:
            file.write(f"{time.monotonic_ns()} {length} {'/'.join(path.parts[-4:])}\n")

    return fdatasync


if __name__ == "__main__":
    LocalFilesystem.fdatasync = witnessed(Path(sys.argv[1]))  # type: ignore[assignment,method-assign]
    record(Settings.model_validate(json.loads(os.environ["SUBJECT_SETTINGS"])))
