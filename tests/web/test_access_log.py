"""Whoever looks at footage is written down before anything is shown."""

from __future__ import annotations

from contextlib import closing

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from basira.base.clock import NS_PER_S
from basira.custody.acts.access_log import COARSE_NS
from basira.custody.acts.spool import Act, ActSpool
from basira.custody.home import CustodyHome
from basira.databases.sqlite import open_database
from tests.replay.store import OpenSegment
from tests.web.conftest import Site

CAMERA = {
    "name": "gate",
    "kind": "rtsp",
    "streams": [{"name": "main", "url": "rtsp://camera.example/main", "transport": "tcp"}],
}
SPAN = {"start_us": 1_700_000_000_000_000, "end_us": 1_700_000_060_000_000}


def acts(site: Site) -> list[Act]:
    """What people did; alarms, which nobody did, are left out."""
    with closing(ActSpool.open(CustodyHome(site.settings, "any").acts_path, site.clock)) as spool:
        return [act for act in spool.after(0) if act.code is None]


@pytest.fixture
def camera(operator: TestClient) -> str:
    added = operator.post("/api/cameras", json=CAMERA)
    assert added.is_success, added.text
    return str(added.json()["id"])


def test_a_login_and_a_refused_one_are_written_down(site: Site, operator: TestClient) -> None:
    operator.post("/api/session", json={"username": "stranger", "password": "wrong"})
    assert [(act.act, act.user) for act in acts(site)] == [("login", "noor"), ("login_refused", "stranger")]


def test_playback_is_written_down_even_when_there_is_nothing_to_show(
    site: Site, operator: TestClient, camera: str
) -> None:
    operator.get(f"/api/playback/{camera}/main/index.m3u8", params=SPAN)
    operator.get(f"/api/playback/{camera}/main/index.m3u8", params=SPAN)
    [*_, last] = found = acts(site)
    assert [act.act for act in found] == ["login", "playback"]
    assert (last.user, last.cameras, last.start_utc_ns) == ("noor", (camera,), 1_700_000_000_000_000_000)


def test_scrubbing_counts_by_ten_minutes_of_footage(site: Site, operator: TestClient, camera: str) -> None:
    for second in range(0, 1200, 40):
        at_us = 1_700_000_400_000_000 + second * 1_000_000
        operator.get(f"/api/cameras/{camera}/previews", params={"at_us": at_us})
    spans = [(act.start_utc_ns, act.end_utc_ns) for act in acts(site) if act.act == "snapshot"]
    assert len(spans) == 2
    assert all(end is not None and start is not None and end - start == COARSE_NS for start, end in spans)


def test_a_search_is_written_down(site: Site, operator: TestClient) -> None:
    operator.get("/api/events", params=SPAN)
    assert [act.act for act in acts(site)] == ["login", "search"]


def test_live_pictures_are_written_down_before_the_first_one(site: Site, operator: TestClient, camera: str) -> None:
    with operator.websocket_connect(f"wss://testserver/api/live/{camera}/main"):
        assert [(act.act, act.cameras) for act in acts(site)][1:] == [("live", (camera,))]


def test_what_cannot_be_written_down_is_not_shown(site: Site, operator: TestClient, camera: str) -> None:
    engine = open_database(CustodyHome(site.settings, "any").acts_path)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE acts"))
    engine.dispose()
    answer = operator.get(f"/api/playback/{camera}/main/index.m3u8", params=SPAN)
    assert answer.status_code >= 500


def test_every_route_that_shows_footage_writes_down_who_asked(
    site: Site, operator: TestClient, recorded: list[OpenSegment]
) -> None:
    """A converted view and the picture of a camera's test are footage too."""
    segment = recorded[0].key
    before = len(acts(site))
    operator.get(f"/api/transcoded/gate/main/{segment.recording}/{segment.segment}/init.mp4")
    operator.get(f"/api/media/gate/main/{segment.recording}/{segment.segment}.mp4")
    site.clock.advance(120 * NS_PER_S)
    operator.get(f"/api/transcoded/gate/main/{segment.recording}/{segment.segment}/0-1.m4s")
    operator.post("/api/cameras/test", json={"kind": "file", "url": "/nowhere.mp4"})
    assert [(act.act, act.cameras) for act in acts(site)[before:]] == [
        ("playback", ("gate",)), ("playback", ("gate",)), ("live", ()),
    ]  # fmt: skip
