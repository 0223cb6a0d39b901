"""Following what is being recorded, from a cursor that survives restarts: how analysis, live and custody read."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from basira.base.clock import NS_PER_S, Clock, SystemClock
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey
from basira.recording.layout import Commit, CommitFlag, SegmentHeader, read_at, read_header, walk_commits
from basira.replay.footage import Footage, StoredSegment, vouched_length

_LOOK_EVERY_NS: Final = NS_PER_S
_STILL_NS: Final = 2 * NS_PER_S
# A segment that ended is followed by the next within this time, or the camera is gone.
_EAGER_NS: Final = 3 * NS_PER_S


class Cursor(NamedTuple):
    """The next fragment a reader wants. Cursors of one stream compare in the order of recording."""

    recording: int
    segment: int
    fragment: int


OLDEST: Final = Cursor(0, 0, 0)


@dataclass(frozen=True, slots=True)
class TailSegment:
    """The segment that fragments come from; one object for all of them, so ``is`` tells when it changed."""

    header: SegmentHeader
    init: bytes
    stored: StoredSegment


@dataclass(frozen=True, slots=True)
class TailFragment:
    """One committed fragment: ``data`` is its ``moof`` and ``mdat``; ``after`` is the cursor once it is dealt with."""

    segment: TailSegment
    commit: Commit
    data: bytes
    after: Cursor

    @property
    def start_utc_ns(self) -> int:
        """Presentation time on the wall clock, by the segment's start and the fragment's media time."""
        return self.segment.stored.utc_ns(self.commit.dts)

    @property
    def end_utc_ns(self) -> int:
        return self.segment.stored.utc_ns(self.commit.dts + self.commit.duration)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Footage between the two cursors is not there: ``why`` is ``deleted``, ``damaged`` or ``unreadable``.

    What the disk does not give back is passed over from ``after`` to the end of its segment.
    """

    before: Cursor
    after: Cursor
    why: str


def cursor_at(footage: Footage, stream: StreamKey, utc_ns: int) -> Cursor:
    """The keyframe at or before an instant; the first fragment after it when nothing was recorded then."""
    candidates = footage.segments(stream, utc_ns - 1, utc_ns + 1)
    if candidates:
        segment = candidates[-1]
        keyframe = 0
        for commit in footage.commits(segment):
            if segment.utc_ns(commit.dts) > utc_ns:
                break
            keyframe = commit.fragment if commit.starts_with_keyframe else keyframe
        return Cursor(segment.key.recording, segment.key.segment, keyframe)
    following = footage.first_after(stream, utc_ns)
    return Cursor(following.key.recording, following.key.segment, 0) if following else live_cursor(footage, stream)


def live_cursor(footage: Footage, stream: StreamKey) -> Cursor:
    """The newest keyframe; past the end of the newest segment when that is not being written."""
    newest = footage.newest_segment(stream)
    if newest is None:
        return OLDEST
    commits = footage.commits(newest)
    keyframes = [commit.fragment for commit in commits if commit.starts_with_keyframe]
    fragment = (keyframes or [0])[-1] if newest.state == "open" else len(commits)
    return Cursor(newest.key.recording, newest.key.segment, fragment)


class SegmentReader:
    """Committed fragments of one segment file, read as they come. The file stays readable after it is unlinked."""

    def __init__(self, stored: StoredSegment) -> None:
        """Raises OSError, and BasiraError ``segment_header_damaged``."""
        self.stored = stored
        self.ended = stored.state != "open"
        self._file = stored.path.open("rb")
        try:
            header, init_length = read_header(self._file)
            self._limit = vouched_length(self._file, stored)
            init = read_at(self._file, init_length, 0)
        except (BasiraError, OSError):
            self._file.close()
            raise
        self.segment = TailSegment(header, init, stored)
        self._offset = init_length
        self._fragment = 0
        self._length_read = -1

    def close(self) -> None:
        self._file.close()

    def settle(self, length: int | None) -> None:
        """No more will be written: the index vouches for ``length`` bytes or, when None, is silent."""
        self.ended = True
        self._limit = length
        self._length_read = -1

    def has_grown(self) -> bool:
        """Whether the file is longer than when :meth:`read` last came to its end."""
        return self._length() != self._length_read

    def read(self, first: int) -> Iterator[tuple[Commit, bytes]]:
        """Fragments from number ``first`` on that are committed and were not read yet."""
        length = self._length()
        if length == self._length_read:
            return
        for commit in walk_commits(self._file, self._offset, self._fragment):
            if self._limit is not None and commit.end > self._limit:
                break
            self._offset, self._fragment = commit.end, commit.fragment + 1
            self.ended = self.ended or CommitFlag.LAST_OF_SEGMENT in commit.flags
            if commit.fragment >= first:
                yield commit, read_at(self._file, commit.length, commit.offset)
        self._length_read = length

    def _length(self) -> int:
        return os.fstat(self._file.fileno()).st_size


class Tail:
    """A reader of one stream, in the order of recording. Never yields a fragment that is not wholly committed.

    Used by one thread at a time. ``cursor`` is what to store once everything yielded has been dealt with.
    A segment that retention deletes while it is being read is read to its end. A finished one that the disk does not
    give back is passed over, or it would hold up all that follows. Raises OSError when the disk fails in the segment
    being written and SQLAlchemyError when the index cannot be read; nothing is lost by reading on later.
    """

    def __init__(self, footage: Footage, stream: StreamKey, cursor: Cursor, clock: Clock | None = None) -> None:
        self.stream = stream
        self.cursor = cursor
        self._footage = footage
        self._clock = clock or SystemClock()
        self._reader: SegmentReader | None = None
        self._passed = False  # the cursor's segment has been read to its end
        self._looked_ns = -_LOOK_EVERY_NS
        self._eager_until_ns = 0
        self._grew_ns: int | None = None

    def close(self) -> None:
        """Give back the open file. The tail may be read again after."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def available(self) -> Iterator[TailFragment | Skipped]:
        """What is committed and not read yet; ends when there is no more at the moment.

        Cheap when nothing is new: one ``fstat``, and one look at the index a second once the file has stood still.
        """
        while True:
            if self._reader is None:
                yield from self._open_next()
            reader = self._reader
            if reader is None:
                return
            try:
                for commit, data in reader.read(self.cursor.fragment):
                    self.cursor = self.cursor._replace(fragment=commit.fragment + 1)
                    self._grew_ns = self._clock.mono_ns()
                    yield TailFragment(reader.segment, commit, data, self.cursor)
            except OSError:
                if reader.stored.state == "open":
                    raise
                yield Skipped(self.cursor, self.cursor, "unreadable")
            if reader.ended:
                self._pass()
            elif not self._learns_end_of(reader):
                return

    def follow(self, stop: threading.Event, poll_s: float) -> Iterator[TailFragment | Skipped | None]:
        """As :meth:`available`, for ever, until ``stop`` is set. Yields None after each silent ``poll_s``."""
        while not stop.is_set():
            for item in self.available():
                yield item
                if stop.is_set():
                    return
            if not stop.wait(poll_s):
                yield None

    def _pass(self) -> None:
        self.close()
        self._passed = True
        self._eager_until_ns = self._clock.mono_ns() + _EAGER_NS

    def _may_look(self) -> bool:
        """Whether to ask the index again: each time just after a segment ended, else once a second."""
        now_ns = self._clock.mono_ns()
        if now_ns < self._eager_until_ns or now_ns - self._looked_ns >= _LOOK_EVERY_NS:
            self._looked_ns = now_ns
            return True
        return False

    def _stands_still(self) -> bool:
        """Whether nothing was added for longer than fragments take: a segment that ends as it should says so itself."""
        return self._grew_ns is None or self._clock.mono_ns() - self._grew_ns >= _STILL_NS

    def _learns_end_of(self, reader: SegmentReader) -> bool:
        """Whether the index says, now, that the segment being read has ended; then the rest of it is to be read."""
        if not self._stands_still() or not self._may_look():
            return False
        key = reader.stored.key
        row = self._footage.segment(key)
        if row is not None and row.state == "open":
            # A recorder whose disk fails may leave a row open behind it and go on in a new segment.
            following = self._footage.segment_from(self.stream, key.recording, key.segment + 1)
            if following is None or reader.has_grown():
                return False
            row = None
        reader.settle(None if row is None else row.bytes)
        return True

    def _open_next(self) -> Iterator[Skipped]:
        """Open the segment of the cursor, or the next there is after it."""
        while self._reader is None and self._may_look():
            wanted = self.cursor.segment + 1 if self._passed else self.cursor.segment
            stored = self._footage.segment_from(self.stream, self.cursor.recording, wanted)
            if stored is None:
                return
            before, at = self.cursor, Cursor(stored.key.recording, stored.key.segment, 0)
            try:
                reader = SegmentReader(stored)
            except (OSError, BasiraError) as error:
                why = _why(error)
                if stored.state == "open" and why == "unreadable":
                    raise
                if stored.state == "open":
                    return  # its row comes before its first fragment is whole
                self.cursor, self._passed = at, True
                self._looked_ns = -_LOOK_EVERY_NS
                yield Skipped(before, at, why)
                continue
            self._reader = reader
            if before[:2] != at[:2]:
                lost = self._footage.was_deleted(self.stream, (before.recording, wanted), at[:2])
                self.cursor = at
                if lost:
                    yield Skipped(before, at, "deleted")
            self._passed = False


def _why(error: OSError | BasiraError) -> str:
    """Why a segment cannot be read at all."""
    if isinstance(error, BasiraError):
        return "damaged"
    return "deleted" if isinstance(error, FileNotFoundError) else "unreadable"
