"""Webhooks: where alerts and alarms are posted."""

from __future__ import annotations

import secrets

from fastapi import APIRouter
from pydantic import SecretStr

from basira.alerting.posting import check_webhook_url
from basira.catalogue import webhooks as catalogue
from basira.web.rooms import Rooms, TheRooms
from basira.web.shapes.common import Done, Problem, us
from basira.web.shapes.webhooks import Delivery, Webhook, WebhookAdd, WebhookAdded, WebhookList, WebhookTestAnswer

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


def _shape(rooms: Rooms, webhook: catalogue.Webhook) -> Webhook:
    return Webhook(
        id=webhook.id,
        url=webhook.url,
        enabled=webhook.enabled,
        attempts=webhook.attempts,
        next_attempt_us=us(webhook.next_attempt_utc_ns) or None,
        last_error=webhook.last_error,
        deliveries=[
            Delivery(at_us=us(one.utc_ns), kind=one.kind, ok=one.ok, status=one.status, error=one.error)
            for one in rooms.couriers.deliveries(webhook.id)
        ],
    )


@router.get("")
def list_webhooks(rooms: TheRooms) -> WebhookList:
    """With the latest attempts of each since the web process started."""
    return WebhookList(webhooks=[_shape(rooms, webhook) for webhook in rooms.webhooks.all()])


@router.post("", status_code=201)
def add_webhook(webhook: WebhookAdd, rooms: TheRooms) -> WebhookAdded:
    """Post alerts and alarms from now on to this address. The secret is shown in this answer only."""
    check_webhook_url(webhook.url)
    secret = webhook.secret or secrets.token_urlsafe(32)
    webhook_id = rooms.webhooks.new_id()
    added = rooms.webhooks.add(
        catalogue.Webhook(
            id=webhook_id,
            url=webhook.url,
            sealed_secret=rooms.vault.seal(webhook_id, SecretStr(secret)),
            cursor=rooms.events.latest_change(),
        )
    )
    return WebhookAdded(webhook=_shape(rooms, added), secret=secret)


@router.delete("/{webhook}")
def remove_webhook(webhook: str, rooms: TheRooms) -> Done:
    rooms.webhooks.remove(webhook)
    return Done()


@router.post("/{webhook}/test")
def test_webhook(webhook: str, rooms: TheRooms) -> WebhookTestAnswer:
    """Post a test message now and say what came back."""
    delivery = rooms.couriers.test(rooms.webhooks.get(webhook))
    problem = None if delivery.problem is None else Problem.of(delivery.problem)
    return WebhookTestAnswer(ok=delivery.ok, status=delivery.status, error=problem)
