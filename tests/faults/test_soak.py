"""A simulated day and 100,000 rotations of segments, with retention beside them: nothing grows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.base.identifiers import StreamKey
from basira.cameras.packets import Packet, StreamFormat
from basira.catalogue.cameras import Camera, CameraStream
from basira.recording.check import Check
from basira.recording.gaps import GapLedger
from basira.recording.index import IndexWriter, open_index
from basira.recording.retention import Retention, RetentionPolicy
from basira.recording.segment import SyncPolicy
from basira.recording.storage import open_storage
from basira.recording.stream import Continuation, Place, StreamRecorder
from tests.conftest import clip_of
from tests.faults.table import Matrix
from tests.recording.clips import MONO_NS, UTC_NS, read_clip

_STREAMS = 10
# Keyframes alone, 1.44 s apart, six to a segment: ten streams rotate 100,000 times in 24 hours.
_FRAME_NS, _SEGMENT_FRAMES = 1_440_000_000, 6
_RETENTION_S = 60.0
# Files open at the moment of counting, connections of the pool: these come and go.
_COMES_AND_GOES = 4
_MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Use:
    """What the process holds."""

    memory_bytes: int
    descriptors: int
    threads: int

    def __str__(self) -> str:
        return f"{self.memory_bytes >> 20} MiB, {self.descriptors} descriptors, {self.threads} threads"


def _use() -> Use:
    process = psutil.Process()
    return Use(process.memory_info().rss, process.num_fds(), threading.active_count())


class _Cameras:
    def __init__(self, streams: list[StreamKey]) -> None:
        found = (CameraStream(name="main", url="/clip"),)
        self._all = [Camera(id=key.camera, name=key.camera, kind="file", streams=found) for key in streams]

    def all(self, *, removed: bool = False) -> list[Camera]:
        return self._all


class _NoHolds:
    def all(self, *, camera: str | None = None, lifted: bool = True) -> list[object]:
        return []


def _keyframes(packets: list[Packet], stream: StreamFormat, frames: int) -> Iterator[Packet]:
    """The clip's first picture again and again."""
    ticks = round(_FRAME_NS / NS_PER_S / stream.video.time_base)
    first = packets[0]
    for number in range(frames):
        at_ns = number * _FRAME_NS
        yield replace(
            first, dts=number * ticks, pts=number * ticks, duration=ticks, mono_ns=MONO_NS + at_ns,
            utc_ns=UTC_NS + at_ns,
        )  # fmt: skip


@contextmanager
def _folder(tmp_path: Path, *, long: bool) -> Iterator[Path]:
    """In memory for the long run: it is about what the process holds, not about a disk's patience."""
    if not (long and _MEMORY.is_dir()):
        yield tmp_path
        return
    with TemporaryDirectory(dir=_MEMORY) as folder:
        yield Path(folder)


def _soak(folder: Path, clip: Path, rotations: int, matrix: Matrix) -> list[Use]:
    """Tenths of the run, each with what the process held at its end."""
    clock = SimulatedClock(UTC_NS, MONO_NS)
    keys = [StreamKey("basra", f"cam-{number}", "main") for number in range(_STREAMS)]
    engine = open_index(folder / "index.db")
    storage = open_storage(folder / "footage", engine, "basra", clock)
    index = IndexWriter(engine, clock)
    recorders = [
        StreamRecorder(
            key, Place(storage.root, storage.identity.storage), index, GapLedger(key, clock, 5.0, index.put_gap), clock,
            SyncPolicy(0.5, 1.0), segment_s=_FRAME_NS * _SEGMENT_FRAMES / NS_PER_S, continuation=Continuation(),
        )
        for key in keys
    ]  # fmt: skip
    retention = Retention(
        engine, index, storage, _Cameras(keys), _NoHolds(),  # type: ignore[arg-type]
        RetentionPolicy(_RETENTION_S / 86_400, 0), clock, synchronised=lambda: True, ready=lambda: True,
    )  # fmt: skip
    stream, packets = read_clip(clip)
    for recorder in recorders:
        recorder.begin(stream, "start")
    frames = rotations * _SEGMENT_FRAMES // _STREAMS
    uses: list[Use] = []
    for number, packet in enumerate(_keyframes(packets, stream, frames)):
        clock.advance(packet.mono_ns - clock.mono_ns())
        for recorder in recorders:
            recorder.append(packet)
            recorder.check_gap()
        if number % 40 == 0:
            retention.run_once()
        if (number + 1) % max(1, frames // 10) == 0:
            index.call(lambda _: None)
            uses.append(_use())
    segments = sum(recorder.counters.segments for recorder in recorders)
    for recorder in recorders:
        recorder.end()
    index.call(lambda _: None)
    row = matrix.row(f"rotation of segments, {frames * _FRAME_NS / NS_PER_S / 3600:.1f} h simulated")
    row.injected += segments
    row.acknowledged += sum(recorder.counters.fragments for recorder in recorders)
    row.lost += sum(recorder.counters.dropped_packets for recorder in recorders)
    row.broken += [str(finding) for finding in Check(engine, storage.root, "basra", full=True).findings()]
    assert row.is_kept, row
    assert segments >= rotations - _STREAMS
    index.close()
    engine.dispose()
    matrix.figures.append(
        f"rotations: {segments}; after a tenth {uses[0]}; at the end {uses[-1]}; "
        f"{retention.counters.deleted_segments} segments deleted meanwhile"
    )
    return uses


def _assert_flat(uses: list[Use]) -> None:
    assert max(use.descriptors for use in uses) <= uses[0].descriptors + _COMES_AND_GOES
    assert {use.threads for use in uses} == {uses[0].threads}


def test_nothing_grows_over_two_hundred_rotations(tmp_path: Path, clips: Path, matrix: Matrix) -> None:
    uses = _soak(tmp_path, clip_of(clips), 200, matrix)
    _assert_flat(uses)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_nothing_grows_over_a_day_and_a_hundred_thousand_rotations(tmp_path: Path, clips: Path, matrix: Matrix) -> None:
    with _folder(tmp_path, long=True) as folder:
        uses = _soak(folder, clip_of(clips), 100_000, matrix)
    _assert_flat(uses)
    # The first tenth fills caches; from then on it must not grow.
    assert uses[-1].memory_bytes < uses[0].memory_bytes * 1.1
