"""``basira monitor``: watch a node's log from outside, and write the public report."""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer

from basira.base.clock import NS_PER_S, SystemClock
from basira.base.errors import BasiraError
from basira.cli.settings import language
from basira.custody.monitor.memory import MonitorMemory
from basira.custody.monitor.report import month_report
from basira.custody.monitor.source import open_sources
from basira.custody.monitor.watch import Watched, clients_of, watch
from basira.custody.monitor.words import is_wrong, text_of
from basira.custody.policy import parse_policy
from basira.custody.strict import Malformed

_TIMEOUT_S = 30.0


def monitor(
    log: Annotated[str, typer.Argument(help="Address the log is published at, or a copy of its folder.")],
    policy: Annotated[Path, typer.Option(help="Policy file with the log's and the witnesses' keys and addresses.")],
    out: Annotated[Path, typer.Option(help="Folder for numbers.json and a report for each month.")] = Path("report"),
    memory: Annotated[
        Path, typer.Option(help="Folder in which the monitor remembers its visits; keep it from visit to visit.")
    ] = Path("monitor"),
) -> None:
    """Read all of a log, compare it with its witnesses and with earlier visits, and report month by month.

    Status 0: nothing wrong; 1: forgery, loss or unlawful deletion; 2: the log cannot be judged.
    """
    try:
        with httpx.Client(timeout=_TIMEOUT_S) as http:
            trusted = parse_policy(policy.read_bytes())
            cache = memory / "tiles" / hashlib.sha256(log.encode()).hexdigest()[:16]
            watched = watch(
                open_sources(log, http, cache), trusted, clients_of(trusted, http), MonitorMemory(memory),
                SystemClock().utc_ns() // NS_PER_S,
            )  # fmt: skip
    except (OSError, Malformed, BasiraError) as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    write_reports(watched, out)
    for month in sorted(watched.findings):
        for finding in watched.findings[month]:
            typer.echo(f"{'✗' if is_wrong(finding) else '·'} {month}: {text_of(finding, language())}")
    for told in watched.logs:
        typer.echo(f"{told['origin']}: {told['size']}")
    sys.exit(1 if watched.wrong else 0)


def write_reports(watched: Watched, out: Path) -> None:
    """``numbers.json`` and ``<month>.html`` for every month of the log."""
    out.mkdir(parents=True, exist_ok=True)
    logs = [{name: told[name] for name in ("origin", "size", "root")} for told in watched.logs]
    (out / "numbers.json").write_bytes(watched.tally.encode(logs))
    months = sorted(watched.tally.months) or [datetime.now(UTC).strftime("%Y-%m")]
    for month in months:
        (out / f"{month}.html").write_text(month_report(watched, month), "utf-8")
