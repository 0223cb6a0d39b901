"""What a person does with the page, in Arabic and in English: watch, go back, look at an event, take footage along."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched, keep_picture
from tests.system.node import now_us, wait_until

_ROOT = Path(__file__).resolve().parents[2]
_AXE = _ROOT / "page" / "node_modules" / "axe-core" / "axe.min.js"
_MOVED = "() => [...document.querySelectorAll('video')].map((v) => v.currentTime)"
_SHOWN = "() => [...document.querySelectorAll('video')].filter((v) => v.readyState >= 2 && v.videoWidth > 0).length"
_SCREENS = ["/", "/playback", "/events", "/exports", "/cameras", "/health", "/settings"]


def _language(page: Page) -> str:
    return str(page.evaluate("document.documentElement.lang"))


def test_the_wall_shows_every_camera_live_and_moving(page: Page, watched: Watched) -> None:
    wait_until("three live pictures", lambda: page.evaluate(_SHOWN) >= len(watched.cameras))
    before: list[float] = page.evaluate(_MOVED)
    wait_until(
        "all of them move",
        lambda: all(b > a for a, b in zip(before, page.evaluate(_MOVED), strict=True)),
    )
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if _language(page) == "ar" else "ltr")
    keep_picture(page, "wall")


def test_playback_goes_to_a_moment_and_plays_on_from_it(page: Page, watched: Watched) -> None:
    at_us = now_us() - 20_000_000
    page.goto(f"{watched.address}/playback?cameras={watched.cameras[0]}&at={at_us}")
    wait_until("a picture", lambda: page.evaluate(_SHOWN) >= 1)
    page.locator("body").click(position={"x": 5, "y": 5})
    before: list[float] = page.evaluate(_MOVED)
    if page.evaluate("document.querySelector('video').paused"):
        page.keyboard.press("Space")
    wait_until("it plays", lambda: page.evaluate(_MOVED)[0] > before[0] + 0.5)
    keep_picture(page, "playback")


def test_an_event_opens_its_footage(page: Page, watched: Watched) -> None:
    page.goto(f"{watched.address}/events")
    row = page.get_by_role("listitem").filter(has=page.locator("img")).first
    row.wait_for()
    event = watched.client.get("/api/events").json()["events"][-1]["id"]
    page.goto(f"{watched.address}/events/{event}")
    wait_until("its footage is shown", lambda: page.evaluate(_SHOWN) >= 1)
    keep_picture(page, "events")


def test_an_export_is_downloaded_and_is_an_mp4_that_others_read(page: Page, watched: Watched, tmp_path: Path) -> None:
    span = {"start_us": now_us() - 12_000_000, "end_us": now_us() - 4_000_000}
    asked = watched.client.post("/api/exports", json={"cameras": watched.cameras[:1], "stream": "main", **span})
    export = asked.json()["id"]
    page.goto(f"{watched.address}/exports")
    link = page.locator(f"[data-export='{export}'] a[download]").first
    link.wait_for(timeout=60_000)
    with page.expect_download() as download:
        link.click()
    path = tmp_path / "export.mp4"
    download.value.save_as(path)
    probe = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    probed = subprocess.run(probe, check=True, capture_output=True, text=True)
    assert probed.stderr == "" and float(probed.stdout) >= 8
    keep_picture(page, "exports")


@pytest.mark.parametrize("screen", _SCREENS)
def test_every_screen_passes_axe_and_speaks_one_language(page: Page, watched: Watched, screen: str) -> None:
    page.goto(watched.address + screen)
    page.get_by_role("main").wait_for()
    page.wait_for_load_state("load")
    page.evaluate(_AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    violations = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]]
    assert violations == []
    if _language(page) == "ar":
        # Words, not names: identifiers, units and product names may be Latin.
        text = re.sub(r"[\d\s\W]", "", page.get_by_role("navigation").first.inner_text())
        assert not re.search("[A-Za-z]{4,}", text)
    keep_picture(page, f"screen{screen.replace('/', '-')}")
