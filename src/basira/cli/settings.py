"""The settings of the node for a command, and how a command tells an error to a person."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from basira.base.errors import BasiraError
from basira.base.settings import Settings
from basira.cli.logs import configure


def load_settings(process: str = "basira") -> Settings:
    """The node's settings, with logging set up by them. Raises BasiraError ``settings_invalid``."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BasiraError("settings_invalid", setting=where, reason=first["msg"]) from None
    configure(settings.log_level if process != "basira" else "warning", process)
    return settings


def language() -> str:
    """The language of the terminal: Arabic where the locale says so."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "ar" if locale.startswith("ar") else "en"


@contextmanager
def told_errors() -> Iterator[None]:
    """A BasiraError ends the command with its sentence on standard error and status 1."""
    try:
        yield
    except BasiraError as error:
        sys.stderr.write(error.message(language()) + "\n")
        sys.exit(1)
