"""A stream recorder with everything around it real but the clock and, where a test wants, the disk's system calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.base.identifiers import StreamKey
from basira.cameras.packets import Packet, StreamFormat
from basira.recording import schema
from basira.recording.gaps import GapLedger
from basira.recording.index import IndexWriter, open_index
from basira.recording.rows import GapRow
from basira.recording.segment import Filesystem, SyncPolicy
from basira.recording.storage import Storage, open_storage
from basira.recording.stream import Continuation, Place, StreamRecorder
from tests.recording.clips import MONO_NS, UTC_NS, demuxed, read_clip

GATE = StreamKey("basra", "gate", "main")


class Rig:
    """One node with one stream. ``play`` feeds packets and moves the clock along with their arrival."""

    def __init__(
        self,
        folder: Path,
        *,
        segment_s: float = 2.0,
        first_segment_s: float | None = None,
        filesystem: Filesystem | None = None,
    ) -> None:
        self.clock = SimulatedClock(UTC_NS, MONO_NS)
        self.root = folder / "footage"
        self.engine = open_index(folder / "index.db")
        self.storage: Storage = open_storage(self.root, self.engine, "basra", self.clock)
        self.index = IndexWriter(self.engine, self.clock)
        self.ledger = GapLedger(GATE, self.clock, 5.0, self.index.put_gap)
        self.segment_s, self.first_segment_s = segment_s, first_segment_s
        self.filesystem = filesystem
        self.recorder = self.new_recorder()
        self._offset_ns = 0

    def new_recorder(self, continuation: Continuation | None = None) -> StreamRecorder:
        return StreamRecorder(
            GATE, Place(self.root, self.storage.identity.storage), self.index, self.ledger, self.clock,
            SyncPolicy(0.5, 1.0), segment_s=self.segment_s, first_segment_s=self.first_segment_s,
            continuation=continuation or Continuation(), filesystem=self.filesystem,
        )  # fmt: skip

    def close(self) -> None:
        self.index.close()
        self.engine.dispose()

    def load(self, clip: Path) -> tuple[StreamFormat, list[Packet]]:
        """A clip whose first packet arrives now."""
        return read_clip(clip, utc_ns=self.clock.utc_ns(), mono_ns=self.clock.mono_ns())

    def play(self, packets: Iterable[Packet]) -> None:
        """Let each packet arrive at its monotonic time, the wall clock being what it is."""
        for packet in packets:
            wait_ns = packet.mono_ns - self.clock.mono_ns()
            if wait_ns > 0:
                self.clock.advance(wait_ns)
            self.recorder.append(replace(packet, utc_ns=self.clock.utc_ns(), mono_ns=self.clock.mono_ns()))

    def watch(self, duration_s: float) -> None:
        """Let time pass as the recorder's other threads see it."""
        for _ in range(round(duration_s * 4)):
            self.clock.advance(NS_PER_S // 4)
            self.recorder.flush_idle()
            self.recorder.check_gap()

    def settle(self) -> None:
        """Wait until the index has everything."""
        self.index.call(lambda _: None)

    def segments(self) -> list[tuple[int, int, str]]:
        """(recording, segment, state) of every row, in order."""
        self.settle()
        table = schema.segments
        query = select(table.c.recording, table.c.segment, table.c.state).order_by(table.c.recording, table.c.segment)
        with self.engine.connect() as connection:
            return [(row.recording, row.segment, row.state) for row in connection.execute(query)]

    def reasons(self) -> list[str]:
        """Why each recording began."""
        self.settle()
        with self.engine.connect() as connection:
            query = select(schema.recordings.c.reason).order_by(schema.recordings.c.recording)
            return list(connection.execute(query).scalars())

    def gaps(self) -> list[GapRow]:
        self.settle()
        table = schema.gaps
        with self.engine.connect() as connection:
            rows = connection.execute(select(table).order_by(table.c.start_utc_ns)).all()
        return [GapRow(GATE, row.start_utc_ns, row.end_utc_ns, row.cause, row.detail) for row in rows]

    def files(self) -> list[Path]:
        return sorted(self.root.rglob("*.mp4"))

    def recorded(self) -> list[bytes]:
        """Every video packet in the files, in order."""
        return [data for path in self.files() for data in demuxed(path)]

    def vouched_rows(self) -> list[Row[Any]]:
        """The segments of which the index vouches for anything, in order."""
        self.settle()
        table = schema.segments
        query = select(table).where(table.c.bytes > 0).order_by(table.c.recording, table.c.segment)
        with self.engine.connect() as connection:
            return list(connection.execute(query).all())

    def vouched_for(self) -> list[bytes]:
        """Every video packet in the parts of files that the index vouches for, in order."""
        self.settle()
        table = schema.segments
        query = select(table.c.path, table.c.bytes).order_by(table.c.recording, table.c.segment)
        with self.engine.connect() as connection:
            rows = connection.execute(query.where(table.c.bytes > 0)).all()
        found: list[bytes] = []
        for row in rows:
            part = self.root.parent / "part.mp4"
            part.write_bytes((self.root / row.path).read_bytes()[: row.bytes])
            found += demuxed(part)
        return found


def video(packets: Iterable[Packet]) -> list[bytes]:
    return [packet.data for packet in packets if packet.kind == "video"]


def shifted(packets: Iterable[Packet], *, mono_s: float = 0.0, ticks: int = 0) -> list[Packet]:
    """The packets later (or earlier), on arrival's clock and on the camera's."""
    late_ns = round(mono_s * NS_PER_S)
    return [
        replace(
            packet, utc_ns=packet.utc_ns + late_ns, mono_ns=packet.mono_ns + late_ns,
            dts=packet.dts + ticks, pts=packet.pts + ticks,
        )
        for packet in packets
    ]  # fmt: skip
