"""One recorded file, open for reading samples out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from basira.base.errors import BasiraError
from basira.recording.layout import COMMIT_LENGTH, Gop, read_at, read_box_header
from basira.replay.footage import StoredSegment, reading
from basira.replay.samples import Sample, Track, read_samples, read_tracks


@dataclass(frozen=True, slots=True)
class Fragment:
    """A fragment's place in its file and its samples by track, whose offsets count from the fragment."""

    offset: int
    samples: dict[int, list[Sample]]


class SegmentFile:
    """A context manager. Used by one thread at a time.

    Raises BasiraError ``footage_deleted`` when the file is gone, ``footage_unreadable`` when the disk does not give its
    bytes back, and ``segment_header_damaged`` when it is no segment.
    """

    def __init__(self, stored: StoredSegment) -> None:
        self.stored = stored
        with reading(stored.path):
            self._file = stored.path.open("rb")
        try:
            self.init = self.read(0, stored.init_length)
            self.tracks = read_tracks(self.init)
            if not any(track.kind == "video" for track in self.tracks.values()):
                raise ValueError("no video track")
        except BasiraError:
            self._file.close()
            raise
        except ValueError as error:
            self._file.close()
            raise BasiraError("segment_header_damaged", path=stored.path.name, reason=str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    @property
    def video(self) -> Track:
        return next(track for track in self.tracks.values() if track.kind == "video")

    def read(self, offset: int, size: int) -> bytes:
        with reading(self.stored.path):
            return read_at(self._file, size, offset)

    def fragments(self, gop: Gop) -> Iterator[Fragment]:
        """Fragments of a GOP in order, their ``moof`` read and their media not."""
        offset, end = gop.offset, gop.offset + gop.length
        while offset < end:
            with reading(self.stored.path):
                moof = read_box_header(self._file, offset, end)
                mdat = moof and read_box_header(self._file, offset + moof[1], end)
            if moof is None or mdat is None:
                raise self._damaged(offset, "it is not whole")
            try:
                samples = read_samples(self.read(offset, moof[1]), self.tracks)
            except ValueError as error:
                raise self._damaged(offset, str(error)) from error
            yield Fragment(offset, samples)
            offset += moof[1] + mdat[1] + COMMIT_LENGTH

    def _damaged(self, offset: int, reason: str) -> BasiraError:
        path = self.stored.path.name
        return BasiraError("fragment_damaged", status=422, fragment="?", offset=offset, path=path, reason=reason)

    def video_samples(self, gop: Gop) -> Iterator[tuple[Sample, bytes]]:
        """Video samples of a GOP with their bytes, read one at a time."""
        track = self.video.id
        for fragment in self.fragments(gop):
            for sample in fragment.samples.get(track, ()):
                yield sample, self.read(fragment.offset + sample.offset, sample.size)
