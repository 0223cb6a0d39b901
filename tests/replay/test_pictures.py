"""A snapshot is the very frame shown at an instant; a preview is the keyframe nearest to it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from basira.base.clock import NS_PER_MS, NS_PER_S
from basira.base.errors import BasiraError
from basira.replay.pictures import Picture, Pictures
from tests.replay.store import GATE, START_NS, Store
from tests.streams import frame_number

RATE = 15


@pytest.fixture
def pictures(store: Store) -> Iterator[Pictures]:
    made = Pictures(store.footage)
    yield made
    made.close()


def shown(picture: Picture) -> int:
    with av.open(io.BytesIO(picture.jpeg), "r") as container:
        return frame_number(next(container.decode(video=0)))


def width_of(picture: Picture) -> int:
    with av.open(io.BytesIO(picture.jpeg), "r") as container:
        return container.streams.video[0].codec_context.width


@pytest.mark.parametrize("clip", ["six_seconds", "with_b_frames", "hevc"])
async def test_a_snapshot_is_the_exact_frame(
    clip: str, store: Store, pictures: Pictures, request: pytest.FixtureRequest
) -> None:
    store.record(request.getfixturevalue(clip))
    for frame in (0, 1, 14, 15, 29, 30, 44, 58):
        at = START_NS + frame * NS_PER_S // RATE + NS_PER_S // RATE // 2
        picture = await pictures.snapshot(GATE, at)
        assert shown(picture) == frame
        assert picture.utc_ns == pytest.approx(START_NS + frame * NS_PER_S // RATE, abs=NS_PER_MS)


async def test_a_preview_is_the_nearest_keyframe_and_small(store: Store, pictures: Pictures, six_seconds: Path) -> None:
    store.record(six_seconds, leave_open=True)
    for seconds, frame in ((0.0, 0), (0.4, 0), (0.6, 15), (3.45, 45), (3.55, 60), (9.0, 75)):
        picture = await pictures.preview(GATE, START_NS + round(seconds * NS_PER_S), 160)
        assert shown(picture) == frame
        assert picture.utc_ns == pytest.approx(START_NS + frame * NS_PER_S // RATE, abs=NS_PER_MS)
        assert width_of(picture) == 160 and len(picture.jpeg) < 8_000


async def test_a_preview_that_was_made_is_not_made_again(store: Store, pictures: Pictures, six_seconds: Path) -> None:
    segments = store.record(six_seconds)
    first = await pictures.preview(GATE, START_NS)
    for segment in segments:
        segment.path.unlink()
    assert await pictures.preview(GATE, START_NS + NS_PER_S // 10) is first
    with pytest.raises(BasiraError, match="deleted"):
        await pictures.preview(GATE, START_NS + 2 * NS_PER_S)


async def test_the_newest_frame_is_given_when_no_time_is_asked(
    store: Store, pictures: Pictures, six_seconds: Path
) -> None:
    (segment,) = store.begin(six_seconds, GATE, 1, START_NS, 6)
    segment.append(70)
    picture = await pictures.snapshot(GATE)
    assert picture.utc_ns < segment.end_utc_ns
    assert shown(picture) == round((segment.end_utc_ns - START_NS) * RATE / NS_PER_S) - 1


async def test_a_snapshot_is_never_enlarged(store: Store, pictures: Pictures, six_seconds: Path) -> None:
    store.record(six_seconds)
    assert width_of(await pictures.snapshot(GATE, START_NS, width=4000)) == 320
    assert width_of(await pictures.snapshot(GATE, START_NS, width=101)) == 100


async def test_where_nothing_was_recorded_that_is_said(store: Store, pictures: Pictures, six_seconds: Path) -> None:
    with pytest.raises(BasiraError) as none:
        await pictures.snapshot(GATE)
    store.record(six_seconds)
    with pytest.raises(BasiraError) as outside:
        await pictures.snapshot(GATE, START_NS + 60 * NS_PER_S)
    with pytest.raises(BasiraError) as far:
        await pictures.preview(GATE, START_NS + 60 * NS_PER_S)
    assert {none.value.code, outside.value.code, far.value.code} == {"nothing_recorded"}
    assert none.value.status == 404


async def test_a_picture_that_cannot_be_decoded_is_a_clear_error(
    store: Store, pictures: Pictures, six_seconds: Path
) -> None:
    segment = store.record(six_seconds, gops_per_segment=6)[0]
    commit = segment.writer.commits[0]
    content = bytearray(segment.path.read_bytes())
    start = commit.offset + content[commit.offset :].index(b"mdat") + 4
    content[start : commit.offset + commit.length] = b"\xff" * (commit.offset + commit.length - start)
    segment.path.write_bytes(content)
    with pytest.raises(BasiraError) as refused:
        await pictures.preview(GATE, START_NS)
    assert refused.value.code == "picture_undecodable"
