"""The transcoded view plays the same frames at the same times in H.264, and the recording stays untouched."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import av
import m3u8
import pytest

from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey
from basira.replay.live import LiveFragment, LiveInit, LiveMessage
from basira.replay.ranges import parts_of
from basira.replay.transcode import Transcoding, transcoded_playlist
from basira.replay.transcoded_live import TranscodedLive
from basira.replay.transcoder import fitted
from tests.replay.store import GATE, START_NS, Store
from tests.streams import frame_number

PATIENCE_S = 60.0
RATE = 15


@pytest.fixture
def transcoding(store: Store) -> Iterator[Transcoding]:
    made = Transcoding(store.footage)
    yield made
    made.close()


@pytest.fixture
def live(store: Store) -> Iterator[TranscodedLive]:
    made = TranscodedLive(store.footage, streams=1)
    yield made
    made.close()


def frames_of(content: bytes) -> tuple[str, list[tuple[float, int]]]:
    """Codec, and time and number of every frame."""
    with av.open(io.BytesIO(content), "r") as container:
        name = container.streams.video[0].codec_context.name
        return name, [(float(frame.time or 0), frame_number(frame)) for frame in container.decode(video=0)]


@pytest.mark.parametrize("clip", ["hevc", "with_b_frames", "with_sound"])
async def test_playback_shows_every_frame_at_its_time(
    clip: str, store: Store, transcoding: Transcoding, request: pytest.FixtureRequest
) -> None:
    segments = store.record(request.getfixturevalue(clip), gops_per_segment=2)
    before = [segment.path.read_bytes() for segment in segments]
    parts = parts_of(store.footage, GATE, START_NS, START_NS + 600 * NS_PER_S)
    shown: list[int] = []
    for entry in m3u8.loads(transcoded_playlist(parts)).segments:
        found = re.fullmatch(r"\.\./\.\./\.\./transcoded/gate/main/1/(\d+)/(\d+)-(\d+)\.m4s", entry.uri)
        assert found and entry.init_section.uri == f"../../../transcoded/gate/main/1/{found[1]}/init.mp4"
        key = segments[int(found[1])].key
        init = await transcoding.init(key)
        media = await transcoding.media(key, int(found[2]), int(found[3]))
        codec, frames = frames_of(init + media)
        assert codec == "h264"
        start_s = (entry.program_date_time.timestamp() * NS_PER_S - segments[key.segment].start_utc_ns) / NS_PER_S
        first = frames[0][1]
        for time_s, number in frames:
            assert time_s == pytest.approx(start_s + (number - first) / RATE, abs=0.01)
        shown += [number for _, number in frames]
    assert shown == list(range(sum(len(segment.video) for segment in segments)))
    assert [segment.path.read_bytes() for segment in segments] == before


async def test_sound_goes_through_untouched(store: Store, transcoding: Transcoding, with_sound: Path) -> None:
    (segment,) = store.record(with_sound, gops_per_segment=6)
    length = segment.writer.written.length - segment.writer.init_length
    content = await transcoding.init(segment.key) + await transcoding.media(
        segment.key, segment.writer.init_length, length
    )
    with av.open(io.BytesIO(content), "r") as container:
        heard = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    assert heard == [sample.data for sample in segment.samples if not sample.video]


async def test_only_whole_groups_of_pictures_can_be_asked_for(
    store: Store, transcoding: Transcoding, six_seconds: Path
) -> None:
    (segment,) = store.record(six_seconds, gops_per_segment=6)
    commits = segment.writer.commits
    whole = commits[1].end - commits[0].offset
    assert await transcoding.media(segment.key, commits[0].offset, whole)
    for offset, length in ((0, whole), (commits[0].offset, whole - 1), (commits[1].offset, 10), (-5, 2**70)):
        with pytest.raises(BasiraError, match="no such thing"):
            await transcoding.media(segment.key, offset, length)
    with pytest.raises(BasiraError, match="no such thing"):
        await transcoding.init(segment.key._replace(segment=7))


def test_the_view_is_no_higher_than_720_lines_and_in_proportion() -> None:
    assert fitted(3840, 2160) == (1280, 720)
    assert fitted(1920, 1080) == (1280, 720)
    assert fitted(640, 481) == (638, 480)
    assert fitted(720, 1280) == (404, 720)


async def test_live_is_followed_from_segment_to_segment_and_says_it_is_transcoded(
    store: Store, live: TranscodedLive, hevc: Path
) -> None:
    segments = store.begin(hevc, GATE, 1, START_NS, 2)
    segments[0].append(20)
    received: list[LiveMessage] = []

    def numbers() -> list[int]:
        files: list[bytes] = []
        for message in received:
            if isinstance(message, LiveInit):
                files.append(message.data)
            else:
                files[-1] += message.data
        return [number for content in files if b"moof" in content for _, number in frames_of(content)[1]]

    async with aclosing(live.watch(GATE)) as messages:
        received += [await asyncio.wait_for(anext(messages), PATIENCE_S) for _ in range(2)]
        first, second = received
        assert isinstance(first, LiveInit) and first.transcoded and first.codecs.startswith("avc1.")
        assert isinstance(second, LiveFragment) and second.keyframe and second.dts_s == 0
        for segment in segments:
            segment.append_all()
            segment.end()
            while numbers()[-1:] != [30 * (segment.key.segment + 1) - 1]:
                received.append(await asyncio.wait_for(anext(messages), PATIENCE_S))
    assert numbers() == list(range(60))


async def test_no_more_streams_are_converted_than_the_machine_is_given(
    store: Store, live: TranscodedLive, six_seconds: Path
) -> None:
    store.record(six_seconds, leave_open=True)
    other = StreamKey("basra", "yard", "main")
    store.record(six_seconds, stream=other, leave_open=True)
    async with aclosing(live.watch(GATE)) as one, aclosing(live.watch(GATE)) as same:
        assert await asyncio.wait_for(anext(one), PATIENCE_S)
        assert await asyncio.wait_for(anext(same), PATIENCE_S)
        with pytest.raises(BasiraError) as busy:
            await anext(live.watch(other))
        assert busy.value.code == "transcode_busy"
    async with aclosing(live.watch(other)) as now:
        assert await asyncio.wait_for(anext(now), PATIENCE_S)
