"""Errors that reach a person: a stable code, parameters, and a sentence in Arabic and English."""

from __future__ import annotations

from basira.base.messages import MESSAGES
from basira.base.sentences import sentence_of


class BasiraError(Exception):
    """An error somebody can act on.

    ``code`` names a row of :data:`basira.base.messages.MESSAGES`; ``params`` fill its sentences and must hold no
    secret, for they reach logs, the API and the page. ``status`` is the HTTP status the web room answers with.
    """

    def __init__(self, code: str, /, *, status: int = 400, **params: str | int | float) -> None:
        if code not in MESSAGES:
            raise KeyError(f"error code without a message: {code}")
        self.code = code
        self.status = status
        self.params = params
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        """The sentence for a person, in ``ar`` or ``en``."""
        return sentence_of(self.code, language, self.params)
