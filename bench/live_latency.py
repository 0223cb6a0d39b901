"""From a fragment written to its message in a viewer's hands, and what watching costs while nothing comes.

    python -m bench.live_latency [streams] [seconds]

Streams are copies of one numbered clip, written fragment by fragment at their own pace by the recorder's writer.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import threading
import time
from contextlib import aclosing
from pathlib import Path

from basira.base.identifiers import StreamKey
from basira.replay.live import LiveFragment, LiveHub
from tests.replay.store import START_NS, OpenSegment, Store
from tests.streams import make_numbered_clip

RATE = 15


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 16
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    with tempfile.TemporaryDirectory() as folder:
        clip = make_numbered_clip(Path(folder) / "clip.mp4", frames=int(RATE * (seconds + 5)), size=(640, 360))
        store = Store(Path(folder))
        keys = [StreamKey("basra", f"cam-{number:02d}", "main") for number in range(count)]
        segments = [store.begin(clip, key, 1, START_NS, 1000)[0] for key in keys]
        for segment in segments:
            segment.append(40)
        hub = LiveHub(store.footage)
        asyncio.run(measure(hub, segments, keys, seconds))
        hub.close()
        store.close()


async def measure(hub: LiveHub, segments: list[OpenSegment], keys: list[StreamKey], seconds: float) -> None:
    written: dict[tuple[str, int], float] = {}
    delays: list[float] = []

    async def view(key: StreamKey) -> None:
        async with aclosing(hub.watch(key)) as messages:
            async for message in messages:
                if isinstance(message, LiveFragment):
                    at = written.get((key.camera, round(message.dts_s * 90_000)))
                    if at is not None:
                        delays.append(time.perf_counter() - at)

    viewers = [asyncio.ensure_future(view(key)) for key in keys]
    await asyncio.sleep(1)
    before = time.process_time()
    await asyncio.sleep(seconds / 2)
    print(f"{len(keys)} streams watched, nothing new: {(time.process_time() - before) / (seconds / 2):.2%} of a core")
    stop = threading.Event()
    writing = threading.Thread(target=write, args=(segments, written, stop))
    before = time.process_time()
    writing.start()
    await asyncio.sleep(seconds)
    print(f"written and watched: {(time.process_time() - before) / seconds:.2%} of a core, the writers included")
    stop.set()
    writing.join()
    for viewer in viewers:
        viewer.cancel()
    ms = sorted(delay * 1000 for delay in delays)
    print(
        f"{len(ms)} fragments: median {statistics.median(ms):.1f} ms, 95 % {ms[len(ms) * 95 // 100]:.1f} ms, "
        f"most {ms[-1]:.1f} ms"
    )


def write(segments: list[OpenSegment], written: dict[tuple[str, int], float], stop: threading.Event) -> None:
    """Give every stream a frame each frame interval, and note when a fragment was committed."""
    due = time.perf_counter()
    while not stop.is_set():
        for segment in segments:
            before = len(segment.writer.commits)
            segment.append(1)
            if len(segment.writer.commits) > before:
                written[segment.key.camera, segment.writer.commits[-1].dts] = time.perf_counter()
        due += 1 / RATE
        time.sleep(max(0.0, due - time.perf_counter()))


if __name__ == "__main__":
    main()
