"""What was recorded, over the API: timeline, playlist, pictures, holds, exports."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from basira.base.clock import NS_PER_S
from tests.replay.store import START_NS, OpenSegment, Store
from tests.web.conftest import Site

START_US = START_NS // 1000
SECOND_US = 1_000_000
SPAN = {"start_us": START_US, "end_us": START_US + 10 * SECOND_US}


def _timeline(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.get("/api/timeline", params={"camera": "gate", **SPAN, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["cameras"][0]
    return found


def test_the_timeline_shows_what_is_recorded_and_why_the_rest_is_not(
    operator: TestClient, site: Site, store: Store, recorded: list[OpenSegment]
) -> None:
    store.add_gap(START_NS + 6 * NS_PER_S, START_NS + 8 * NS_PER_S, "link", site.stream("gate"))
    store.add_gap(START_NS + 9 * NS_PER_S, None, "camera", site.stream("gate"))
    timeline = _timeline(operator)
    [span] = timeline["spans"]
    assert span["start_us"] == START_US
    assert 5.5 * SECOND_US <= span["end_us"] - START_US <= 6 * SECOND_US
    assert [(gap["cause"], gap["ongoing"]) for gap in timeline["gaps"]] == [("link", False), ("camera", True)]
    assert timeline["gaps"][1]["end_us"] == START_US + 60 * SECOND_US


def test_a_span_that_is_none_is_refused(operator: TestClient, recorded: list[OpenSegment]) -> None:
    wrongs: list[dict[str, Any]] = [
        {"end_us": START_US}, {"start_us": -1}, {"end_us": 2**53}, {"camera": "no such"}, {"resolution_us": 0},
    ]  # fmt: skip
    for wrong in wrongs:
        assert operator.get("/api/timeline", params={"camera": "gate", **SPAN, **wrong}).status_code == 422, wrong


def test_every_byte_range_of_a_playlist_can_be_fetched(operator: TestClient, recorded: list[OpenSegment]) -> None:
    answer = operator.get("/api/playback/gate/main/index.m3u8", params=SPAN)
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    lines = answer.text.splitlines()
    fetched = 0
    for place, line in enumerate(lines):
        if line.startswith("#EXT-X-BYTERANGE:"):
            length, offset = (int(part) for part in line.partition(":")[2].split("@"))
            url = f"/api/playback/gate/main/{lines[place + 1]}"
            piece = operator.get(url, headers={"Range": f"bytes={offset}-{offset + length - 1}"})
            assert (piece.status_code, len(piece.content)) == (206, length)
            assert piece.content[4:8] == b"moof"
            fetched += 1
    assert fetched >= 3


def test_a_transcoded_view_says_that_it_is_one(operator: TestClient, recorded: list[OpenSegment]) -> None:
    answer = operator.get("/api/playback/gate/main/index.m3u8", params={**SPAN, "transcode": True})
    assert answer.headers["x-basira-view"] == "transcoded"
    entry = next(line for line in answer.text.splitlines() if line.endswith(".m4s"))
    piece = operator.get(f"/api/playback/gate/main/{entry}")
    assert piece.status_code == 200
    assert piece.headers["x-basira-view"] == "transcoded"


def test_pictures_are_of_the_instant_asked_for(operator: TestClient, recorded: list[OpenSegment]) -> None:
    at_us = START_US + 2_500_000
    exact = operator.get("/api/cameras/gate/snapshot.jpg", params={"at_us": at_us})
    assert exact.content[:2] == b"\xff\xd8"
    assert 0 <= at_us - int(exact.headers["x-basira-time-us"]) < SECOND_US // 15 + 2
    small = operator.get("/api/cameras/gate/previews", params={"at_us": at_us, "width": 64})
    assert len(small.content) < len(exact.content)
    assert abs(int(small.headers["x-basira-time-us"]) - at_us) <= SECOND_US // 2 + 2
    latest = operator.get("/api/cameras/gate/snapshot.jpg")
    assert int(latest.headers["x-basira-time-us"]) > START_US + 5 * SECOND_US
    nothing = operator.get("/api/cameras/gate/previews", params={"at_us": START_US - 3600 * SECOND_US})
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (404, "nothing_recorded")


def test_a_hold_is_set_shown_and_lifted_but_never_forgotten(operator: TestClient, recorded: list[OpenSegment]) -> None:
    hold = operator.post("/api/holds", json={"camera": "gate", **SPAN, "reason": "القضية ١٢"}).json()
    assert (hold["set_by"], hold["lifted_us"]) == ("noor", None)
    assert [found["id"] for found in _timeline(operator)["holds"]] == [hold["id"]]
    lifted = operator.delete(f"/api/holds/{hold['id']}").json()
    assert lifted["lifted_by"] == "noor"
    assert operator.get("/api/holds").json() == {"holds": []}
    assert operator.get("/api/holds", params={"lifted": True}).json() == {"holds": [lifted]}
    assert operator.delete("/api/holds/hold-none").status_code == 404


def _until_done(client: TestClient, export: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found: dict[str, Any] = client.get(f"/api/exports/{export}").json()
        if found["state"] not in ("waiting", "running"):
            return found
        time.sleep(0.05)
    raise AssertionError("the export did not end")


def test_an_export_is_made_downloaded_and_removed(
    operator: TestClient, site: Site, recorded: list[OpenSegment]
) -> None:
    asked = operator.post("/api/exports", json={"cameras": ["gate"], **SPAN})
    assert asked.status_code == 201
    done = _until_done(operator, asked.json()["id"])
    assert done["state"] == "done", done
    [file] = done["files"]
    answer = operator.get(f"/api/exports/{done['id']}/files/{file['name']}")
    assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
    assert answer.headers["content-disposition"] == f'attachment; filename="{file["name"]}"'
    part = operator.get(f"/api/exports/{done['id']}/files/{file['name']}", headers={"Range": "bytes=10-19"})
    assert part.content == answer.content[10:20]
    assert operator.get(f"/api/exports/{done['id']}/files/other.mp4").status_code == 404
    assert operator.delete(f"/api/exports/{done['id']}").json() == {"ok": True}
    assert operator.get(f"/api/exports/{done['id']}").status_code == 404
    assert not list(Path(site.settings.exports_path).rglob("*.mp4"))


def test_an_export_of_nothing_says_so(operator: TestClient, recorded: list[OpenSegment]) -> None:
    answer = operator.post("/api/exports", json={"cameras": ["gate"], "start_us": 0, "end_us": 1})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "nothing_recorded")


def test_without_an_index_the_api_says_so_and_heals(site: Site, operator: TestClient) -> None:
    site.add_camera("gate")
    answer = operator.get("/api/timeline", params={"camera": "gate", **SPAN})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")
    Store(site.settings.data_dir).close()
    assert _timeline(operator)["spans"] == []
