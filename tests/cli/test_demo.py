"""What a newcomer starts first."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from basira.base.settings import Settings
from basira.catalogue.cameras import Cameras
from basira.cli.demo import prepare
from basira.cli.node import catalogue_of


def test_the_demos_cameras_can_send_from_their_first_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "BASIRA_DATA_DIR", str(tmp_path / "data"))
    footage = tmp_path / "footage"
    footage.mkdir()
    clip = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=duration=1:size=320x240:rate=10", "-c:v", "mpeg4"]
    subprocess.run([*clip, str(footage / "old.avi")], check=True)
    settings = Settings()
    with catalogue_of(settings) as catalogue:
        prepare(settings, catalogue, footage)
        prepare(settings, catalogue, footage)
        cameras = Cameras(catalogue).all()
    assert [camera.id for camera in cameras] == ["demo-1"], "started again, it is the same demo"
    assert len(list((tmp_path / "data" / "cache").glob("*.mp4"))) == 1, (
        "what must be encoded is, before there is a camera"
    )
