"""How far the wall in a browser is behind the camera: ``python -m bench.wall [CAMERAS] [SECONDS]``.

GStreamer's RTSP server sends frames that carry their number, each at the instant its number says. Headless Chromium
shows the wall of a whole running system; the number is read back from the pixels it shows. Nothing in between is asked.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from tests.streams import Mount, make_numbered_clip, read_number, rtsp_server
from tests.system.node import PASSWORD, USER, Node, add_camera, wait_recording, wait_until
from tools.screens import log_in

_RATE = 15
_FRAMES = 900
_WIDTH, _HEIGHT = 320, 240
_SHOWN = "() => [...document.querySelectorAll('video')].filter((v) => v.readyState >= 2 && v.videoWidth > 0).length"
# The green of each video's pixels, and when they were read, in milliseconds since 1970 by the machine's clock.
_READ = f"""() => [...document.querySelectorAll('video')].map((video) => {{
  const canvas = new OffscreenCanvas({_WIDTH}, {_HEIGHT});
  const context = canvas.getContext('2d');
  const at_ms = performance.timeOrigin + performance.now();
  context.drawImage(video, 0, 0, {_WIDTH}, {_HEIGHT});
  const pixels = context.getImageData(0, 0, {_WIDTH}, {_HEIGHT}).data;
  return [at_ms, Array.from({{length: {_WIDTH * _HEIGHT}}}, (_, i) => pixels[i * 4 + 1])];
}})"""


def behind_s(page: Page) -> list[float]:
    """How far each picture on the wall is behind its camera now."""
    found = []
    for at_ms, green in page.evaluate(_READ):
        number = read_number(np.array(green, np.uint8).reshape(_HEIGHT, _WIDTH), _WIDTH, _HEIGHT)
        # Frame n of the endless clip was sent at n / rate seconds since 1970.
        found.append((at_ms / 1000 - number / _RATE) % (_FRAMES / _RATE))
    return found


def main() -> None:
    cameras = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        clip = make_numbered_clip(Path(folder) / "clip.h264", frames=_FRAMES)
        node = Node(Path(folder) / "node")
        node.add_user()
        node.start()
        mounts = {f"/{number}": Mount(clip) for number in range(cameras)}
        with rtsp_server(mounts) as server:
            client = node.client()
            for path in mounts:
                wait_recording(client, add_camera(client, f"camera {path}", server.url(path)))
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            log_in(page, f"http://127.0.0.1:{node.port}", USER, PASSWORD)
            wait_until("every picture", lambda: page.evaluate(_SHOWN) >= min(cameras, 4))
            time.sleep(10)  # the pictures catch up with the live edge
            measured: list[float] = []
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                measured += behind_s(page)
                time.sleep(0.5)
            browser.close()
        node.stop()
    measured.sort()
    print(
        f"{cameras} cameras, {len(measured)} readings: median {statistics.median(measured):.2f} s behind the camera, "
        f"95 % under {measured[int(len(measured) * 0.95)]:.2f} s"
    )


if __name__ == "__main__":
    main()
