"""Webhooks: where alerts and alarms are posted."""

from __future__ import annotations

from pydantic import Field

from basira.web.shapes.common import Problem, Shape, TimeUs


class WebhookAdd(Shape):
    """``secret`` signs each body (HMAC-SHA256); made up when absent, and shown in the answer to this request only."""

    url: str = Field(pattern=r"^https?://", max_length=2000)
    secret: str | None = Field(None, min_length=16, max_length=256)


class Delivery(Shape):
    """One attempt to post; ``status`` is HTTP's, absent when nothing answered."""

    at_us: TimeUs
    kind: str
    ok: bool
    status: int | None
    error: str | None


class Webhook(Shape):
    """``attempts`` counts failures since the last success; ``next_attempt_us`` is set while it waits to retry."""

    id: str
    url: str
    enabled: bool
    attempts: int
    next_attempt_us: TimeUs | None
    last_error: str | None
    deliveries: list[Delivery]


class WebhookAdded(Shape):
    webhook: Webhook
    secret: str


class WebhookList(Shape):
    webhooks: list[Webhook]


class WebhookTestAnswer(Shape):
    ok: bool
    status: int | None = None
    error: Problem | None = None
