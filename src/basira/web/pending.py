"""A route whose room above has not landed yet says so (503). This file goes with the last of them."""

from __future__ import annotations

from basira.base.errors import BasiraError


def not_there_yet() -> BasiraError:
    return BasiraError("not_available_yet", status=503)
