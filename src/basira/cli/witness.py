"""``basira witness``: the service that an oversight body runs, apart from every node."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from basira.base.clock import SystemClock
from basira.base.serving import QuietServer
from basira.cli.logs import configure
from basira.cli.settings import told_errors
from basira.custody.witness.app import make_app
from basira.custody.witness.home import WitnessHome

app = typer.Typer(no_args_is_help=True, help="Be an independent witness of other people's recording logs.")

Folder = Annotated[Path, typer.Option("--dir", help="The witness's own folder; never restore it from a backup.")]
DEFAULT = Path("witness")


@app.command()
def init(name: str, folder: Folder = DEFAULT) -> None:
    """Make a witness with a name (best an address) and print its keys."""
    with told_errors():
        WitnessHome(folder).create(name)
        _print_keys(folder)


@app.command()
def keys(folder: Folder = DEFAULT) -> None:
    """Print the witness's verifier keys, for policy files."""
    with told_errors():
        _print_keys(folder)


@app.command()
def follow(vkey: str, folder: Folder = DEFAULT) -> None:
    """Follow a log, by its verifier key. A running witness notices when it is started again."""
    with told_errors():
        typer.echo(WitnessHome(folder).follow(vkey).name)


@app.command()
def run(
    folder: Folder = DEFAULT,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8090,
) -> None:
    """Answer logs that ask for a cosignature, and show the page."""
    with told_errors():
        configure("info", "witness")
        witness = WitnessHome(folder).open(SystemClock())
        name = witness.keys[0].name
        app = make_app(witness, name)
        QuietServer(uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, ws="none")).run()


def _print_keys(folder: Path) -> None:
    for signer in WitnessHome(folder).signers():
        typer.echo(signer.vkey.encode())
