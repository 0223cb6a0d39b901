from __future__ import annotations

import pytest
from pydantic import ValidationError

from basira.base.errors import BasiraError
from basira.catalogue.store import Catalogue
from basira.catalogue.webhooks import Webhook, Webhooks


@pytest.fixture
def hook(catalogue: Catalogue) -> Webhook:
    return Webhooks(catalogue).add(Webhook(id=Webhooks.new_id(), url="https://198.51.100.4/hook", sealed_secret=b"s"))


def test_failures_count_up_and_a_delivery_clears_them(catalogue: Catalogue, hook: Webhook) -> None:
    webhooks = Webhooks(catalogue)
    webhooks.failed(hook.id, next_attempt_utc_ns=50, error="webhook_refused")
    webhooks.failed(hook.id, next_attempt_utc_ns=90, error="webhook_refused")
    assert (webhooks.get(hook.id).attempts, webhooks.get(hook.id).next_attempt_utc_ns) == (2, 90)
    webhooks.delivered(hook.id, 7)
    assert webhooks.get(hook.id) == hook.model_copy(update={"cursor": 7})


def test_the_cursor_never_goes_back(catalogue: Catalogue, hook: Webhook) -> None:
    webhooks = Webhooks(catalogue)
    webhooks.delivered(hook.id, 7)
    webhooks.delivered(hook.id, 5)
    assert webhooks.get(hook.id).cursor == 7


def test_deliveries_do_not_wake_the_recorder_but_adding_and_removing_do(catalogue: Catalogue, hook: Webhook) -> None:
    version = catalogue.version()
    Webhooks(catalogue).delivered(hook.id, 7)
    assert catalogue.version() == version
    Webhooks(catalogue).remove(hook.id)
    assert catalogue.version() == version + 1
    assert Webhooks(catalogue).all() == []
    with pytest.raises(BasiraError):
        Webhooks(catalogue).remove(hook.id)


def test_only_http_addresses_are_taken() -> None:
    with pytest.raises(ValidationError):
        Webhook(id="hook-a", url="file:///etc/passwd")
