"""``basira user``: who may log in."""

from __future__ import annotations

import typer

from basira.access.users import Users
from basira.cli.node import catalogue_of
from basira.cli.settings import load_settings, told_errors

app = typer.Typer(no_args_is_help=True, help="Users: who may log in.")


@app.command("add")
def add_user(name: str) -> None:
    """Add a user and print a one-time password, which must be changed at the first login."""
    with told_errors(), catalogue_of(load_settings()) as catalogue:
        typer.echo(Users(catalogue).add(name))


@app.command("password")
def reset_password(name: str) -> None:
    """Give a user a new one-time password and end their sessions."""
    with told_errors(), catalogue_of(load_settings()) as catalogue:
        typer.echo(Users(catalogue).reset_password(name))


@app.command("list")
def list_users() -> None:
    """List the users."""
    with told_errors(), catalogue_of(load_settings()) as catalogue:
        for user in Users(catalogue).all():
            typer.echo(f"{user.name}{'  (one-time password)' if user.must_change_password else ''}")
