"""The site this node records."""

from __future__ import annotations

from pydantic import Field

from basira.web.shapes.common import Shape, TimeUs


class Site(Shape):
    """``time_zone`` and ``retention_days`` are settings of the node; ``name`` is what people call the site."""

    id: str
    name: str
    time_zone: str
    retention_days: float
    version: str
    now_us: TimeUs


class SiteChange(Shape):
    name: str = Field(min_length=1, max_length=200)
