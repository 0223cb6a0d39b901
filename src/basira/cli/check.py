"""``basira check``: is the store what docs/durability.md promises?"""

from __future__ import annotations

import os
from typing import Annotated

import typer

from basira.alerting.processes import holder
from basira.base.errors import BasiraError
from basira.cli.node import catalogue_of
from basira.cli.settings import load_settings, told_errors
from basira.databases.sqlite import open_database
from basira.recording.check import Check


def check(
    full: Annotated[bool, typer.Option("--full", help="Also read and hash every byte vouched for.")] = False,
) -> None:
    """Verify every invariant of index against files and print what is wrong, in the language of LANG.

    Works beside a running recorder. Deletes and changes nothing. Exits with 1 when something is wrong.
    """
    with told_errors():
        settings = load_settings()
        if not settings.index_path.exists():
            raise BasiraError("nothing_recorded", status=404)
        language = "ar" if os.environ.get("LANG", "").startswith("ar") else "en"
        with catalogue_of(settings) as catalogue:
            site = catalogue.site
        index = open_database(settings.index_path, read_only=True)
        running = holder(settings.run_path, "recorder") is not None
        pass_ = Check(index, settings.footage_path, site, full=full, recorder_running=running)
        wrong = False
        for finding in pass_.findings():
            wrong |= finding.severity != "info"
            typer.echo(f"{finding.severity}  {finding.code} [{finding.invariant}]  {finding.message(language)}")
        index.dispose()
        looked = pass_.checked
        typer.echo(f"{looked.rows} rows, {looked.files} files, {looked.bytes_hashed} bytes hashed")
    if wrong:
        raise typer.Exit(1)
