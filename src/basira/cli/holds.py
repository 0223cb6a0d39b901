"""``basira hold``: footage that retention may not touch."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

import typer

from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.catalogue.cameras import Cameras
from basira.catalogue.holds import Holds
from basira.cli.node import catalogue_of, utc_ns_of
from basira.cli.settings import load_settings, told_errors

app = typer.Typer(no_args_is_help=True, help="Holds: footage that retention may not touch.")


@app.command("set")
def set_hold(camera: str, start: str, end: str, reason: str) -> None:
    """Keep a span of a camera's footage until the hold is lifted. Times are ISO 8601, in the site's time zone."""
    with told_errors():
        settings = load_settings()
        with catalogue_of(settings) as catalogue:
            start_ns, end_ns = utc_ns_of(start, settings), utc_ns_of(end, settings)
            if start_ns >= end_ns:
                raise BasiraError("span_invalid")
            known = Cameras(catalogue).get(camera)
            hold = Holds(catalogue).set(known.id, start_ns, end_ns, reason=reason, by=_who())
            typer.echo(hold.id)


@app.command("list")
def list_holds() -> None:
    """List the holds in force."""
    with told_errors(), catalogue_of(load_settings()) as catalogue:
        for hold in Holds(catalogue).all(lifted=False):
            span = f"{_shown(hold.start_utc_ns)} – {_shown(hold.end_utc_ns)}"
            typer.echo(f"{hold.id}  {hold.camera}  {span}  {hold.set_by}: {hold.reason}")


@app.command("lift")
def lift_hold(hold: str) -> None:
    """End a hold. It stays on record."""
    with told_errors(), catalogue_of(load_settings()) as catalogue:
        Holds(catalogue).lift(hold, by=_who())


def _who() -> str:
    return f"{getpass.getuser()} (command line)"


def _shown(utc_ns: int) -> str:
    return datetime.fromtimestamp(utc_ns / NS_PER_S, UTC).isoformat(timespec="seconds")
