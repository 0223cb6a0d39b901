"""A sentence of :mod:`basira.base.messages` with its parameters filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from basira.base.messages import MESSAGES

_LATIN: Final = re.compile(r"[A-Za-z]")
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"  # FSI and PDI of Unicode's UAX #9


def sentence_of(code: str, language: str, params: Mapping[str, str | int | float]) -> str:
    """In ``ar`` or ``en``; a code that this version does not know (out of a database) says itself.

    In Arabic, parameters with Latin words (a path, a library's reason) are isolated, so that they read in their own
    order and nobody takes the digits of a file's name for a number.
    """
    if code not in MESSAGES:
        return code
    shown = {name: _isolated(value) for name, value in params.items()} if language == "ar" else params
    return MESSAGES[code][language].format_map(shown)


def _isolated(value: str | int | float) -> str | int | float:
    return f"{_ISOLATE}{value}{_END_ISOLATE}" if isinstance(value, str) and _LATIN.search(value) else value
