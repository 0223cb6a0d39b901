"""``basira``: every command."""

from __future__ import annotations

import json
import sys

import typer

from basira import __version__
from basira.alerting.processes import Role
from basira.cli import cameras, check, custody, demo, export, holds, monitor, plan, run, users, witness
from basira.cli.roles import run_role
from basira.cli.settings import load_settings, told_errors

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # Tracebacks with local variables may show anything.
    pretty_exceptions_enable=False,
    help="Basira records, watches and finds.",
)
app.add_typer(cameras.app, name="camera")
app.add_typer(users.app, name="user")
app.add_typer(holds.app, name="hold")
app.add_typer(custody.app, name="custody")
app.add_typer(witness.app, name="witness")
app.command()(run.run)
app.command()(demo.demo)
app.command()(export.export)
app.command()(check.check)
app.command()(plan.plan)
app.command()(custody.verify)
app.command()(monitor.monitor)


@app.command()
def recorder() -> None:
    """Be the recorder process only."""
    _role("recorder")


@app.command()
def analysis() -> None:
    """Be the analysis process only."""
    _role("analysis")


@app.command()
def web() -> None:
    """Be the web process only."""
    _role("web")


@app.command()
def openapi() -> None:
    """Print the OpenAPI document of the API."""
    from basira.base.clock import SystemClock
    from basira.web.app import create_app
    from basira.web.routers.schema import openapi_of

    with told_errors():
        document = openapi_of(create_app(load_settings(), SystemClock()))
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _role(role: Role) -> None:
    with told_errors():
        run_role(role, load_settings())


if __name__ == "__main__":
    app()
