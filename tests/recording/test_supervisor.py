"""A stream is kept recording for ever; whatever its source does costs a reconnection and no more."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from basira.base.clock import SystemClock
from basira.base.errors import BasiraError
from basira.cameras.packets import FormatChanged, Packet, StreamFormat
from basira.recording.supervisor import Backoff, StreamSupervisor, cause_of
from tests.recording.node import wait_until
from tests.recording.rig import Rig, shifted, video
from tests.streams import make_numbered_clip


class Script:
    """A source that plays its packets at once and then does what the test says."""

    def __init__(self, stream: StreamFormat, packets: list[Packet], then: Callable[[], None] | None = None) -> None:
        self.stream, self.waiting, self.then = stream, list(packets), then
        self.closed = False

    def open(self) -> StreamFormat:
        return self.stream

    def packets(self) -> Iterator[Packet]:
        while self.waiting:
            yield self.waiting.pop(0)
        if self.then is not None:
            then, self.then = self.then, None
            then()

    def interrupt(self) -> None: ...

    def close(self) -> None:
        self.closed = True


class Quick(Backoff):
    def next_s(self) -> float:
        super().next_s()
        return 0.01


def run(rig: Rig, sources: list[Script | BasiraError]) -> StreamSupervisor:
    """Let a supervisor go through these connections, then end it."""
    turns = 0

    def make_source() -> Script:
        nonlocal turns
        turns += 1
        if turns > len(sources):
            raise BasiraError("not_found")
        source = sources[turns - 1]
        if isinstance(source, BasiraError):
            raise source
        return source

    supervisor = StreamSupervisor(rig.recorder, make_source, SystemClock(), backoff=Quick())
    supervisor.start()
    wait_until(lambda: turns > len(sources))
    supervisor.ask_to_stop()
    assert supervisor.join(10)
    return supervisor


def fail() -> None:
    raise RuntimeError("a fault in a library")


def lose() -> None:
    raise BasiraError("stream_format_unusable", codec="vp9", reason="no place")


@pytest.mark.parametrize("then", [None, fail, lose])
def test_however_a_connection_ends_its_packets_are_kept_and_the_next_is_a_new_recording(
    rig: Rig, clip: Path, then: Callable[[], None] | None
) -> None:
    stream, packets = rig.load(clip)
    first, second = Script(stream, packets[:40], then), Script(stream, packets[45:])
    run(rig, [first, second])
    assert rig.recorded() == video(packets[:40] + packets[45:])
    assert rig.reasons() == ["start", "reconnect"]
    assert first.closed and second.closed


def test_a_change_of_format_goes_on_in_the_same_connection(rig: Rig, clip: Path, clips: Path) -> None:
    stream, packets = rig.load(clip)
    other, others = rig.load(make_numbered_clip(clips / "small.mp4", frames=30, size=(160, 120)))
    source = Script(stream, packets[:20])

    def change() -> None:
        source.waiting = shifted(others, mono_s=20 / 15, ticks=packets[20].dts)
        raise FormatChanged(other)

    source.then = change
    run(rig, [source])
    assert [(recording, segment) for recording, segment, _ in rig.segments()] == [(1, 0), (1, 1)]
    assert len(rig.recorded()) == 50


def test_a_source_that_cannot_be_made_is_tried_again(rig: Rig, clip: Path) -> None:
    stream, packets = rig.load(clip)
    supervisor = run(rig, [BasiraError("not_found"), BasiraError("not_found"), Script(stream, packets)])
    assert rig.recorded() == video(packets)
    assert supervisor.connection.state == "stopped"


def test_pauses_grow_are_bounded_and_differ() -> None:
    pauses = [Backoff(random.Random(seed)) for seed in range(64)]
    first = [backoff.next_s() for backoff in pauses]
    assert all(0.5 <= pause <= 1.0 for pause in first) and len(set(first)) > 60
    for backoff in pauses:
        for _ in range(50):
            assert backoff.next_s() <= 30.0
    assert pauses[0].next_s() >= 15.0
    pauses[0].reset()
    assert pauses[0].next_s() <= 1.0


def test_the_one_to_blame_follows_from_the_error() -> None:
    assert cause_of(BasiraError("camera_silent", seconds=10)) == "link"
    assert cause_of(BasiraError("stream_format_unusable", codec="x", reason="y")) == "camera"
    assert cause_of(BasiraError("not_found")) == "recorder"
