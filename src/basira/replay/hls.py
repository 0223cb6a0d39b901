"""HTTP Live Streaming playlists (RFC 8216) over the recorded files themselves: nothing is copied or repackaged."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from basira.base.identifiers import SegmentKey
from basira.recording.layout import VIDEO_TIMESCALE, Gop
from basira.replay.footage import StoredSegment
from basira.replay.ranges import Part

CONTENT_TYPE: Final = "application/vnd.apple.mpegurl"
ENTRY_TARGET_S: Final = 4.0


def media_url(key: SegmentKey) -> str:
    """The recorded file, relative to ``/api/playback/{camera}/{stream}/index.m3u8``."""
    return f"../../../media/{key.camera}/{key.stream}/{key.recording}/{key.segment}.mp4"


def entries_of(gops: Iterable[Gop], target_s: float = ENTRY_TARGET_S) -> Iterator[tuple[Gop, ...]]:
    """Neighbouring GOPs in groups that last about ``target_s``, or one GOP where that lasts longer."""
    group: list[Gop] = []
    length = 0
    for gop in gops:
        if group and length + gop.duration > target_s * VIDEO_TIMESCALE:
            yield tuple(group)
            group, length = [], 0
        group.append(gop)
        length += gop.duration
    if group:
        yield tuple(group)


def playlist(parts: Iterable[Part], url_of: Callable[[SegmentKey], str] = media_url) -> str:
    """A VOD media playlist of byte ranges.

    Every entry starts with a keyframe and says when it was recorded; every file is a discontinuity, because media
    time starts at 0 in each. A playlist of nothing is a valid playlist without entries.
    """
    return "".join(_lines(list(parts), url_of))


def _lines(parts: list[Part], url_of: Callable[[SegmentKey], str]) -> Iterator[str]:
    grouped = [(part.segment, list(entries_of(part.gops))) for part in parts]
    yield header(duration_s(entry) for _, entries in grouped for entry in entries)
    for index, (segment, entries) in enumerate(grouped):
        if index:
            yield "#EXT-X-DISCONTINUITY\n"
        url = url_of(segment.key)
        yield f'#EXT-X-MAP:URI="{url}",BYTERANGE="{segment.init_length}@0"\n'
        for entry in entries:
            length = entry[-1].offset + entry[-1].length - entry[0].offset
            yield entry_start(segment, entry)
            yield f"#EXT-X-BYTERANGE:{length}@{entry[0].offset}\n{url}\n"
    yield "#EXT-X-ENDLIST\n"


def header(durations_s: Iterable[float]) -> str:
    """The lines before the first entry; TARGETDURATION is no less than any entry's."""
    target_s = max(1, math.ceil(max(durations_s, default=1.0)))
    return (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        f"#EXT-X-TARGETDURATION:{target_s}\n#EXT-X-MEDIA-SEQUENCE:0\n"
    )


def entry_start(segment: StoredSegment, entry: tuple[Gop, ...]) -> str:
    """When an entry was recorded and how long it lasts."""
    return f"#EXT-X-PROGRAM-DATE-TIME:{rfc3339(segment.utc_ns(entry[0].dts))}\n#EXTINF:{duration_s(entry):.6f},\n"


def duration_s(entry: tuple[Gop, ...]) -> float:
    return (entry[-1].dts + entry[-1].duration - entry[0].dts) / VIDEO_TIMESCALE


def rfc3339(utc_ns: int) -> str:
    """Date and time with milliseconds, UTC, exact to the millisecond below."""
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=utc_ns // 1_000_000 * 1000)
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
