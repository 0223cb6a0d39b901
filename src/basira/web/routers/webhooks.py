"""Webhooks: where alerts and alarms are posted."""

from __future__ import annotations

from fastapi import APIRouter

from basira.web.pending import not_there_yet
from basira.web.rooms import TheRooms
from basira.web.shapes.common import Done
from basira.web.shapes.webhooks import WebhookAdd, WebhookAdded, WebhookList, WebhookTestAnswer

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


@router.get("")
def list_webhooks(rooms: TheRooms) -> WebhookList:
    raise not_there_yet()


@router.post("", status_code=201)
def add_webhook(webhook: WebhookAdd, rooms: TheRooms) -> WebhookAdded:
    """Post alerts and alarms from now on to this address. The secret is shown in this answer only."""
    raise not_there_yet()


@router.delete("/{webhook}")
def remove_webhook(webhook: str, rooms: TheRooms) -> Done:
    raise not_there_yet()


@router.post("/{webhook}/test")
def test_webhook(webhook: str, rooms: TheRooms) -> WebhookTestAnswer:
    """Post a test message now and say what came back."""
    raise not_there_yet()
