"""What the health of a node is reckoned from, over real segments."""

from __future__ import annotations

from pathlib import Path

import pytest

from basira.alerting.health import pending_s
from basira.base.clock import NS_PER_S
from tests.conftest import clip_of
from tests.replay.store import GATE, START_NS, Store


def test_after_a_night_without_power_the_analysis_is_behind_by_what_was_recorded_since(
    tmp_path: Path, clips: Path
) -> None:
    store = Store(tmp_path)
    clip = clip_of(clips, frames=90)
    store.record(clip)
    evening = store.footage.newest_segment(GATE)
    assert evening is not None
    known_to_ns = store.footage.end_utc_ns(evening)
    store.record(clip, recording=2, start_utc_ns=START_NS + 8 * 3600 * NS_PER_S)
    morning = store.footage.newest_segment(GATE)
    assert morning is not None
    recorded_to_ns = store.footage.end_utc_ns(morning)
    lasted_s = (recorded_to_ns - START_NS) / NS_PER_S - 8 * 3600
    assert pending_s(store.footage, GATE, known_to_ns, recorded_to_ns) == pytest.approx(lasted_s, abs=0.1)
    assert pending_s(store.footage, GATE, recorded_to_ns, recorded_to_ns) == 0
    store.close()
