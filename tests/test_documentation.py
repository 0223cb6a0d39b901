"""What a person can set, run or meet is documented in both languages. Enumerated from the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest
import typer.core
import typer.main

from basira.alerting.alarms import AlarmBook
from basira.base.clock import SimulatedClock
from basira.base.settings import Settings
from basira.cli.main import app
from basira.web.metrics import Metrics
from tools.document_messages import TARGET, document

_DOCS = Path(__file__).parents[1] / "docs"
_ARABIC = re.compile("[\u0600-\u06ff]")


def _rows(file: str) -> dict[str, str]:
    """Rows of the tables of a document, by what their first cell holds in backquotes."""
    rows = re.findall(r"^\| `([^`]+)` (\|.*)$", (_DOCS / file).read_text("utf-8"), re.MULTILINE)
    assert len({name for name, _ in rows}) == len(rows), "two rows for one thing"
    return dict(rows)


def _commands() -> Iterator[str]:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from (f"basira {name} {sub}" for sub in command.commands)
        else:
            yield f"basira {name}"


def _metrics() -> set[str]:
    """Names of all metrics, from a node about which everything can be told."""
    stream = {"state": "recording", "frame_rate": 1, "bit_rate": 1, "gap": None}
    recorder = Mock()
    recorder.status = {
        "cameras": {"gate": {"main": stream}}, "index": {"lag_s": 0.0}, "clock": {"synchronised": True},
    }  # fmt: skip
    health = Mock()
    health.processes.return_value = []
    health.analysis_lag_s.return_value = {"gate": 1.0}
    health.analysed_streams.return_value = [
        {"camera": "gate", "groups": 4, "groups_decoded": 2, "groups_passed_over": 1}
    ]
    health.disk.return_value = Mock(
        total_bytes=1, free_bytes=1, floor_bytes=1, footage_bytes=1, bytes_per_day=1, full_in_s=1.0
    )
    couriers = Mock()
    couriers.counts.return_value = {}
    metrics = Metrics(recorder, health, AlarmBook(SimulatedClock()), couriers)
    counters = {"counter": "_total"}
    return {family.name + counters.get(family.type, "") for family in metrics.registry.collect()}


@pytest.mark.parametrize(
    ("file", "documented", "exists"),
    [
        ("settings.md", _rows("settings.md"), set(Settings.model_fields)),
        ("operations.md", {n: r for n, r in _rows("operations.md").items() if n[6] == " "}, set(_commands())),
        ("operations.md", {n: r for n, r in _rows("operations.md").items() if n[6] == "_"}, _metrics()),
    ],
    ids=["settings", "commands", "metrics"],
)
def test_the_table_has_a_row_in_both_languages_for_each_and_none_for_what_is_gone(
    file: str, documented: dict[str, str], exists: set[str]
) -> None:
    assert set(documented) == exists
    for name, row in documented.items():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert _ARABIC.search(cells[-1]), f"{name} in Arabic"
        assert cells[-2], f"{name} in English"


def test_every_message_is_in_the_documentation() -> None:
    assert TARGET.read_text("utf-8") == document(), "run: python -m tools.document_messages"
