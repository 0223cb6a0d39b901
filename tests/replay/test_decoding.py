"""What decodes for the analysis, and that its absence is told and survived."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from basira.replay.decoding import usable_device


@pytest.mark.parametrize("device", ["cuda", "no-such-device"])
def test_a_device_that_is_not_there_is_told_and_the_processor_decodes(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with capture_logs() as logs:
        assert usable_device(device) == ""
    assert [(line["event"], line["device"]) for line in logs] == [("decoder_device_unavailable", device)]
    assert logs[0]["reason"]


def test_without_a_device_nothing_is_said() -> None:
    with capture_logs() as logs:
        assert usable_device("") == ""
    assert logs == []
