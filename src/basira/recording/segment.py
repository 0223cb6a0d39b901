"""One segment file being written: fragments out of samples, each committed, and synced by policy."""

from __future__ import annotations

import enum
import itertools
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from basira.base.clock import NS_PER_S, Clock
from basira.recording.fragments import Run, Sample, encode_fragment
from basira.recording.initialisation import Initialisation
from basira.recording.layout import (
    AUDIO_TRACK,
    VIDEO_TIMESCALE,
    VIDEO_TRACK,
    Commit,
    CommitFlag,
    Gop,
    Sealer,
    SegmentHeader,
    gops_of,
)

# A keyframe of an 8K camera fits; a fragment of this size is cut whatever its length.
_FRAGMENT_BYTES_LIMIT: Final = 16 * 1024 * 1024
_NOMINAL_DURATION: Final = VIDEO_TIMESCALE // 25


class Filesystem(Protocol):
    """The system calls that a segment is written with, so that tests can make each of them fail."""

    def make_folder(self, path: Path) -> None: ...
    def create(self, path: Path) -> int: ...
    def write(self, descriptor: int, data: bytes) -> int: ...
    def fdatasync(self, descriptor: int) -> None: ...
    def fsync_folder(self, path: Path) -> None: ...
    def close(self, descriptor: int) -> None: ...


class LocalFilesystem:
    """The machine's own."""

    def make_folder(self, path: Path) -> None:
        path.mkdir(mode=0o750, exist_ok=True)

    def create(self, path: Path) -> int:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o640)

    def write(self, descriptor: int, data: bytes) -> int:
        return os.write(descriptor, data)

    def fdatasync(self, descriptor: int) -> None:
        os.fdatasync(descriptor)

    def fsync_folder(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)


class SegmentFailed(Exception):
    """The file could not be written or synced. It is left as it is; go on in a new one."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(os.strerror(cause.errno) if cause.errno else str(cause))
        self.cause = cause


@dataclass(frozen=True, slots=True)
class SyncPolicy:
    """``fragment_s``: longest fragment; ``interval_s``: longest a written fragment waits for fdatasync."""

    fragment_s: float
    interval_s: float


class TimedSample:
    """A sample with its place on the recording's time line.

    ``dts`` and ``pts`` count 1/90000 s from the start of the recording for video and audio alike.
    """

    __slots__ = ("camera_ns", "data", "dts", "duration", "mono_ns", "pts", "sync", "utc_ns", "video")

    def __init__(
        self, video: bool, data: bytes, dts: int, pts: int, duration: int, sync: bool, utc_ns: int, mono_ns: int,
        camera_ns: int,
    ) -> None:  # fmt: skip
        self.video = video
        self.data = data
        self.dts = dts
        self.pts = pts
        self.duration = duration
        self.sync = sync
        self.utc_ns = utc_ns
        self.mono_ns = mono_ns
        self.camera_ns = camera_ns


class Flush(enum.Enum):
    """Why a fragment is written now."""

    CUT = "cut"
    IDLE = "idle"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Extent:
    """The part of a file that something is known of: its length, hash and fragments."""

    length: int
    sha256: bytes
    fragments: int


class SegmentWriter:
    """Writes one segment file. Samples come from one thread; ``tick`` and ``sync`` may come from another.

    A fragment is *written* when one ``write`` has taken its moof, mdat and COMMIT box whole, and *kept* when a later
    fdatasync has succeeded. After any OSError the file is not touched again and every call raises SegmentFailed:
    a failed sync is never tried again as if it could succeed, because the kernel may have dropped the pages.
    """

    def __init__(
        self,
        path: Path,
        initialisation: Initialisation,
        header: Callable[[], SegmentHeader],
        start: TimedSample,
        policy: SyncPolicy,
        clock: Clock,
        *,
        filesystem: Filesystem | None = None,
        clock_synchronised: Callable[[], bool] = lambda: False,
        on_commit: Callable[[SegmentWriter], None] = lambda _: None,
    ) -> None:
        """``header`` is asked for once, when the first fragment is written and the file created; ``on_commit`` is told
        of each fragment, in whichever thread wrote it.

        ``start`` is the keyframe that the segment begins with; it must be appended like any other.
        """
        self.path = path
        self.initialisation = initialisation
        self.commits: list[Commit] = []
        self._header_of = header
        self._header: SegmentHeader | None = None
        self._policy = policy
        self._clock = clock
        self._filesystem = filesystem or LocalFilesystem()
        self._clock_synchronised = clock_synchronised
        self._on_commit = on_commit
        self._start_dts = start.dts
        self._video: list[TimedSample] = []
        self._video_bytes = 0
        self._audio: list[TimedSample] = []
        self._audio_timescale = next((t.timescale for t in initialisation.tracks if t.kind == "audio"), 0)
        self._audio_end = 0
        self._last_duration = _NOMINAL_DURATION
        self._descriptor = -1
        self._sealer: Sealer | None = None
        self._length = 0
        self._failure: OSError | None = None
        self._closed = False
        self._lock = threading.RLock()
        self._sync_lock = threading.Lock()
        self._kept = Extent(0, b"", 0)
        self._unsynced_since_ns: int | None = None
        self._handed_ns: int | None = None  # to the disk, and not known to be kept
        self._syncing_ns: int | None = None  # the same, of what is being synced now
        self.kept_dts = start.dts

    @property
    def header(self) -> SegmentHeader:
        """The header in the file. Only after the first commit."""
        assert self._header is not None
        return self._header

    @property
    def started(self) -> bool:
        """Whether the file exists and holds a fragment."""
        return bool(self.commits)

    @property
    def failure(self) -> OSError | None:
        return self._failure

    @property
    def kept(self) -> Extent:
        """What has been synced."""
        return self._kept

    @property
    def unkept_since_ns(self) -> int | None:
        """When the oldest of what is not known to be kept was handed to the disk, monotonic; told without a lock."""
        return self._syncing_ns or self._handed_ns

    @property
    def written(self) -> Extent:
        """What has been written, synced or not."""
        with self._lock:
            sealer = self._sealer
            return Extent(self._length, sealer.sha256() if sealer else b"", len(self.commits))

    @property
    def init_length(self) -> int:
        return self.commits[0].offset

    @property
    def duration(self) -> int:
        """Length of what is written, 1/90000 s."""
        return self.commits[-1].dts + self.commits[-1].duration if self.commits else 0

    @property
    def start_dts(self) -> int:
        """The recording's decode time at which the segment begins."""
        return self._start_dts

    @property
    def written_bytes(self) -> int:
        return self._length

    def gops(self, fragments: int | None = None) -> list[Gop]:
        """The groups of pictures of the first ``fragments`` commits, all by default."""
        return gops_of(self.commits[:fragments])

    def append(self, sample: TimedSample) -> None:
        """Take one sample; a keyframe, or one that would make the fragment too long, writes what came before.

        Raises SegmentFailed.
        """
        with self._lock:
            self._check()
            if not sample.video:
                if self._audio_timescale:
                    self._audio.append(sample)
                return
            if self._video and self._is_cut(sample):
                self._flush(Flush.CUT, sample.dts)
            self._video.append(sample)
            self._video_bytes += len(sample.data)
        self._sync_if_due()

    def tick(self) -> None:
        """Write and sync what waits too long because the camera is silent. Failure shows at the next ``append``."""
        try:
            if self._lock.acquire(blocking=False):
                try:
                    if self._closed or self._failure is not None:
                        return
                    if len(self._video) > 1 and self._clock.mono_ns() - self._video[0].mono_ns > NS_PER_S:
                        self._flush(Flush.IDLE, self._video[-1].dts)
                finally:
                    self._lock.release()
            self._sync_if_due()
        except SegmentFailed:
            return

    def close(self, next_start: TimedSample | None = None) -> None:
        """Write the rest, mark it last of the segment, sync and close. Raises SegmentFailed.

        ``next_start`` is the sample that begins the next segment without interruption, if there is one.
        """
        with self._lock:
            self._check()
            if self._video:
                self._flush(Flush.LAST, next_start.dts if next_start else None)
        self.sync()
        self._release()

    def take_audio_from(self, dts: int) -> list[TimedSample]:
        """Remove and return the waiting audio that belongs to the next segment, which starts at ``dts``."""
        with self._lock:
            later = [sample for sample in self._audio if sample.pts >= dts]
            self._audio = [sample for sample in self._audio if sample.pts < dts]
            return later

    def abandon(self) -> None:
        """Let go of the file as it is; to be called after SegmentFailed."""
        self._release()

    def sync(self) -> None:
        """fdatasync what is written. Raises SegmentFailed, for ever after a first failure."""
        with self._sync_lock:
            with self._lock:
                if self._closed and self._failure is None:
                    return
                self._check()
                if self._unsynced_since_ns is None:
                    return
                extent = self.written
                kept_dts = self._start_dts + self.duration
                descriptor = self._descriptor
                self._unsynced_since_ns = None
                self._syncing_ns, self._handed_ns = self._handed_ns, None
            try:
                self._filesystem.fdatasync(descriptor)
            except OSError as error:
                raise self._fail(error) from error
            finally:
                self._syncing_ns = None
            self._kept = extent
            self.kept_dts = kept_dts

    def _is_cut(self, sample: TimedSample) -> bool:
        # The sample's own duration is not yet known: as long as the one before.
        length = 2 * sample.dts - self._video[-1].dts - self._video[0].dts
        return (
            sample.sync or length > self._policy.fragment_s * VIDEO_TIMESCALE
            or self._video_bytes + len(sample.data) > _FRAGMENT_BYTES_LIMIT
        )  # fmt: skip

    def _sync_if_due(self) -> None:
        since_ns = self._unsynced_since_ns
        if since_ns is not None and self._clock.mono_ns() - since_ns >= self._policy.interval_s * NS_PER_S:
            self.sync()

    def _flush(self, why: Flush, next_dts: int | None) -> None:
        """Write the waiting samples as a fragment; when idle, all but the last, whose duration is not yet known."""
        if self._handed_ns is None:
            self._handed_ns = self._clock.mono_ns()
        video, self._video = self._video, []
        if why is Flush.IDLE:
            video, self._video = video[:-1], video[-1:]
        self._video_bytes = sum(len(sample.data) for sample in self._video)
        audio, self._audio = self._audio, []
        run, end_dts = self._video_run(video, next_dts)
        fragment = encode_fragment(len(self.commits), run, self._audio_run(audio))
        first = video[0]
        flags = CommitFlag(0)
        if first.sync:
            flags |= CommitFlag.STARTS_WITH_KEYFRAME
        if why is Flush.LAST:
            flags |= CommitFlag.LAST_OF_SEGMENT
        if self._clock_synchronised():
            flags |= CommitFlag.CLOCK_SYNCHRONISED
        if first.camera_ns:
            flags |= CommitFlag.HAS_CAMERA_TIME
        if audio:
            flags |= CommitFlag.HAS_AUDIO
        if self._sealer is None:
            self._create()
        commit = Commit(
            len(self.commits), flags, run.dts, end_dts - run.dts, self._length, len(fragment), first.utc_ns,
            first.mono_ns, first.camera_ns,
        )  # fmt: skip
        assert self._sealer is not None
        self._write(fragment + self._sealer.seal(fragment, commit))
        self.commits.append(commit)
        if self._unsynced_since_ns is None:
            self._unsynced_since_ns = self._clock.mono_ns()
        self._on_commit(self)

    def _video_run(self, video: list[TimedSample], next_dts: int | None) -> tuple[Run, int]:
        """The run, and the decode time at which it ends, since the segment's start."""
        samples: list[Sample] = []
        for position, sample in enumerate(video):
            if position + 1 < len(video):
                duration = video[position + 1].dts - sample.dts
            elif next_dts is not None:
                duration = next_dts - sample.dts
            else:
                duration = sample.duration or self._last_duration
            samples.append(
                Sample(self.initialisation.sample_of(sample.data), duration, sample.pts - sample.dts, sample.sync)
            )
        self._last_duration = samples[-1].duration
        dts = video[0].dts - self._start_dts
        return Run(VIDEO_TRACK, dts, samples), dts + sum(sample.duration for sample in samples)

    def _audio_run(self, audio: list[TimedSample]) -> Run | None:
        """Audio in its own timescale, in the order it came, never two samples at one time."""
        if not audio:
            return None
        scale, times = self._audio_timescale, list[int]()
        for sample in audio:
            ticks = round((sample.pts - self._start_dts) * scale / VIDEO_TIMESCALE)
            times.append(max(ticks, self._audio_end))
            self._audio_end = times[-1] + 1
        last = max(1, round(audio[-1].duration * scale / VIDEO_TIMESCALE)) if audio[-1].duration else 1024
        durations = [after - before for before, after in itertools.pairwise(times)] + [last]
        samples = [
            Sample(sample.data, duration, 0, True) for sample, duration in zip(audio, durations, strict=True)
        ]  # fmt: skip
        return Run(AUDIO_TRACK, times[0], samples)

    def _create(self) -> None:
        self._header = self._header_of()
        init = self.initialisation.encode(self._header)
        try:
            _make_folders(self.path.parent, self._filesystem)
            self._descriptor = self._filesystem.create(self.path)
            self._filesystem.fsync_folder(self.path.parent)
        except OSError as error:
            raise self._fail(error) from error
        self._sealer = Sealer(init)
        self._write(init)

    def _write(self, data: bytes) -> None:
        """One ``write``; the rest again only if the kernel took a part of it."""
        self._check()  # a sync beside us may have failed since the sample was taken
        try:
            taken = self._filesystem.write(self._descriptor, data)
            while taken < len(data):
                taken += self._filesystem.write(self._descriptor, data[taken:])
        except OSError as error:
            raise self._fail(error) from error
        self._length += len(data)

    def _check(self) -> None:
        if self._failure is not None:
            raise SegmentFailed(self._failure)
        assert not self._closed, "segment is closed"

    def _fail(self, error: OSError) -> SegmentFailed:
        with self._lock:
            if self._failure is None:
                self._failure = error
            return SegmentFailed(self._failure)

    def _release(self) -> None:
        with self._sync_lock, self._lock:
            self._closed = True
            if self._descriptor >= 0:
                descriptor, self._descriptor = self._descriptor, -1
                try:
                    self._filesystem.close(descriptor)
                except OSError as error:
                    raise self._fail(error) from error


def _make_folders(folder: Path, filesystem: Filesystem) -> None:
    """Create missing folders and sync the parent of each that was created."""
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for created in reversed(missing):
        filesystem.make_folder(created)
        filesystem.fsync_folder(created.parent)
