"""One stream's packets to segments: where to cut, what to call a new recording, what to do when the disk fails."""

from __future__ import annotations

import errno
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from basira.base.clock import NS_PER_MS, NS_PER_S, Clock, boot_id
from basira.base.identifiers import SegmentKey, StreamKey
from basira.cameras.packets import Packet, StreamFormat
from basira.recording.gaps import GapLedger, Resumption
from basira.recording.index import IndexWriter
from basira.recording.initialisation import Initialisation, initialisation_of
from basira.recording.layout import VIDEO_TIMESCALE, SegmentHeader
from basira.recording.paths import highest_recording, segment_path
from basira.recording.rows import row_of
from basira.recording.segment import Filesystem, LocalFilesystem, SegmentFailed, SegmentWriter, SyncPolicy, TimedSample
from basira.recording.timeline import MAX_CORRECTION, Break, Timeline

log = structlog.get_logger(__name__)

# Without a keyframe for this many times the segment's length, or this many bytes, it is cut where it is.
_OVERDUE: Final = 10
_SEGMENT_BYTES_LIMIT: Final = 1 << 31
# Memory for what is written but not known to be on the disk; a failed sync loses nothing that is still here.
_REPLAY_BYTES_LIMIT: Final = 32 * 1024 * 1024
_STEP_NS: Final = 500 * NS_PER_MS
_DISK_RETRY_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
# These begin a new recording; other reasons only a new segment.
_NEW_RECORDING: Final = frozenset({"timestamps", "silence", "clock"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stream's files go. ``storage`` is the identity of the storage folder ``root``."""

    root: Path
    storage: str
    writer: str = "basira"


@dataclass(frozen=True, slots=True)
class Continuation:
    """Where an earlier run left off: the number of the next recording, the hash of the last file."""

    next_recording: int = 1
    previous_sha256: str | None = None


@dataclass(slots=True)
class Counters:
    """What has gone through a stream since the recorder started. Read without a lock."""

    video_packets: int = 0
    keyframes: int = 0
    video_bytes: int = 0
    fragments: int = 0
    segments: int = 0
    recordings: int = 0
    dropped_packets: int = 0
    disk_failures: int = 0
    forced_cuts: int = 0
    last_fragment_utc_ns: int = 0


def first_share(stream: StreamKey) -> float:
    """How much of a segment's length a recording's first one has: a quarter to all of it, by the stream's name.

    Else all cameras that were started together would close and open their files together ever after.
    """
    return 0.25 + 0.75 * zlib.crc32("/".join(stream).encode()) / (1 << 32)


class StreamRecorder:
    """Records one stream. ``begin``, ``append``, ``reformat`` and ``end`` from the stream's thread; ``tick`` from
    another. Never raises for what a camera sends or a disk does: it drops, counts, and says so in the ledger.
    """

    def __init__(
        self,
        stream: StreamKey,
        place: Place,
        index: IndexWriter,
        ledger: GapLedger,
        clock: Clock,
        policy: SyncPolicy,
        *,
        segment_s: float,
        first_segment_s: float | None = None,
        continuation: Continuation,
        filesystem: Filesystem | None = None,
        clock_synchronised: Callable[[], bool] = lambda: False,
    ) -> None:
        self.stream = stream
        self.counters = Counters()
        self.ledger = ledger
        self.stream_format: StreamFormat | None = None
        self.disk_error = ""
        self._place = place
        self._index = index
        self._clock = clock
        self._policy = policy
        self._segment = round(segment_s * VIDEO_TIMESCALE)
        self._first_segment = round((first_segment_s or segment_s) * VIDEO_TIMESCALE)
        self._filesystem = filesystem or LocalFilesystem()
        self._clock_synchronised = clock_synchronised
        self._next_recording = continuation.next_recording
        self._previous_sha256 = continuation.previous_sha256
        self._initialisation: Initialisation | None = None
        self._timeline: Timeline | None = None
        self._writer: SegmentWriter | None = None
        self._reason = "start"
        self._recording = 0
        self._next_segment = 0
        self._new_recording = True
        self._clock_step_ns = 0
        self._clock_seen: tuple[int, int] | None = None  # wall minus monotonic, and when
        self._replay: deque[list[TimedSample]] = deque()
        self._replay_bytes = 0
        self._retry_mono_ns = 0
        self._disk_attempt = 0
        self._waiting_audio: list[TimedSample] = []
        self._opening: list[TimedSample] = []  # the first samples of a recording, until they can be dated

    @property
    def is_recording(self) -> bool:
        """Whether fragments are being committed."""
        writer = self._writer
        return writer is not None and writer.started

    def disk_lag_s(self) -> float:
        """For how long what came last from the camera has been waiting to be written and kept."""
        writer = self._writer
        since_ns = writer.unkept_since_ns if writer is not None else None
        return (self._clock.mono_ns() - since_ns) / NS_PER_S if since_ns is not None else 0.0

    def begin(self, stream: StreamFormat, reason: str) -> None:
        """A connection was made: a new recording begins with its first keyframe. Raises ``stream_format_unusable``."""
        self._initialisation = initialisation_of(stream)
        self.stream_format = stream
        self._start_anew(reason)

    def reformat(self, stream: StreamFormat) -> None:
        """The camera changed its codec parameters: a new segment begins. Raises ``stream_format_unusable``."""
        self._finish()
        initialisation = initialisation_of(stream)
        before = self.stream_format
        self._initialisation, self.stream_format = initialisation, stream
        if before is None or self._timeline is None or _time_bases(before) != _time_bases(stream):
            self._start_anew("codec")
        else:
            self._reason, self._new_recording = "codec", False

    def append(self, packet: Packet) -> None:
        """Take a packet. Those before the first keyframe, or while the disk refuses, are dropped and counted."""
        if packet.kind == "audio":
            self._append_audio(packet)
            return
        self.counters.video_packets += 1
        self.counters.keyframes += packet.keyframe
        self.counters.video_bytes += len(packet.data)
        if self._writer is None and not self._opening and not self._may_start(packet):
            self.counters.dropped_packets += 1
            return
        if self._timeline is None:
            self._timeline = self._fresh_timeline()
        self._watch_clock(packet)
        placed = self._timeline.place_video(packet)
        if placed.broken is not Break.NONE:
            self._open()
        if placed.broken is Break.SILENCE:
            self.ledger.silence(placed.silence_ns, packet.utc_ns, "camera")
        if placed.broken is not Break.NONE and self._writer is not None:
            log.warning("stream_break", camera=self.stream.camera, stream=self.stream.stream, kind=placed.broken.value)
            self._reason = placed.broken.value
        sample = placed.sample
        if self._writer is None:
            self._opening.append(sample)
            if self._timeline.is_settled:
                self._open()
            return
        if reason := self._cut_reason(sample, self._writer):
            sample = self._cut(packet, sample, reason)
        self._push(sample)
        audio, self._waiting_audio = self._waiting_audio, []
        for late in audio:
            self._push(late)

    def end(self) -> None:
        """The connection is gone: close the segment with all that came."""
        self._finish()
        self._timeline = None

    def flush_idle(self) -> None:
        """From time to time, from another thread: write and sync what waits because the camera is silent."""
        writer = self._writer
        if writer is not None:
            writer.tick()

    def check_gap(self) -> None:
        """From time to time, from another thread, one that no disk can block: silence becomes a gap."""
        opened = self.ledger.check()
        if opened is not None:
            log.warning(
                "gap_opened", camera=self.stream.camera, stream=self.stream.stream, cause=opened.cause,
                start_utc_ns=opened.start_utc_ns,
            )  # fmt: skip

    def _append_audio(self, packet: Packet) -> None:
        if self._timeline is None or (self._writer is None and not self._opening):
            return
        sample = self._timeline.place_audio(packet)
        if sample is None:
            return
        if self._opening:
            self._opening.append(sample)
        else:
            self._push(sample)

    def _may_start(self, packet: Packet) -> bool:
        return packet.keyframe and self._clock.mono_ns() >= self._retry_mono_ns

    def _fresh_timeline(self) -> Timeline:
        assert self.stream_format is not None
        return Timeline(self.stream_format)

    def _start_anew(self, reason: str) -> None:
        self._finish()
        self._timeline = None
        self._reason, self._new_recording = reason, True

    def _open(self) -> None:
        """Begin the segment with what was kept back until its time was known."""
        samples, self._opening = self._opening, []
        if not samples:
            return
        self._start(samples[0])
        for sample in samples:
            self._push(sample)

    def _watch_clock(self, packet: Packet) -> None:
        difference_ns, before = packet.utc_ns - packet.mono_ns, self._clock_seen
        self._clock_seen = difference_ns, packet.mono_ns
        if before is None:
            return
        # Hours of slewing, while the camera was away, are no step.
        slewed_ns = round((packet.mono_ns - before[1]) * MAX_CORRECTION)
        step_ns = difference_ns - before[0]
        if abs(step_ns) > _STEP_NS + slewed_ns:
            self._open()
            self._clock_step_ns += step_ns
            self._reason = "clock"
            if self._timeline is not None:
                self._timeline.clock_stepped()

    def _cut_reason(self, sample: TimedSample, writer: SegmentWriter) -> str:
        """Why the segment should end before ``sample``, or nothing."""
        length = writer.duration
        if not sample.sync:
            if length < _OVERDUE * self._segment and writer.written_bytes < _SEGMENT_BYTES_LIMIT:
                return ""
            self.counters.forced_cuts += 1
            log.warning("no_keyframe_for_long", camera=self.stream.camera, stream=self.stream.stream)
            return "no_keyframe"
        if self._reason:
            return self._reason
        if self._timeline is not None and self._timeline.is_off:
            return "time"
        # Half a frame early is closer than a whole group of pictures late.
        wanted = self._first_segment if self._next_segment == 1 else self._segment
        if sample.dts - writer.start_dts >= wanted - VIDEO_TIMESCALE // 60:
            return "length"
        return ""

    def _cut(self, packet: Packet, sample: TimedSample, reason: str) -> TimedSample:
        """End the segment and begin the next with this packet; returns its sample, which may be on a new line."""
        if not self._close(sample):
            if self._writer is not None and reason in _NEW_RECORDING:
                self._reason = reason  # the disk failed and a new file took over: cut at the next keyframe
            return sample
        assert self._timeline is not None
        self._reason = reason
        if reason in _NEW_RECORDING:
            self._timeline, before = self._fresh_timeline(), sample
            sample = self._timeline.place_video(packet).sample
            for audio in self._waiting_audio:
                audio.pts += sample.dts - before.dts
            self._new_recording = True
        else:
            self._timeline.correct(sample.dts)
            self._new_recording = False
        self._start(sample)
        return sample

    def _start(self, start: TimedSample) -> None:
        """Begin the next segment; its file is created with the first fragment."""
        assert self._initialisation is not None and self._timeline is not None
        if self._new_recording:
            self._recording, self._next_segment = self._next_recording, 0
            self._next_recording += 1
        key = SegmentKey(*self.stream, self._recording, self._next_segment)
        self._next_segment += 1
        timeline, initialisation = self._timeline, self._initialisation
        reason, new_recording, clock_step_ns = self._reason, self._new_recording, self._clock_step_ns
        previous_sha256 = self._previous_sha256
        self._reason, self._new_recording, self._clock_step_ns = "", False, 0

        def header() -> SegmentHeader:
            utc_ns, mono_ns = timeline.start_of(start.dts)
            return SegmentHeader(
                site=key.site, camera=key.camera, stream="sub" if key.stream == "sub" else "main",
                recording=key.recording, segment=key.segment, reason=reason, start_utc_ns=utc_ns,
                start_mono_ns=mono_ns, boot_id=boot_id(), clock_step_ns=clock_step_ns,
                previous_sha256=previous_sha256,
                gaps=self.ledger.headers(Resumption(utc_ns, mono_ns, reason, new_recording)),
                tracks=initialisation.tracks, writer=self._place.writer,
            )  # fmt: skip

        def on_commit(writer: SegmentWriter) -> None:
            self._committed(writer, new_recording)

        self._writer = SegmentWriter(
            self._place.root / segment_path(key), initialisation, header, start, self._policy, self._clock,
            filesystem=self._filesystem, clock_synchronised=self._clock_synchronised, on_commit=on_commit,
        )  # fmt: skip

    def _committed(self, writer: SegmentWriter, new_recording: bool) -> None:
        header = writer.header
        if len(writer.commits) == 1:
            resumption = Resumption(header.start_utc_ns, header.start_mono_ns, header.reason, new_recording)
            self.ledger.resumed(resumption)
            self._put_row(writer, "open")
            self.counters.segments += 1
            self.counters.recordings += new_recording
        if writer.kept.fragments:
            self._disk_attempt, self.disk_error = 0, ""
        elapsed_ns = writer.duration * NS_PER_S // VIDEO_TIMESCALE
        began_ns = writer.commits[-1].dts * NS_PER_S // VIDEO_TIMESCALE
        self.ledger.committed(
            header.start_mono_ns + began_ns, header.start_utc_ns + elapsed_ns, header.start_mono_ns + elapsed_ns
        )
        self.counters.fragments += 1
        self.counters.last_fragment_utc_ns = header.start_utc_ns + elapsed_ns

    def _push(self, sample: TimedSample) -> None:
        self._remember(sample)
        if self._writer is None:
            return
        try:
            self._writer.append(sample)
            if self._disk_attempt and self._writer.started and not self._writer.kept.fragments:
                self._writer.sync()  # after a failure the first fragment shows whether the disk keeps anything
        except SegmentFailed as failure:
            self._fail_over(failure)

    def _remember(self, sample: TimedSample) -> None:
        """Keep what may have to be written again: from the last keyframe that is not yet synced."""
        writer = self._writer
        if writer is None:
            return
        if not self._replay or (sample.video and sample.sync):
            while len(self._replay) > 1 and self._replay[1][0].dts <= writer.kept_dts:
                self._forget_oldest()
            if self._replay and sample.dts <= writer.kept_dts:
                self._forget_oldest()
            self._replay.append([])
        self._replay[-1].append(sample)
        self._replay_bytes += len(sample.data)
        while self._replay_bytes > _REPLAY_BYTES_LIMIT and len(self._replay) > 1:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        self._replay_bytes -= sum(len(sample.data) for sample in self._replay.popleft())

    def _forget_all(self) -> None:
        self._replay.clear()
        self._replay_bytes = 0

    def _finish(self) -> None:
        """End the segment for good. If the disk fails at that, what it did not keep is tried once more elsewhere."""
        self._open()
        if not self._close(None):
            self._close(None)
        if self._writer is not None:
            log.error("segment_lost", camera=self.stream.camera, stream=self.stream.stream, reason=self.disk_error)
            writer, self._writer = self._writer, None
            self._leave(writer)
            self._lost_since(writer.kept_dts)
            self.ledger.blame("disk", "storage_not_writable")
            self._forget_all()

    def _close(self, next_start: TimedSample | None) -> bool:
        """End the segment being written, if any. False when the disk failed at it."""
        writer = self._writer
        if writer is None:
            return True
        audio = writer.take_audio_from(next_start.dts) if next_start else []
        try:
            writer.close(next_start)
        except SegmentFailed as failure:
            self._fail_over(failure)
            return False
        self._writer = None
        self._forget_all()
        if writer.started:
            self._put_row(writer, "closed")
            self._previous_sha256 = writer.written.sha256.hex()
        self._waiting_audio = audio
        return True

    def _put_row(self, writer: SegmentWriter, state: str) -> None:
        is_open = state == "open"
        extent = writer.kept if state == "recovered" else writer.written
        self._index.put_segment(
            row_of(
                writer.header,
                state="open" if is_open else "closed" if state == "closed" else "recovered",
                path=str(writer.path.relative_to(self._place.root)),
                storage=self._place.storage,
                commits=writer.commits[: extent.fragments],
                init_length=writer.init_length,
                length=extent.length,
                sha256=None if is_open else extent.sha256,
            )
        )

    def _fail_over(self, failure: SegmentFailed) -> None:
        """The file cannot be trusted any more: leave it, and write what is not known to be kept into a new one."""
        kept_dts = self._abandon(failure)
        samples = [sample for gop in self._replay for sample in gop]
        self._forget_all()
        if failure.cause.errno == errno.EEXIST:
            folder = self._place.root / self.stream.camera / self.stream.stream
            self._next_recording = max(self._next_recording, highest_recording(folder) + 1)
            self._new_recording = True
        self._reason = "disk"
        try:
            if samples and samples[0].sync and self._timeline is not None:
                self._start(samples[0])
                for sample in samples:
                    self._remember(sample)
                    assert self._writer is not None
                    self._writer.append(sample)
                # A disk that writes but does not sync would otherwise be handed ever more that it does not keep.
                assert self._writer is not None
                self._writer.sync()
                return
        except SegmentFailed as again:
            kept_dts = max(kept_dts, self._abandon(again))
        self._give_up(kept_dts)

    def _abandon(self, failure: SegmentFailed) -> int:
        """Let go of the file being written; returns the decode time until which it is kept."""
        writer, self._writer = self._writer, None
        assert writer is not None
        self.counters.disk_failures += 1
        self.disk_error = str(failure)
        log.error(
            "segment_abandoned", camera=self.stream.camera, stream=self.stream.stream, reason=str(failure),
            kept_fragments=writer.kept.fragments, written_fragments=len(writer.commits),
        )  # fmt: skip
        self._leave(writer)
        return writer.kept_dts

    def _leave(self, writer: SegmentWriter) -> None:
        """The file as it is, its row up to what was kept of it."""
        try:
            writer.abandon()
        except SegmentFailed as at_close:
            log.error("segment_close_failed", reason=str(at_close))
        if writer.started:
            self._put_row(writer, "recovered")
            self._previous_sha256 = writer.kept.sha256.hex() or None

    def _give_up(self, kept_dts: int) -> None:
        """Wait before the disk is tried again; the stream is watched meanwhile, and the gap has its cause."""
        pause_s = _DISK_RETRY_S[min(self._disk_attempt, len(_DISK_RETRY_S) - 1)]
        self._disk_attempt += 1
        self._retry_mono_ns = self._clock.mono_ns() + round(pause_s * NS_PER_S)
        self._lost_since(kept_dts)
        self._timeline = None
        self._forget_all()
        self._reason, self._new_recording = "disk", True
        self.ledger.blame("disk", "storage_not_writable")

    def _lost_since(self, kept_dts: int) -> None:
        if self._timeline is not None and self._timeline.is_settled:
            self.ledger.lost_since(*self._timeline.start_of(kept_dts))


def _time_bases(stream: StreamFormat) -> tuple[object, object]:
    return stream.video.time_base, stream.audio.time_base if stream.audio else None
