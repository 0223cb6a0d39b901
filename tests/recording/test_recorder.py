"""The recorder as a whole, on real streams: what it promises holds through crashes, restarts and bad cameras."""

from __future__ import annotations

import itertools
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from sqlalchemy import Row

from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.catalogue.cameras import CameraChange
from basira.recording.check import Check
from basira.recording.index import open_index
from basira.recording.layout import verify_commits
from tests.recording.node import Node, end, wait_until
from tests.streams import Mount, frame_number, rtsp_server


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path / "data")
    yield made
    made.catalogue.close()


def numbers(paths: list[Path]) -> list[int]:
    """The frame numbers drawn in the pictures of one recording's files.

    Its very last access unit may be none: what had come of it when the connection broke is recorded as it came.
    """
    found: list[int] = []
    for path in paths:
        with av.open(str(path)) as container:
            packets = list(container.demux(video=0))
            for packet in packets:
                try:
                    found += [frame_number(frame) for frame in packet.decode()]
                except av.error.InvalidDataError:
                    assert path == paths[-1] and packet in packets[-2:]  # the last packet is the flush
    return found


def wait_until_more(node: Node, camera: str, fragments: int) -> None:
    """Until that many more fragments are committed."""
    count = node.fragments(camera)
    wait_until(lambda: node.fragments(camera) > count + fragments)


def assert_sound(node: Node) -> None:
    """The full check finds nothing."""
    index = open_index(node.settings.index_path)
    findings = list(Check(index, node.settings.footage_path, node.catalogue.site, full=True).findings())
    index.dispose()
    assert [finding.message("en") for finding in findings] == []


def test_cameras_are_recorded_switched_off_and_on_and_ended_in_an_orderly_way(node: Node, clip: Path) -> None:
    node.add("gate", str(clip))
    node.add("yard", str(clip))
    with node.recorder():
        wait_until(lambda: node.fragments("gate") > 12 and node.fragments("yard") > 12)
        node.cameras.update("yard", CameraChange(enabled=False))
        wait_until(lambda: node.state("yard").get("state") == "stopped")
        wait_until_more(node, "gate", 2)
        node.cameras.update("yard", CameraChange(enabled=True))
        wait_until(lambda: node.is_recording("yard"))
        wait_until(lambda: node.status()["alarms"] == [])
    assert {row.state for row in node.rows("segments")} == {"closed"}
    assert [(gap.camera, gap.cause) for gap in node.rows("gaps")] == [("yard", "operator")]
    assert_sound(node)


def test_only_one_recorder_runs_on_a_folder(node: Node) -> None:
    with node.recorder(), pytest.raises(BasiraError) as error, node.recorder():
        pass
    assert error.value.code == "recorder_already_running"


def test_killed_at_any_moment_it_loses_at_most_a_second_and_says_so(node: Node, clip: Path) -> None:
    node.add("gate", str(clip))
    process = node.start_process()
    left_open = 0  # none if it was killed just between two segments
    for _ in range(2):
        wait_until(lambda: node.fragments("gate") > 10)
        killed_utc_ns = time.time_ns()
        end(process, signal.SIGKILL)
        left_open += sum(row.state == "open" for row in node.rows("segments"))
        process = node.start_process()
        wait_until(lambda: node.fragments("gate") > 3)
        kept = [row for row in node.rows("segments") if row.start_utc_ns < killed_utc_ns]
        assert killed_utc_ns - kept[-1].end_utc_ns < 1.5 * NS_PER_S
    assert end(process) == 0
    states = [row.state for row in node.rows("segments")]
    assert states.count("recovered") == left_open and "open" not in states
    assert [gap.cause for gap in node.rows("gaps")] == ["recorder", "recorder"]
    assert_sound(node)


def test_without_its_index_it_records_on_and_finds_everything_again(node: Node, clip: Path) -> None:
    node.add("gate", str(clip))
    with node.recorder():
        wait_until(lambda: node.fragments("gate") > 12)
    expected = node.rows("segments")
    for part in node.settings.index_path.parent.glob("index.db*"):
        part.unlink()
    with node.recorder():
        wait_until(lambda: node.fragments("gate") > 3 and not node.status()["index"]["adopting"])
    assert node.rows("segments")[: len(expected)] == expected
    assert node.rows("segments")[-1].recording == 2
    assert_sound(node)


def test_an_interrupted_stream_misses_only_the_frames_of_its_gaps(node: Node, numbered_h264: Path) -> None:
    with rtsp_server({"/gate": Mount(numbered_h264), "/yard": Mount(numbered_h264)}) as server:
        node.add("gate", server.url("/gate"))
        node.add("yard", server.url("/yard"), transport="udp")
        with node.recorder():
            for _ in range(2):
                wait_until_more(node, "gate", 8)
                server.stop()
                wait_until(lambda: node.state("gate").get("gap") is not None)
                assert any(alarm["code"] == "recording_gap" for alarm in node.status()["alarms"])
                server.start()
                wait_until(lambda: node.is_recording("gate") and node.is_recording("yard"), 90)
            wait_until_more(node, "yard", 4)
    segments = node.rows("segments", camera="gate")
    gaps = [gap for gap in node.rows("gaps", camera="gate") if gap.start_utc_ns >= segments[0].start_utc_ns]
    assert len(gaps) == 2 and {gap.cause for gap in gaps} == {"link"}
    jumps = 0
    for _, group in itertools.groupby(segments, key=lambda row: row.recording):
        found = numbers([node.settings.footage_path / row.path for row in group])
        steps = {(after - before) % 900 for before, after in itertools.pairwise(found)}
        assert steps == {1}
        jumps += 1
    assert jumps == 3
    for gap, (before, after) in zip(gaps, _borders(segments), strict=True):
        assert abs(gap.start_utc_ns - before.end_utc_ns) < NS_PER_S
        assert abs(gap.end_utc_ns - after.start_utc_ns) < NS_PER_S // 100
    assert_sound(node)


def _borders(segments: list[Row[Any]]) -> list[tuple[Row[Any], Row[Any]]]:
    return [(a, b) for a, b in itertools.pairwise(segments) if a.recording != b.recording]


def test_a_camera_that_cannot_be_reached_says_why_and_disturbs_no_other(node: Node, clip: Path) -> None:
    node.add("gate", str(clip))
    node.add("yard", "rtsp://127.0.0.1:9/none")
    node.add("roof", str(clip.with_name("missing.mp4")))
    with node.recorder():
        wait_until(lambda: node.fragments("gate") > 6)
        wait_until(lambda: all((node.state(name).get("error") or {}).get("code") for name in ("yard", "roof")))
        assert node.is_recording("gate")
        assert node.state("yard")["error"]["code"] == "camera_unreachable"
        wait_until(lambda: node.state("yard")["gap"] is not None and node.state("yard")["gap"]["cause"] == "link")
    assert_sound(node)


def test_sigterm_closes_every_segment(node: Node, clip: Path) -> None:
    node.add("gate", str(clip))
    process = node.start_process()
    wait_until(lambda: node.fragments("gate") > 5)
    assert end(process) == 0
    with node.files("gate")[-1].open("rb") as file:
        verified = verify_commits(file)
    assert verified.closed and verified.torn_bytes == 0
    assert not (node.settings.run_path / "recorder.sock").exists()
