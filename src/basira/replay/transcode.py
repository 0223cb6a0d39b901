"""Playback for browsers that cannot play what was recorded: H.264 made on demand, a few seconds at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from basira.base.errors import BasiraError
from basira.base.identifiers import SegmentKey
from basira.recording.layout import Gop
from basira.replay.footage import Footage, StoredSegment
from basira.replay.hls import duration_s, entries_of, entry_start, header
from basira.replay.ranges import Part
from basira.replay.samples import Sample
from basira.replay.segment_file import SegmentFile
from basira.replay.transcoder import Transcoder, transcoded

# Said in the answer of each transcoded response, so that nobody takes the view for the recording.
VIEW_HEADER: Final = "X-Basira-View"
VIEW_HEADER_VALUE: Final = "transcoded"
_PENDING_LIMIT: Final = 16


def transcoded_url(key: SegmentKey) -> str:
    """Folder of a segment's transcoded entries, relative to ``/api/playback/{camera}/{stream}/index.m3u8``."""
    return f"../../../transcoded/{key.camera}/{key.stream}/{key.recording}/{key.segment}"


def transcoded_playlist(parts: Iterable[Part]) -> str:
    """As ``hls.playlist``, over H.264 made when it is asked for.

    An entry is ``{segment}/{offset}-{length}.m4s``, the bytes of the recorded file that it shows.
    """
    return "".join(_lines([(part.segment, list(entries_of(part.gops))) for part in parts]))


def _lines(grouped: list[tuple[StoredSegment, list[tuple[Gop, ...]]]]) -> Iterator[str]:
    yield header(duration_s(entry) for _, entries in grouped for entry in entries)
    for index, (segment, entries) in enumerate(grouped):
        if index:
            yield "#EXT-X-DISCONTINUITY\n"
        url = transcoded_url(segment.key)
        yield f'#EXT-X-MAP:URI="{url}/init.mp4"\n'
        for entry in entries:
            length = entry[-1].offset + entry[-1].length - entry[0].offset
            yield entry_start(segment, entry)
            yield f"{url}/{entry[0].offset}-{length}.m4s\n"
    yield "#EXT-X-ENDLIST\n"


class Transcoding:
    """Makes what :func:`transcoded_playlist` names, on a bounded pool of threads.

    Raises BasiraError ``transcode_busy`` when too much waits, ``not_found`` for what no playlist names,
    ``picture_undecodable``, ``footage_deleted`` and ``transcode_unavailable``. ``close`` waits for what is running.
    """

    def __init__(self, footage: Footage, workers: int = 2) -> None:
        self._footage = footage
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="transcode")
        self._pending = 0

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    async def init(self, key: SegmentKey) -> bytes:
        """Initialisation section of a segment's transcoded view."""
        return await self._run(key, None)

    async def media(self, key: SegmentKey, offset: int, length: int) -> bytes:
        """The GOPs in ``length`` bytes from ``offset`` of the recorded file, as H.264 fragments."""
        return await self._run(key, (offset, length))

    async def _run(self, key: SegmentKey, place: tuple[int, int] | None) -> bytes:
        if self._pending >= _PENDING_LIMIT:
            raise BasiraError("transcode_busy", status=503)
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._make, key, place)
        finally:
            self._pending -= 1

    def _make(self, key: SegmentKey, place: tuple[int, int] | None) -> bytes:
        segment = self._footage.segment(key)
        if segment is None:
            raise BasiraError("not_found", status=404)
        with SegmentFile(segment) as file:
            transcoder = Transcoder(file.tracks, segment.width, segment.height)
            if place is None:
                return transcoder.init
            return transcoded(transcoder, _pieces(file, self._gop_at(segment, *place)))

    def _gop_at(self, segment: StoredSegment, offset: int, length: int) -> Gop:
        """Neighbouring GOPs as one. Only whole ones can be asked for."""
        commits = [c for c in self._footage.commits(segment) if offset <= c.offset and c.end <= offset + length]
        if not commits or commits[0].offset != offset or not commits[0].starts_with_keyframe:
            raise BasiraError("not_found", status=404)
        if commits[-1].end != offset + length:
            raise BasiraError("not_found", status=404)
        duration = commits[-1].dts + commits[-1].duration - commits[0].dts
        return Gop(offset, length, commits[0].dts, duration)


def _pieces(file: SegmentFile, gop: Gop) -> Iterator[tuple[dict[int, list[Sample]], bytes]]:
    for fragment in file.fragments(gop):
        size = max(sample.offset + sample.size for samples in fragment.samples.values() for sample in samples)
        yield fragment.samples, file.read(fragment.offset, size)
