"""A person holds what was seen, takes it along as evidence, and a stranger verifies it on the page and without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Watched, keep_picture
from tests.system.node import wait_until

_ROOT = Path(__file__).resolve().parents[2]
_AXE = _ROOT / "page" / "node_modules" / "axe-core" / "axe.min.js"
_ALONE = _ROOT / "src" / "basira" / "web" / "page" / "basira-verify.html"
_WORDS = {
    "ar": {"hold": "حفظ من الحذف", "then": "تصديرها كدليل", "export": "تصدير", "kind": "حزمة أدلة"},
    "en": {"hold": "Hold", "then": "Export as evidence", "export": "Export", "kind": "Evidence bundle"},
}
_BEFORE_US = 15_000_000


def _word(page: Page, name: str) -> str:
    return _WORDS[str(page.evaluate("document.documentElement.lang"))][name]


def _press(page: Page, name: str, within: str) -> None:
    page.locator(within).get_by_role("button", name=_word(page, name), exact=True).click()


def _event(watched: Watched) -> str:
    """An event whose span, with what is taken around it, was recorded from its start."""

    def late_enough() -> str | None:
        for event in watched.client.get("/api/events").json()["events"]:
            recorded = watched.node.footage().segments(watched.node.stream(event["camera"]), 0, 2**62)
            if event["start_us"] - _BEFORE_US > min(one.start_utc_ns for one in recorded) // 1000:
                return str(event["id"])
        return None

    return wait_until("something was seen with footage before it", late_enough, 120)


def _judge(page: Page, bundle: Path, policy: Path) -> Locator:
    """Choose both files, verify, and give back what the page says of the bundle."""
    files = page.locator("input[type=file]")
    files.nth(0).set_input_files(bundle)
    files.nth(1).set_input_files(policy)
    page.locator("button.primary:not([data-disabled])").click()
    outcome = page.locator("[data-outcome]")
    outcome.wait_for()
    return outcome


def _flipped(bundle: Path) -> Path:
    """The bundle with one bit of its video changed."""
    data = bytearray(bundle.read_bytes())
    data[data.rindex(b"mdat") + 100] ^= 1
    flipped = bundle.with_suffix(".flipped.zip")
    flipped.write_bytes(data)
    return flipped


def _check_axe(page: Page) -> None:
    page.evaluate(_AXE.read_text())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]] == []


def test_a_held_event_is_exported_as_evidence_and_one_changed_bit_is_seen(
    page: Page, watched: Watched, chromium: Browser, tmp_path: Path
) -> None:
    page.goto(f"{watched.address}/events/{_event(watched)}")
    _press(page, "hold", "main")
    dialog = page.get_by_role("dialog")
    dialog.locator("input[required], input[aria-required=true]").fill("قضية ١٢٣")
    dialog.locator("button.primary").click()
    _press(page, "then", "[role=dialog]")
    keep_picture(page, "evidence-asked")
    dialog.locator("button.primary:not([data-disabled])").click()
    link = dialog.locator("a[download]")
    link.wait_for(timeout=120_000)
    keep_picture(page, "evidence-made")
    bundle = tmp_path / "bundle.zip"
    with page.expect_download() as download:
        link.click()
    download.value.save_as(bundle)
    policy = tmp_path / "trusted.policy"
    policy.write_bytes(watched.client.get("/api/custody/policy").content)

    page.goto(f"{watched.address}/verify")
    page.locator("input[type=file]").first.wait_for(state="attached")
    _check_axe(page)
    expect(_judge(page, bundle, policy)).to_have_attribute("data-outcome", "good")
    _check_axe(page)
    keep_picture(page, "verified-good")
    page.reload()
    refused = _judge(page, _flipped(bundle), policy)
    expect(refused).to_have_attribute("data-outcome", "bad")
    _check_axe(page)
    keep_picture(page, "verified-bad")

    # A court without a network: the same verifier as a file.
    context = chromium.new_context(offline=True)
    alone = context.new_page()
    alone.goto(_ALONE.as_uri())
    expect(_judge(alone, bundle, policy)).to_have_attribute("data-outcome", "good")
    alone.reload()
    expect(_judge(alone, _flipped(bundle), policy)).to_have_attribute("data-outcome", "bad")
    context.close()


def test_whoever_was_handed_a_bundle_needs_no_account_to_verify_it(chromium: Browser, watched: Watched) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{watched.address}/verify")
    page.locator("input[type=file]").first.wait_for(state="attached")
    with page.expect_download() as download:
        page.locator("a[download]").click()
    assert Path(download.value.path()).read_bytes() == _ALONE.read_bytes()
    context.close()


@pytest.fixture(scope="module")
def no_witness(watched: Watched) -> Iterator[None]:
    """From the first test that asks for it to the end of this file."""
    watched.witness.stop()
    yield
    watched.witness.start()


def test_without_a_quorum_the_page_says_who_is_missing_and_asks_for_nothing(
    page: Page, watched: Watched, no_witness: None
) -> None:
    page.goto(f"{watched.address}/events/{_event(watched)}")
    _press(page, "export", "main")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=_word(page, "kind")).click()
    dialog.locator(".note.warning").get_by_text("oversight").wait_for(timeout=60_000)
    expect(dialog.locator("button.primary")).to_be_disabled()
    keep_picture(page, "evidence-refused")
