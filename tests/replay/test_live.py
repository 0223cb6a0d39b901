"""A viewer sees the newest group of pictures at once, then every fragment; one who is slow loses whole groups."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path

import av
import pytest

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.replay.live import AWAY_NS, Channel, Followed, LiveFragment, LiveHub, LiveInit, LiveMessage, Viewer
from tests.replay.store import GATE, START_NS, OpenSegment, Store
from tests.streams import frame_number

PATIENCE_S = 20.0


@pytest.fixture
def hub(store: Store) -> Iterator[LiveHub]:
    made = LiveHub(store.footage, poll_s=0.005)
    yield made
    made.close()


async def take(messages: AsyncGenerator[LiveMessage], count: int) -> list[LiveMessage]:
    return [await asyncio.wait_for(anext(messages), PATIENCE_S) for _ in range(count)]


def committed(segment: OpenSegment) -> int:
    return len(segment.writer.commits)


async def test_joining_gives_the_init_and_the_newest_group_of_pictures(
    store: Store, hub: LiveHub, six_seconds: Path
) -> None:
    (segment,) = store.begin(six_seconds, GATE, 1, START_NS, 6)
    segment.append(76)
    async with aclosing(hub.watch(GATE)) as messages:
        init, first, second = await take(messages, 3)
    assert isinstance(init, LiveInit) and isinstance(first, LiveFragment) and isinstance(second, LiveFragment)
    assert init.header() == {
        "type": "init", "codecs": segment.writer.header.tracks[0].codec, "segment": "1/0",
        "start_us": START_NS // 1000, "width": 320, "height": 240, "transcoded": False,
    }  # fmt: skip
    assert first.keyframe and not second.keyframe
    assert first.dts_s == pytest.approx(4.0)
    header = first.header(sent_utc_ns=5_000)
    assert header["start_us"] == pytest.approx((START_NS + 4 * NS_PER_S) // 1000, abs=1)
    assert header["sent_us"] == 5 and header["type"] == "fragment" and header["skipped"] is False
    with av.open(io.BytesIO(init.data + first.data + second.data), "r") as container:
        numbers = [frame_number(frame) for frame in container.decode(video=0)]
    assert numbers[0] == 60 and numbers == list(range(60, 60 + len(numbers)))


async def test_a_viewer_is_taken_from_segment_to_segment(store: Store, hub: LiveHub, six_seconds: Path) -> None:
    segments = store.begin(six_seconds, GATE, 1, START_NS, 2)
    received: list[LiveMessage] = []
    async with aclosing(hub.watch(GATE)) as messages:
        for segment in segments:
            segment.append(10)
            received += await take(messages, 2)
            segment.append_all()
            segment.end()
            received += await take(messages, committed(segment) - 1)
    inits = [message for message in received if isinstance(message, LiveInit)]
    assert [init.segment for init in inits] == ["1/0", "1/1", "1/2"]
    assert inits[1].start_utc_ns == segments[1].start_utc_ns
    position = received.index(inits[1])
    following = received[position + 1]
    assert isinstance(following, LiveFragment) and following.dts_s == 0 and following.keyframe


async def test_viewers_of_one_stream_share_one_reader_and_its_bytes(
    store: Store, hub: LiveHub, six_seconds: Path
) -> None:
    (segment,) = store.begin(six_seconds, GATE, 1, START_NS, 6)
    segment.append(40)
    async with aclosing(hub.watch(GATE)) as one, aclosing(hub.watch(GATE)) as other:
        first, second = await take(one, 2), await take(other, 2)
        assert first[1].data is second[1].data
        segment.append(20)
        following, same = await take(one, 1), await take(other, 1)
        assert following[0].data is same[0].data
    assert not hub.is_watched(GATE)


async def test_a_camera_that_is_down_is_waited_for(store: Store, hub: LiveHub, six_seconds: Path) -> None:
    store.record(six_seconds)
    async with aclosing(hub.watch(GATE)) as messages:
        waiting = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        first, *_ = store.begin(six_seconds, GATE, 2, START_NS + 60 * NS_PER_S, 6)
        first.append(20)
        init = await asyncio.wait_for(waiting, PATIENCE_S)
    assert isinstance(init, LiveInit) and init.segment == "2/0"


async def test_trouble_with_one_stream_is_survived(
    store: Store, hub: LiveHub, six_seconds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()
    newest = store.footage.newest_segment

    def fails_once(stream: object) -> object:
        if not failed.is_set():
            failed.set()
            raise OSError("the disk is gone")
        return newest(GATE)

    monkeypatch.setattr(store.footage, "newest_segment", fails_once)
    store.record(six_seconds, leave_open=True)
    async with aclosing(hub.watch(GATE)) as messages:
        (init,) = await take(messages, 1)
    assert isinstance(init, LiveInit) and failed.is_set()


async def test_after_the_machine_slept_live_is_live_again(store: Store, six_seconds: Path) -> None:
    clock = SimulatedClock()
    segments = store.begin(six_seconds, GATE, 1, START_NS, 2)
    segments[0].append(20)
    followed = Followed(store.footage, GATE, clock)
    followed.pump()
    for segment in segments:
        segment.append_all()
    for segment in segments[:-1]:
        segment.end()
    clock.advance(AWAY_NS + 1)
    viewer = Viewer()
    followed.channel.join(viewer)
    await drained(viewer)
    followed.pump()
    received = await drained(viewer)
    followed.close()
    assert isinstance(received[0], LiveInit) and received[0].segment == "1/2"
    assert next(message.dts_s for message in received if isinstance(message, LiveFragment)) == pytest.approx(1.0)


def fragment(number: int, keyframe: bool, size: int = 10) -> LiveFragment:
    return LiveFragment(number * NS_PER_S // 2, NS_PER_S // 2, number / 2, keyframe, number.to_bytes(size, "big"))


INIT = LiveInit("avc1.64001f", "1/0", 0, 320, 240, b"init")


async def drained(viewer: Viewer) -> list[LiveMessage]:
    await asyncio.sleep(0)
    messages: list[LiveMessage] = []
    while viewer.waiting:
        messages.append(await viewer.next())
    return messages


async def test_a_slow_viewer_goes_on_at_the_newest_keyframe_and_is_told() -> None:
    viewer = Viewer()
    viewer.offer([INIT, *(fragment(number, number % 4 == 0) for number in range(43))])
    received = await drained(viewer)
    assert received[0] is INIT
    first = received[1]
    assert isinstance(first, LiveFragment) and first.keyframe and first.skipped
    assert [m.dts_s for m in received[1:] if isinstance(m, LiveFragment)] == [n / 2 for n in range(40, 43)]
    assert not any(m.skipped for m in received[2:] if isinstance(m, LiveFragment))


async def test_what_waits_for_a_viewer_is_bounded_however_far_apart_keyframes_are() -> None:
    viewer = Viewer()
    megabyte = 1024**2
    viewer.offer([INIT, fragment(0, True, megabyte)])
    viewer.offer([fragment(number, False, megabyte) for number in range(1, 200)])
    await asyncio.sleep(0)
    assert viewer.waiting_bytes <= 50 * megabyte
    viewer.offer([fragment(200, True, megabyte)])
    received = await drained(viewer)
    last = received[-1]
    assert isinstance(last, LiveFragment) and last.dts_s == 100 and last.skipped


async def test_a_viewer_joining_a_channel_gets_only_the_newest_group() -> None:
    channel = Channel()
    channel.publish([INIT, *(fragment(number, number % 4 == 0) for number in range(10))])
    viewer = Viewer()
    channel.join(viewer)
    received = await drained(viewer)
    assert received[0] is INIT
    assert [m.dts_s for m in received[1:] if isinstance(m, LiveFragment)] == [4.0, 4.5]
    assert channel.leave(viewer)
