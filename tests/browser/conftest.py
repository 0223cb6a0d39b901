"""A node with real footage for cameras, and headless Chromium to look at it with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.witness import RunningWitness
from tests.system.node import PASSWORD, USER, Node, add_camera, now_us, wait_recording, wait_until
from tools.demo_footage import main as fetch_demo_footage

_ROOT = Path(__file__).resolve().parents[2]
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
_PICTURES = _ROOT / "build" / "screens"
_RECORDED_US = 30_000_000


@dataclass(frozen=True)
class Watched:
    """A node that has been recording for a while and has found something."""

    node: Node
    client: httpx.Client
    cameras: list[str]
    witness: RunningWitness

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.node.port}"


def keep_picture(page: Page, name: str) -> None:
    """Leave a picture of the page in build/screens, for a person to look at."""
    _PICTURES.mkdir(parents=True, exist_ok=True)
    language = page.evaluate("document.documentElement.lang")
    page.screenshot(path=_PICTURES / f"{name}-{language}.png")


@pytest.fixture(scope="package")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Three cameras on a street, recorded until something was found on one of them."""
    footage = _ROOT / ".cache" / "footage"
    fetch_demo_footage(footage)
    options = {"BASIRA_DISK_FLOOR_BYTES": "100000000", "BASIRA_SEGMENT_TARGET_S": "10"}
    with ExitStack() as running:
        node = Node(tmp_path_factory.mktemp("watched"), options)
        node.add_user()
        witness = RunningWitness(tmp_path_factory.mktemp("witness"), node)
        running.callback(witness.stop)
        witness.start()
        running.callback(node.stop)
        node.start()
        client = running.enter_context(closing(node.client()))
        names = {"doorstep": "المدخل", "street": "الشارع", "crossing": "التقاطع"}
        cameras = [add_camera(client, name, str(footage / f"{clip}.mp4"), kind="file") for clip, name in names.items()]
        for camera in cameras:
            wait_recording(client, camera, 120)
        began_us = now_us()
        wait_until("something is found", lambda: client.get("/api/events").json()["events"], 180)
        wait_until("there is something to go back to", lambda: now_us() > began_us + _RECORDED_US)
        yield Watched(node, client, cameras, witness)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Closed again before any other room's tests: Playwright leaves its event loop running in the test's thread,
    and whatever wants a loop of its own there would be refused."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "Chromium is not installed: tools/system_packages.sh test"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=["ar", "en"])
def page(request: pytest.FixtureRequest, chromium: Browser, watched: Watched) -> Iterator[Page]:
    """Logged in, once in Arabic and once in English; a page error fails the test."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.add_init_script(
        f"localStorage.setItem('basira.preferences', JSON.stringify({{language: '{request.param}'}}))"
    )
    shown = context.new_page()
    problems: list[str] = []
    shown.on("pageerror", lambda error: problems.append(str(error)))
    shown.on("console", lambda said: problems.append(said.text) if "Security Policy" in said.text else None)
    shown.goto(watched.address)
    shown.locator("input[autocomplete=username]").fill(USER)
    shown.locator("input[autocomplete=current-password]").fill(PASSWORD)
    shown.keyboard.press("Enter")
    shown.get_by_role("navigation").first.wait_for()
    yield shown
    context.close()
    assert problems == []
