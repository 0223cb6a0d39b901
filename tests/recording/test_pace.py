"""A stream that loses its pace is noticed; one that is only a little different is not."""

from __future__ import annotations

from basira.base.clock import NS_PER_S
from basira.recording.disk_pace import DiskPace
from basira.recording.pace import Pace


class Camera:
    """A camera that a test makes send as it likes, and what is thought of its pace."""

    def __init__(self) -> None:
        self.pace = Pace()
        self.now_s = 0
        self.packets = 0.0
        self.keyframes = 0
        self.due_s = 0.0

    def send(self, seconds: int, rate: float, every_s: float, *, recording: bool = True) -> None:
        for _ in range(seconds):
            self.now_s += 1
            self.packets += rate
            while self.due_s <= self.now_s:
                self.keyframes += 1
                self.due_s += every_s
            self.pace.look(self.now_s * NS_PER_S, round(self.packets), self.keyframes, recording=recording)


def test_a_frame_rate_that_collapses_is_told_with_the_usual_one_until_it_is_back() -> None:
    camera = Camera()
    camera.send(120, 15, 2)
    camera.send(60, 3, 2)
    off = camera.pace.frame_rate
    assert off is not None and (off.now, off.usual) == (3.0, 15.0)
    camera.send(60, 15, 2)
    assert camera.pace.frame_rate is None


def test_a_rate_between_the_limits_keeps_what_is_said() -> None:
    camera = Camera()
    camera.send(120, 20, 2)
    camera.send(60, 10, 2)
    assert camera.pace.frame_rate is None
    camera.send(60, 4, 2)
    camera.send(60, 10, 2)
    assert camera.pace.frame_rate is not None


def test_a_rate_that_a_person_lowered_is_the_usual_one_after_hours() -> None:
    camera = Camera()
    camera.send(120, 25, 2)
    camera.send(600, 5, 2)
    assert camera.pace.frame_rate is not None
    camera.send(24 * 3600, 5, 2)
    assert camera.pace.frame_rate is None


def test_keyframes_that_stay_away_are_told_and_come_back() -> None:
    camera = Camera()
    camera.send(60, 15, 2)
    camera.due_s = camera.now_s + 1e9
    camera.send(14, 15, 2)
    assert camera.pace.keyframe_interval_s is None
    camera.send(20, 15, 2)
    off = camera.pace.keyframe_interval_s
    assert off is not None and off.now > 15 and 1 < off.usual < 3
    camera.due_s = camera.now_s
    camera.send(20, 15, 2)
    assert camera.pace.keyframe_interval_s is None


def test_keyframes_that_come_far_too_rarely_are_told_once_and_not_anew_with_each() -> None:
    camera = Camera()
    camera.send(60, 15, 2)
    camera.send(40, 15, 20)
    for _ in range(100):
        camera.send(1, 15, 20)
        assert camera.pace.keyframe_interval_s is not None


def test_a_camera_whose_keyframes_are_rare_from_the_start_is_told_after_a_minute() -> None:
    camera = Camera()
    camera.send(1, 15, 1e9)
    camera.send(58, 15, 1e9)
    assert camera.pace.keyframe_interval_s is None
    camera.send(10, 15, 1e9)
    assert camera.pace.keyframe_interval_s is not None


def test_keyframes_that_come_with_every_frame_are_told() -> None:
    camera = Camera()
    camera.send(60, 15, 4)
    camera.send(30, 15, 1 / 15)
    off = camera.pace.keyframe_interval_s
    assert off is not None and off.now < 0.1


def test_what_a_stalled_line_brings_all_at_once_is_neither_too_many_keyframes_nor_what_is_usual() -> None:
    camera = Camera()
    camera.send(120, 15, 2)
    for _ in range(3):
        stalled_until_s, camera.due_s = camera.due_s + 12, 1e9
        camera.send(12, 0, 2)
        for _ in range(2):  # twelve seconds' frames in two
            camera.now_s, camera.packets, camera.keyframes = camera.now_s + 1, camera.packets + 90, camera.keyframes + 3
            camera.pace.look(camera.now_s * NS_PER_S, round(camera.packets), camera.keyframes, recording=True)
            assert camera.pace.keyframe_interval_s is None
        camera.due_s = stalled_until_s + 2
        camera.send(15, 15, 2)
        assert camera.pace.keyframe_interval_s is None
    camera.send(60, 15, 8)
    assert camera.pace.keyframe_interval_s is None


def test_an_interruption_is_no_collapse() -> None:
    camera = Camera()
    camera.send(120, 15, 2)
    camera.send(300, 0, 1e9, recording=False)
    camera.due_s = camera.now_s
    camera.send(60, 15, 2)
    assert camera.pace.frame_rate is None and camera.pace.keyframe_interval_s is None


def test_a_disk_behind_the_streams_is_told_until_it_has_kept_up_for_a_minute() -> None:
    disk = DiskPace(sync_interval_s=1.0)
    for second, lag_s in enumerate([0.5, 1.4, 5.5, 6.5, 9.0]):
        disk.look(second * NS_PER_S, lag_s)
    assert disk.slow_s == 9.0
    disk.look(50 * NS_PER_S, 3.5)  # better, not good
    disk.look(100 * NS_PER_S, 0.5)
    assert disk.slow_s == 9.0
    disk.look(111 * NS_PER_S, 0.5)
    assert disk.slow_s is None
