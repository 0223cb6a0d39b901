"""What several nouns share: the base of all shapes, times, and the one shape of an error."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from basira.base.clock import NS_PER_US
from basira.base.errors import BasiraError
from basira.base.sentences import sentence_of


class Shape(BaseModel):
    """Base of every shape: an unknown field is an error, never ignored."""

    model_config = ConfigDict(extra="forbid")


# JavaScript holds integers up to 2**53 - 1 exactly; in nanoseconds that still fits SQLite's 64 bits.
TimeUs = Annotated[int, Field(ge=0, le=2**53 - 1, description="Microseconds since 1970-01-01T00:00:00Z.")]
Params = dict[str, str | int | float]


def us(time_ns: int) -> int:
    """Nanoseconds as the API's microseconds, rounded down."""
    return time_ns // NS_PER_US


def us_or_none(time_ns: int | None) -> int | None:
    """As :func:`us`, where there may be no time."""
    return None if time_ns is None else us(time_ns)


def ns(time_us: int) -> int:
    """The API's microseconds as nanoseconds."""
    return time_us * NS_PER_US


def span_ns(start_us: int, end_us: int) -> tuple[int, int]:
    """A half-open span of the API in nanoseconds. Raises BasiraError ``span_invalid`` when it is empty."""
    if start_us >= end_us:
        raise BasiraError("span_invalid", status=422)
    return ns(start_us), ns(end_us)


class Sentence(Shape):
    """One sentence for a person, in both languages."""

    ar: str
    en: str


class Problem(Shape):
    """Something a person can act on: a stable code, a sentence, and what fills it."""

    code: str
    message: Sentence
    params: Params = Field(default_factory=dict)

    @classmethod
    def of(cls, error: BasiraError) -> Self:
        return cls.of_code(error.code, error.params)

    @classmethod
    def of_code(cls, code: str, params: Params) -> Self:
        """The problem of a code kept in a database; one that this version does not know says its code itself."""
        message = Sentence(ar=sentence_of(code, "ar", params), en=sentence_of(code, "en", params))
        return cls(code=code, message=message, params=params)


class ErrorBody(Problem):
    """A problem as an answer: ``request_id`` is in the log too."""

    request_id: str


class ErrorAnswer(Shape):
    """The one shape of every error the API answers with."""

    error: ErrorBody


class Done(Shape):
    """The answer where there is nothing to tell."""

    ok: bool = True
