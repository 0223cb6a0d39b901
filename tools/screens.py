"""Pictures of every screen of a running Basira, in Arabic and English, wide and narrow, for a person to look at.

``python -m tools.screens http://127.0.0.1:8090 operator PASSWORD FOLDER``; needs Debian's Chromium. A first login's
one-time password is changed to one drawn here, which is printed.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

SCREENS = ("/", "/playback", "/events", "/exports", "/cameras", "/cameras/new", "/health", "/settings", "/verify")
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_SETTLE_MS = 4_000


def log_in(page: Page, address: str, user: str, password: str) -> str:
    """Log in, changing a one-time password; returns the password that is valid now."""
    page.goto(address)
    page.locator("input[autocomplete=username]").fill(user)
    page.locator("input[autocomplete=current-password]").fill(password)
    page.keyboard.press("Enter")
    changed = page.locator("input[autocomplete=new-password]")
    page.locator("nav").or_(changed).first.wait_for()
    if changed.count() == 0:
        return password
    page.locator("input[autocomplete=current-password]").fill(password)
    password = secrets.token_urlsafe(16)
    for field in changed.all():
        field.fill(password)
    page.keyboard.press("Enter")
    page.locator("nav").first.wait_for()
    return password


def _of_what_there_is(page: Page, address: str) -> list[str]:
    """The zones of the first camera and the newest event."""
    cameras = page.request.get(f"{address}/api/cameras").json()["cameras"][:1]
    events = page.request.get(f"{address}/api/events").json()["events"][:1]
    return [f"/cameras/{one['id']}/zones" for one in cameras] + [f"/events/{one['id']}" for one in events]


def _context(browser: Browser, language: str, size: tuple[int, int]) -> BrowserContext:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    preferences = f"localStorage.setItem('basira.preferences', JSON.stringify({{language: '{language}'}}))"
    context.add_init_script(preferences)
    return context


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("address", "user", "password", "folder"):
        parser.add_argument(name)
    asked = parser.parse_args(arguments)
    folder, password = Path(asked.folder), asked.password
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        for language in ("ar", "en"):
            for size_name, size in SIZES.items():
                context = _context(browser, language, size)
                page = context.new_page()
                changed = log_in(page, asked.address, asked.user, password)
                if changed != password:
                    password = changed
                    print("the password is now", password)
                for screen in (*SCREENS, *_of_what_there_is(page, asked.address)):
                    page.goto(asked.address + screen)
                    page.wait_for_timeout(_SETTLE_MS)
                    name = screen.strip("/").replace("/", "-").replace("cameras-cam-", "zones-") or "wall"
                    page.screenshot(path=folder / f"{name}-{language}-{size_name}.png")
                context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
