"""What a real recorder writes from real RTSP streams is watched live, played and exported without losing a frame."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

import av
import pytest
from sqlalchemy import Engine

from basira.base.clock import NS_PER_S, SystemClock
from basira.base.identifiers import StreamKey
from basira.base.settings import Settings
from basira.catalogue.cameras import Camera, Cameras, CameraStream
from basira.catalogue.store import open_catalogue
from basira.databases.sqlite import open_database
from basira.recording.recorder import Recorder
from basira.replay.export import export_stream
from basira.replay.footage import Footage
from basira.replay.live import LiveFragment, LiveHub, LiveMessage
from basira.replay.pictures import Pictures
from basira.replay.ranges import spans_of
from basira.replay.tail import OLDEST, Skipped, Tail
from tests.streams import Mount, RtspServer, frame_number, rtsp_server

PATIENCE_S = 60.0


@contextmanager
def recording(settings: Settings, cameras: list[Camera]) -> Iterator[str]:
    """A recorder at work on these cameras; gives the site."""
    clock = SystemClock()
    catalogue = open_catalogue(settings.catalogue_path, clock)
    for camera in cameras:
        Cameras(catalogue).add(camera)
    stop = threading.Event()
    with Recorder(settings, clock) as recorder:
        thread = threading.Thread(target=recorder.run, args=(stop,))
        thread.start()
        try:
            yield catalogue.site
        finally:
            stop.set()
            thread.join()
            catalogue.close()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(tmp_path / "data" / "index.db", read_only=True, check=False)
    yield made
    made.dispose()


def camera(name: str, server: RtspServer) -> Camera:
    stream = CameraStream(name="main", url=server.url(f"/{name}"), transport="tcp")
    return Camera(id=name, name=name, kind="rtsp", streams=(stream,))


async def received_until(hub: LiveHub, stream: StreamKey, enough: int) -> list[LiveMessage]:
    received: list[LiveMessage] = []
    async with aclosing(hub.watch(stream)) as messages:
        while sum(isinstance(message, LiveFragment) for message in received) < enough:
            received.append(await asyncio.wait_for(anext(messages), PATIENCE_S))
    return received


async def test_live_playback_and_export_agree_with_the_cameras(
    tmp_path: Path, index: Engine, numbered_h264: Path, numbered_h265: Path
) -> None:
    settings = Settings(data_dir=tmp_path / "data", segment_target_s=2.0, disk_floor_bytes=0)
    mounts = {
        "/gate": Mount(numbered_h264, audio="aac"),
        "/yard": Mount(numbered_h265, codec="h265"),
    }
    frames = {"gate": 900, "yard": 300}
    with rtsp_server(mounts) as server, recording(settings, [camera(name, server) for name in frames]) as site:
        footage = Footage(index, settings.footage_path)
        keys = [StreamKey(site, name, "main") for name in frames]
        hub = LiveHub(footage)
        live = await asyncio.gather(*(received_until(hub, key, 10) for key in keys))
        server.stop()
        server.start()
        again = await asyncio.gather(*(received_until(hub, key, 6) for key in keys))
        hub.close()
    pictures = Pictures(footage)
    for key, before, after in zip(keys, live, again, strict=True):
        fragments = [item for item in Tail(footage, key, OLDEST).available() if not isinstance(item, Skipped)]
        recorded = [fragment.data for fragment in fragments]
        for seen in (before, after):
            watched = [message.data for message in seen if isinstance(message, LiveFragment)]
            first = recorded.index(watched[0])
            assert recorded[first : first + len(watched)] == watched
        folder = tmp_path / key.camera
        folder.mkdir()
        files = list(export_stream(footage, key, 0, 2**62, folder, title=key.camera))
        shown: list[int] = []
        for file in files:
            with av.open(str(folder / file.name)) as container:
                found = [frame_number(frame) for frame in container.decode(video=0)]
            assert len(found) == file.frames
            shown += found
        gaps = [(a, b) for a, b in itertools.pairwise(shown) if b != (a + 1) % frames[key.camera]]
        assert len(gaps) <= 1, "frames are missing only where the camera was away"
        spans = spans_of(footage, key, 0, 2**62)
        picture = pictures.snapshot_now(key, spans[-1].end_utc_ns - NS_PER_S // 100, None)
        assert spans[-1].start_utc_ns <= picture.utc_ns < spans[-1].end_utc_ns
    pictures.close()
