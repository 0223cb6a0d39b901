"""``basira custody``: the node's log. ``basira verify``: judge a bundle."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from basira.base.clock import SystemClock
from basira.base.errors import BasiraError
from basira.cli.roles import run_role
from basira.cli.settings import language, load_settings, told_errors
from basira.custody.findings import Verdict
from basira.custody.home import CustodyHome, log_lines
from basira.custody.journal import Journal
from basira.custody.ledger import LedgerState
from basira.custody.node import catalogue_site, open_ledger
from basira.custody.policy import LogLine, WitnessLine, parse_policy, write_policy
from basira.custody.second_opinions import add_second_opinions
from basira.custody.strict import Malformed
from basira.custody.timestamp import load_roots
from basira.custody.verify import verify_bundle
from basira.custody.vkey import VerifierKey

app = typer.Typer(no_args_is_help=True, help="The node's own log, which witnesses outside vouch for.")


@app.command()
def run() -> None:
    """Be the custody process only."""
    with told_errors():
        run_role("custody", load_settings())


@app.command()
def status() -> None:
    """Say how the log stands: its size, what a quorum has cosigned, which witnesses do not answer."""
    with told_errors():
        home = _home()
        if not home.journal_path.exists():
            raise BasiraError("custody_not_started")
        with closing(Journal.open(home.journal_path, read_only=True)) as journal:
            typer.echo(json.dumps(journal.note("status"), ensure_ascii=False, indent=2))


@app.command()
def keys() -> None:
    """Print the log's verifier keys, for witnesses and policy files."""
    with told_errors():
        for line in log_lines(_home()):
            typer.echo(line.key.encode())


@app.command()
def policy(
    witness: Annotated[
        list[str] | None, typer.Option(help="NAME=VKEY or NAME=VKEY=URL of a witness, for each one.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Address this log is published at.")] = None,
) -> None:
    """Print a policy file for this log and these witnesses; the quorum is 1 + ⌊2n/3⌋ of them."""
    with told_errors():
        witnesses: list[WitnessLine] = []
        for one in witness or []:
            name, _, rest = one.partition("=")
            vkey, _, address = rest.partition("=http")
            try:
                witnesses.append(WitnessLine(name, VerifierKey.parse(vkey), f"http{address}" if address else None))
            except Malformed as error:
                raise BasiraError("custody_policy_bad", path=name, reason=str(error)) from error
        logs = [LogLine(line.key, url) for line in log_lines(_home())]
        typer.echo(write_policy(logs, witnesses), nl=False)


@app.command("continue")
def continue_as_new_log() -> None:
    """After a refusal to sign: begin a new log that cites the old head. Tell the witnesses its new keys."""
    with told_errors(), open_ledger(load_settings(), SystemClock()) as ledger:
        ledger.turn()
        if ledger.state is not LedgerState.REFUSING:
            raise BasiraError("custody_not_refusing")
        ledger.continue_as_new_log()
        ledger.tell()
        typer.echo(ledger.origin)


def verify(
    bundle: Path,
    policy: Annotated[Path, typer.Option(help="Policy file, which must not come with the bundle.")],
    tsa: Annotated[Path | None, typer.Option(help="PEM certificates of time-stamping authorities to believe.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
) -> None:
    """Judge an evidence bundle without any network. Status 0: good; 1: something is wrong; 2: cannot be judged."""
    try:
        trusted = parse_policy(policy.read_bytes())
        roots = [] if tsa is None else load_roots(tsa)
        verdict = verify_bundle(bundle, trusted)
        add_second_opinions(verdict, bundle, roots)
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    typer.echo(_as_json(verdict) if as_json else _as_text(verdict, trusted.explain()))
    sys.exit(0 if verdict.good else 1)


def _home() -> CustodyHome:
    settings = load_settings()
    site, _ = catalogue_site(settings, SystemClock())
    return CustodyHome(settings, site)


def _time(seconds: int | None) -> str:
    return "—" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _as_text(verdict: Verdict, explained: str) -> str:
    spoken = language()
    words = {
        "ar": ("سليمة", "غير سليمة", "سُجِّلت بين", "و", "المقاطع", "القيود", "الاطلاع"),
        "en": ("GOOD", "WRONG", "committed between", "and", "segments", "entries", "accesses"),
    }[spoken]
    lines = [words[0] if verdict.good else words[1]]
    lines += [f"  ✗ {finding.text(spoken)}" for finding in verdict.wrong]
    lines += [f"  · {finding.text(spoken)}" for finding in verdict.notices]
    lines.append(f"{words[4]}: {len(verdict.segments)} · {words[5]}: {verdict.entries}")
    bracket = verdict.bracket
    lines.append(f"{words[2]} {_time(bracket.not_before_s)} {words[3]} {_time(bracket.not_after_s)}")
    lines += [f"  {words[6]}: {_time(at_us // 1_000_000)} {act} {user}" for at_us, act, user in verdict.accesses]
    lines.append(explained)
    return "\n".join(lines)


def _as_json(verdict: Verdict) -> str:
    return json.dumps(
        {
            "good": verdict.good,
            "wrong": [[finding.code, finding.where, finding.detail] for finding in verdict.wrong],
            "notices": [[finding.code, finding.where, finding.detail] for finding in verdict.notices],
            "entries": verdict.entries,
            "bracket_s": [verdict.bracket.not_before_s, verdict.bracket.not_after_s],
            "segments": {
                name: [bracket.not_before_s, bracket.not_after_s] for name, bracket in verdict.segments.items()
            },
            "accesses": verdict.accesses,
            "sealed_s": verdict.sealed_s,
        },
        ensure_ascii=False, indent=2,
    )  # fmt: skip
