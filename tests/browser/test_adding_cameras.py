"""A technician adds a camera from the page: one that tells its streams itself, and one that does not answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched, keep_picture
from tests.onvif_camera import OnvifCamera, onvif_camera
from tests.system.node import wait_recording


@pytest.fixture(scope="module")
def device() -> Iterator[OnvifCamera]:
    with onvif_camera() as running:
        yield running


def _fill(page: Page, device: OnvifCamera, password: str) -> None:
    page.get_by_role("radio", name="ONVIF").click()
    page.get_by_placeholder("192.168.1.64", exact=True).fill(device.address)
    page.get_by_label(re.compile("^(اسم المستخدم على الكاميرا|User name on the camera)")).fill(device.username)
    page.locator("input[type=password]").fill(password)


def _ask(page: Page) -> None:
    page.locator("form button").filter(has_text=re.compile("اختبار|Test")).click()


def test_an_onvif_camera_is_added_by_address_tested_and_recorded(
    page: Page, watched: Watched, device: OnvifCamera
) -> None:
    page.goto(f"{watched.address}/cameras/new")
    _fill(page, device, device.password)
    _ask(page)
    stream = page.get_by_placeholder("rtsp://192.168.1.64:554/stream1")
    expect(stream).to_have_value(re.compile("^rtsp://"), timeout=60_000)
    panel = page.get_by_role("complementary")
    expect(panel).to_contain_text("H.264")
    expect(panel.locator("img")).to_have_count(2)  # main and sub stream
    keep_picture(page, "camera-tested")
    name = f"ONVIF {page.evaluate('document.documentElement.lang')}"
    page.get_by_role("textbox", name=re.compile("^(الاسم|Name)")).fill(name)
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/cameras")
    expect(page.get_by_role("main")).to_contain_text(name)
    added = [one for one in watched.client.get("/api/cameras").json()["cameras"] if one["name"] == name]
    wait_recording(watched.client, added[0]["id"])
    assert watched.client.delete(f"/api/cameras/{added[0]['id']}").is_success


def test_a_wrong_password_is_said_in_the_language_of_the_person(
    page: Page, watched: Watched, device: OnvifCamera
) -> None:
    page.goto(f"{watched.address}/cameras/new")
    _fill(page, device, "wrong")
    _ask(page)
    said = page.get_by_role("complementary").get_by_role("alert")
    expect(said).to_be_visible(timeout=60_000)
    arabic = page.evaluate("document.documentElement.lang") == "ar"
    assert bool(re.search("[\u0600-\u06ff]{3,}", said.inner_text())) == arabic
    keep_picture(page, "camera-refused")
