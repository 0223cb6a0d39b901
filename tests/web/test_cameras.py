"""Cameras over the API: added, read, edited, removed; what is secret goes in and never comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from basira.base.settings import Settings
from basira.cameras.credentials import Vault
from basira.catalogue.cameras import Cameras
from basira.catalogue.store import open_catalogue
from tests.web.conftest import Site

GATE = {
    "id": "gate",
    "name": "البوابة",
    "streams": [{"name": "main", "url": "rtsp://192.0.2.1/main"}],
    "username": "admin",
    "password": "s3cret/@word",
}


def _password(settings: Settings, site: Site, camera: str) -> str | None:
    catalogue = open_catalogue(settings.catalogue_path, site.clock)
    try:
        sealed = Cameras(catalogue).get(camera).sealed_password
        vault = Vault.open(settings.keys_path, catalogue.site)
        return vault.unseal(camera, sealed).get_secret_value() if sealed else None
    finally:
        catalogue.close()


def _code(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


def test_a_camera_is_added_read_edited_and_removed(operator: TestClient) -> None:
    added = operator.post("/api/cameras", json=GATE)
    assert added.status_code == 201
    camera = added.json()
    assert camera["streams"] == [{"name": "main", "url": "rtsp://192.0.2.1/main", "transport": "tcp"}]
    assert camera["state"] == {"streams": {}}
    assert operator.get("/api/cameras/gate").json() == camera
    edited = operator.patch("/api/cameras/gate", json={"name": "Gate", "enabled": False}).json()
    assert edited == camera | {"name": "Gate", "enabled": False}
    assert operator.delete("/api/cameras/gate").json() == {"ok": True}
    assert operator.get("/api/cameras").json() == {"cameras": []}
    assert _code(operator.patch("/api/cameras/gate", json={"name": "x"})) == "camera_not_found"


def test_the_password_goes_in_and_never_comes_out(operator: TestClient, site: Site) -> None:
    answers = [
        operator.post("/api/cameras", json=GATE),
        operator.get("/api/cameras"),
        operator.get("/api/cameras/gate"),
        operator.patch("/api/cameras/gate", json={"position": 3}),
        operator.post("/api/cameras", json=GATE | {"streams": "rtsp://admin:s3cret/@word@192.0.2.1/"}),
    ]
    assert all("s3cret" not in answer.text for answer in answers)
    assert operator.get("/api/cameras/gate").json()["has_password"] is True
    assert _password(site.settings, site, "gate") == "s3cret/@word"
    assert b"s3cret" not in site.settings.catalogue_path.read_bytes()


def test_credentials_in_an_address_are_taken_out_of_it(operator: TestClient, site: Site) -> None:
    streams = [
        {"name": "main", "url": "rtsp://root:p%40ss@192.0.2.1:8554/one"},
        {"name": "sub", "url": "rtsp://root:p%40ss@192.0.2.1:8554/two"},
    ]
    camera = operator.post("/api/cameras", json={"id": "yard", "name": "Yard", "streams": streams}).json()
    assert [stream["url"] for stream in camera["streams"]] == [
        "rtsp://192.0.2.1:8554/one", "rtsp://192.0.2.1:8554/two",
    ]  # fmt: skip
    assert camera["username"] == "root"
    assert _password(site.settings, site, "yard") == "p@ss"


def test_an_edit_touches_the_password_only_when_it_is_present(operator: TestClient, site: Site) -> None:
    operator.post("/api/cameras", json=GATE)
    operator.patch("/api/cameras/gate", json={"streams": [{"name": "main", "url": "rtsp://192.0.2.9/main"}]})
    assert _password(site.settings, site, "gate") == "s3cret/@word"
    operator.patch("/api/cameras/gate", json={"password": "another"})
    assert _password(site.settings, site, "gate") == "another"
    assert operator.patch("/api/cameras/gate", json={"password": None}).json()["has_password"] is False


_SENSELESS: tuple[dict[str, Any], ...] = (
    {"streams": []},
    {"streams": [{"name": "sub", "url": "rtsp://192.0.2.1/"}]},
    {"streams": [{"name": "main", "url": "rtsp://192.0.2.1/"}] * 2},
    {"streams": [{"name": "main", "url": "http://192.0.2.1/"}]},
    {"streams": [{"name": "main", "url": "concat:/etc/passwd"}]},
    {"id": "../x"},
    {"name": ""},
    {"kind": "exec"},
    {"retention_days": 0},
    {"priority": 1000},
    {"unknown": 1},
)


def test_a_camera_that_makes_no_sense_is_refused(operator: TestClient) -> None:
    for wrong in _SENSELESS:
        answer = operator.post("/api/cameras", json=GATE | wrong)
        assert answer.status_code in (400, 422), wrong
    assert operator.get("/api/cameras").json() == {"cameras": []}


def test_two_cameras_cannot_have_one_identifier(operator: TestClient) -> None:
    operator.post("/api/cameras", json=GATE)
    answer = operator.post("/api/cameras", json=GATE)
    assert (answer.status_code, _code(answer)) == (409, "camera_exists")


def test_a_file_is_tested_before_it_is_saved(operator: TestClient, six_seconds: Path) -> None:
    answer = operator.post("/api/cameras/test", json={"kind": "file", "url": str(six_seconds)}).json()
    assert answer["ok"] is True
    [stream] = answer["streams"]
    assert (stream["codec_name"], stream["width"], stream["frame_rate"]) == ("H.264", 320, 15.0)
    assert stream["snapshot_jpeg_base64"]
    missing = operator.post("/api/cameras/test", json={"kind": "file", "url": "/nowhere.mp4"}).json()
    assert missing["ok"] is False
    assert missing["error"]["code"] == "clip_missing"
    assert operator.get("/api/cameras").json() == {"cameras": []}


def test_zones_are_replaced_as_a_whole(operator: TestClient) -> None:
    operator.post("/api/cameras", json=GATE)
    zone = {
        "name": "الباب",
        "kind": "alert",
        "polygon": [[0, 0], [1, 0], [1, 1]],
        "classes": ["person"],
        "schedule": [{"days": [0, 6], "start": "22:00", "end": "06:00"}],
    }
    [stored] = operator.put("/api/cameras/gate/zones", json={"zones": [zone]}).json()["zones"]
    assert stored | zone == stored
    assert operator.get("/api/cameras/gate/zones").json() == {"zones": [stored]}
    assert operator.put("/api/cameras/gate/zones", json={"zones": []}).json() == {"zones": []}
    for wrong in ({"polygon": [[0, 0], [1, 1]]}, {"polygon": [[0, 0], [1, 0], [2, 1]]}, {"kind": "x"}):
        answer = operator.put("/api/cameras/gate/zones", json={"zones": [zone | wrong]})
        assert answer.status_code == 422
    assert operator.get("/api/cameras/nowhere/zones").status_code == 404
