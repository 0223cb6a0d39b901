"""Recorded footage for tests: real segments written by the recorder's own writer, and the rows that go with them."""

from __future__ import annotations

import functools
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import ColumnElement, delete, insert, select, update

from basira.base.clock import NS_PER_S, SimulatedClock, boot_id
from basira.base.identifiers import STREAM_NAMES, SegmentKey, StreamKey, StreamName
from basira.cameras.packets import StreamFormat
from basira.databases.migrate import upgrade
from basira.databases.sqlite import open_database
from basira.recording.initialisation import initialisation_of
from basira.recording.layout import SegmentHeader, pack_gops
from basira.recording.schema import gaps, metadata, recordings, segments, tombstones
from basira.recording.segment import SegmentWriter, SyncPolicy, TimedSample
from basira.replay.footage import Footage
from tests.recording.clips import read_clip
from tests.recording.writing import place

GATE = StreamKey("basra", "gate", "main")
START_NS = 1_750_000_000 * NS_PER_S


@functools.cache
def _empty_index() -> bytes:
    """A migrated database; migrating one for each of a property's examples would be most of their time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.db"
        engine = open_database(path, durable=False)
        upgrade(engine, "basira.recording", metadata)
        engine.dispose()
        return path.read_bytes()


class Closable(Protocol):
    def close(self) -> None: ...


Opened = TypeVar("Opened", bound=Closable)


class Store:
    """An index and a storage folder. What the recorder would do, step by step, at the test's word."""

    def __init__(self, root: Path) -> None:
        self.storage = root / "footage"
        root.mkdir(parents=True, exist_ok=True)
        (root / "index.db").write_bytes(_empty_index())
        self.index = open_database(root / "index.db", durable=False)
        self.footage = Footage(self.index, self.storage)
        self.last_sha256: dict[StreamKey, str] = {}  # of each stream's last ended segment, for the chain
        self._opened: list[Closable] = []

    def keep(self, opened: Opened) -> Opened:
        """Close ``opened`` with the store."""
        self._opened.append(opened)
        return opened

    def close(self) -> None:
        for opened in self._opened:
            opened.close()
        self.index.dispose()

    def path(self, key: SegmentKey) -> Path:
        return self.storage / key.camera / key.stream / f"{key.recording:08d}" / f"{key.segment:06d}.mp4"

    def record(
        self,
        clip: Path,
        *,
        stream: StreamKey = GATE,
        recording: int = 1,
        start_utc_ns: int = START_NS,
        gops_per_segment: int = 2,
        leave_open: bool = False,
    ) -> list[OpenSegment]:
        """A whole clip as one recording; the last segment stays open when asked."""
        made = self.begin(clip, stream, recording, start_utc_ns, gops_per_segment)
        for segment in made:
            segment.append_all()
            if segment is not made[-1] or not leave_open:
                segment.end()
        return made

    def begin(
        self, clip: Path, stream: StreamKey, recording: int, start_utc_ns: int, gops_per_segment: int
    ) -> list[OpenSegment]:
        """The segments a clip will make, nothing written yet."""
        format_, packets = read_clip(clip)
        samples = place(format_, packets)
        with self.index.begin() as connection:
            connection.execute(
                insert(recordings).values(
                    site=stream.site, camera=stream.camera, stream=stream.stream, recording=recording,
                    start_utc_ns=start_utc_ns, start_mono_ns=0, boot_id=boot_id(), reason="start",
                )
            )  # fmt: skip
        return [
            OpenSegment(self, SegmentKey(*stream, recording, number), format_, group, start_utc_ns)
            for number, group in enumerate(_grouped(samples, gops_per_segment))
        ]

    def delete(self, key: SegmentKey, *, row: bool = True) -> None:
        """As retention does: tombstone, unlink, row."""
        with self.index.begin() as connection:
            found = connection.execute(select(segments).where(*_is(key))).one()
            connection.execute(
                insert(tombstones).values(
                    **key._asdict(), path=found.path, start_utc_ns=found.start_utc_ns, end_utc_ns=found.end_utc_ns,
                    bytes=found.bytes, sha256=found.sha256, why="age", tombstoned_utc_ns=0,
                )
            )  # fmt: skip
        self.path(key).unlink()
        if row:
            with self.index.begin() as connection:
                connection.execute(delete(segments).where(*_is(key)))

    def age_tombstones(self, utc_ns: int) -> None:
        """Say that everything deleted so far was deleted then."""
        with self.index.begin() as connection:
            connection.execute(update(tombstones).values(tombstoned_utc_ns=utc_ns))

    def add_gap(self, start_utc_ns: int, end_utc_ns: int | None, cause: str, stream: StreamKey = GATE) -> None:
        with self.index.begin() as connection:
            connection.execute(
                insert(gaps).values(
                    **stream._asdict(), start_utc_ns=start_utc_ns, end_utc_ns=end_utc_ns, cause=cause, detail=""
                )
            )

    def set_row(self, key: SegmentKey, **values: object) -> None:
        with self.index.begin() as connection:
            connection.execute(update(segments).where(*_is(key)).values(**values))


class OpenSegment:
    """One segment being written."""

    def __init__(
        self, store: Store, key: SegmentKey, stream: StreamFormat, samples: list[TimedSample], recording_utc_ns: int
    ) -> None:
        self.store = store
        self.key = key
        self.samples = samples
        self.start_utc_ns = recording_utc_ns + samples[0].dts * 100_000 // 9
        self._waiting = list(samples)
        initialisation = initialisation_of(stream)
        self.writer = SegmentWriter(
            store.path(key),
            initialisation,
            lambda: SegmentHeader(
                site=key.site, camera=key.camera, stream=stream_name(key.stream), recording=key.recording,
                segment=key.segment, reason="start", start_utc_ns=self.start_utc_ns, start_mono_ns=0, boot_id=boot_id(),
                previous_sha256=store.last_sha256.get(key.stream_key), tracks=initialisation.tracks, writer="test",
            ),
            samples[0],
            SyncPolicy(fragment_s=0.5, interval_s=60.0),
            SimulatedClock(),
            on_commit=lambda writer: self._insert_row() if len(writer.commits) == 1 else None,
        )  # fmt: skip
        store.keep(self)
        self._ended = False

    @property
    def path(self) -> Path:
        return self.store.path(self.key)

    @property
    def end_utc_ns(self) -> int:
        return self.start_utc_ns + self.writer.duration * 100_000 // 9

    @property
    def video(self) -> list[bytes]:
        """The video samples given, as they lie in the file."""
        return [self.writer.initialisation.sample_of(sample.data) for sample in self.samples if sample.video]

    def append(self, count: int) -> None:
        """Write the next samples."""
        for sample in self._waiting[:count]:
            self.writer.append(sample)
        del self._waiting[:count]

    def append_all(self) -> None:
        self.append(len(self._waiting))

    def close(self) -> None:
        """As a crash would: the file is let go of, the row stays as it is. Does nothing after :meth:`end`."""
        if not self._ended:
            self._ended = True
            self.writer.abandon()

    def end(self, state: str = "closed") -> None:
        """End the file and write the row as the recorder does; ``recovered`` leaves the waiting samples unwritten."""
        if state == "closed":
            self.writer.close()
        else:
            self.writer.abandon()
        self._ended = True
        written = self.writer.written
        self.store.last_sha256[self.key.stream_key] = written.sha256.hex()
        self.store.set_row(
            self.key, state=state, bytes=written.length, sha256=written.sha256, fragments=written.fragments,
            gops=pack_gops(self.writer.gops()), end_utc_ns=self.end_utc_ns,
        )  # fmt: skip

    def _insert_row(self) -> None:
        tracks = self.writer.header.tracks
        with self.store.index.begin() as connection:
            connection.execute(
                insert(segments).values(
                    **self.key._asdict(), state="open", path=str(self.path.relative_to(self.store.storage)),
                    storage="s", start_utc_ns=self.start_utc_ns, end_utc_ns=self.end_utc_ns, start_mono_ns=0,
                    boot_id=boot_id(), bytes=self.writer.written.length, init_length=self.writer.init_length,
                    fragments=1, gops=b"", video_codec=tracks[0].codec,
                    audio_codec=tracks[1].codec if len(tracks) > 1 else None,
                    width=tracks[0].width, height=tracks[0].height,
                )
            )  # fmt: skip


def _is(key: SegmentKey) -> list[ColumnElement[bool]]:
    return [segments.c[name] == value for name, value in key._asdict().items()]


def _grouped(samples: Iterable[TimedSample], gops: int) -> Iterator[list[TimedSample]]:
    """Samples in groups that begin with every ``gops``-th keyframe."""
    keyframes = itertools.count()
    numbered: list[tuple[int, TimedSample]] = []
    number = -1
    for sample in samples:
        if sample.video and sample.sync:
            number = next(keyframes)
        numbered.append((max(0, number) // gops, sample))
    for _, group in itertools.groupby(numbered, key=lambda pair: pair[0]):
        yield [sample for _, sample in group]


def stream_name(stream: str) -> StreamName:
    """The one of the known names that it is."""
    (name,) = (known for known in STREAM_NAMES if known == stream)
    return name
