"""Zones drawn on a camera's picture."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from basira.web.shapes.common import Shape

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Weekday = Annotated[int, Field(ge=0, le=6, description="0 is Monday.")]


class ScheduleSpan(Shape):
    """Site-local time on some days; ``end`` before ``start`` runs past midnight."""

    days: list[Weekday] = Field(min_length=1, max_length=7)
    start: TimeOfDay
    end: TimeOfDay


class Zone(Shape):
    """``polygon`` in fractions of the picture; no ``classes``: every class; no ``schedule``: always."""

    id: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="Made up when absent.")
    name: str = Field(min_length=1, max_length=200)
    kind: Literal["alert", "ignore"]
    polygon: list[tuple[Fraction, Fraction]] = Field(min_length=3, max_length=64)
    classes: list[Annotated[str, StringConstraints(min_length=1, max_length=64)]] = Field([], max_length=100)
    schedule: list[ScheduleSpan] = Field([], max_length=50)
    enabled: bool = True


class ZoneList(Shape):
    zones: list[Zone] = Field(max_length=64)
