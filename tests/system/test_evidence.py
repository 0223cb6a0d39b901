"""From a camera to a court: a whole node without any witness records, is asked for evidence, and is believed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.custody.single_file import SINGLE_FILE
from tests.streams import make_numbered_clip
from tests.system.node import Node, add_camera, now_us, running_node, wait_recording, wait_until

QUICK = {
    "BASIRA_SEGMENT_TARGET_S": "4", "BASIRA_CUSTODY_INTERVAL_S": "1", "BASIRA_CUSTODY_WITNESS_INTERVAL_S": "2",
}  # fmt: skip


@pytest.fixture(scope="module")
def quick_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """``basira run`` with short segments, and nothing set up for custody."""
    with running_node(tmp_path_factory.mktemp("evidence"), QUICK) as node:
        yield node


def basira(node: Node, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "BASIRA_DATA_DIR": str(node.settings.data_dir), "LANG": "C"}
    command = [sys.executable, "-m", "basira.cli.main", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.timeout(600)
def test_evidence_goes_from_the_camera_to_the_court(quick_node: Node, clips: Path, tmp_path: Path) -> None:
    node = quick_node
    clip = make_numbered_clip(clips / "evidence-loop.mp4", frames=150)
    with closing(node.client()) as client:
        camera = add_camera(client, "gate", str(clip), kind="file")
        wait_recording(client, camera)
        start_us = now_us()
        wait_until("ten seconds are recorded", lambda: now_us() - start_us > 10_000_000)
        bundle = taken(client, camera, start_us, start_us + 8_000_000, tmp_path)
        policy = tmp_path / "policy"
        policy.write_bytes(client.get("/api/custody/policy").content)
    judged = basira(node, "verify", str(bundle), "--policy", str(policy))
    assert (judged.returncode, judged.stdout.split()[0]) == (0, "GOOD"), judged.stdout
    alone = subprocess.run([sys.executable, SINGLE_FILE, bundle, policy], capture_output=True, text=True, check=False)
    assert alone.returncode == 0, alone.stdout
    log = str(node.settings.data_dir / "custody")
    watched = basira(node, "monitor", log, "--policy", str(policy), "--out", str(tmp_path / "report"), "--memory",
                     str(tmp_path / "memory"))  # fmt: skip
    assert watched.returncode == 0, watched.stdout + watched.stderr
    assert list((tmp_path / "report").glob("*.html"))


def taken(client: httpx.Client, camera: str, start_us: int, end_us: int, into: Path) -> Path:
    """Ask for evidence as the page does, wait, and download it."""
    request = {"cameras": [camera], "start_us": start_us, "end_us": end_us, "evidence": True}

    def asked() -> dict[str, Any] | None:
        answer = client.post("/api/exports", json=request)
        found: dict[str, Any] = answer.json()
        return found if answer.is_success else None

    address = f"/api/exports/{wait_until('evidence is not refused', asked)['id']}"

    def done() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get(address).json()
        assert found["state"] not in ("failed", "cancelled"), found
        return found if found["state"] == "done" else None

    [file] = wait_until("the bundle is made", done, 180)["files"]
    path = into / str(file["name"])
    path.write_bytes(client.get(f"{address}/files/{file['name']}").content)
    return path
