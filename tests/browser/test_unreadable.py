"""Footage that the disk does not give back, as somebody at the page meets it. Last, because it damages a recording."""

from __future__ import annotations

import os

from playwright.sync_api import Page, expect

from basira.base.identifiers import StreamKey
from tests.browser.conftest import Watched, keep_picture
from tests.system.node import now_us, wait_until

_SHOWN = "() => [...document.querySelectorAll('video')].some((v) => v.readyState >= 2 && v.videoWidth > 0)"
_TEXT = {"ar": "لم يُحذف شيء", "en": "Nothing was deleted"}


def test_footage_that_cannot_be_read_is_explained_and_the_rest_still_plays(page: Page, watched: Watched) -> None:
    camera = watched.cameras[0]
    stream = StreamKey(watched.node.site, camera, "main")
    bad, good = watched.node.footage().segments(stream, 0, now_us() * 1000)[:2]
    os.truncate(bad.path, min(bad.path.stat().st_size, bad.bytes // 2))
    late_us = (bad.start_utc_ns + (bad.end_utc_ns - bad.start_utc_ns) * 9 // 10) // 1000
    page.goto(f"{watched.address}/playback?cameras={camera}&at={late_us}")
    told = page.get_by_role("alert").filter(has_text=_TEXT[page.evaluate("document.documentElement.lang")])
    expect(told).to_be_visible(timeout=60_000)
    keep_picture(page, "unreadable")
    page.goto(f"{watched.address}/playback?cameras={camera}&at={good.start_utc_ns // 1000 + 1_000_000}")
    wait_until("what comes after it is shown", lambda: page.evaluate(_SHOWN))
