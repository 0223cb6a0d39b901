"""``basira``: every command."""

from __future__ import annotations

import json
import sys

import typer

from basira.base.clock import SystemClock
from basira.base.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Basira records, watches and finds.")


@app.callback()
def basira() -> None:
    """Basira records, watches and finds."""


@app.command()
def openapi() -> None:
    """Print the OpenAPI document of the API."""
    from basira.web.app import create_app
    from basira.web.routers.schema import openapi_of

    document = openapi_of(create_app(Settings(), SystemClock()))
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    app()
