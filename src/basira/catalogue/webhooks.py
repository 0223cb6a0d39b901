"""Webhooks: where alerts and alarms are posted, and how far each has come."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, insert, select, update

from basira.base.errors import BasiraError
from basira.base.identifiers import new_identifier
from basira.catalogue import schema
from basira.catalogue.store import Catalogue


class Webhook(BaseModel):
    """``cursor``: everything up to it is delivered. ``attempts`` counts failures since the last success."""

    model_config = ConfigDict(frozen=True)

    id: str
    url: str = Field(pattern=r"^https?://", max_length=2000)
    sealed_secret: bytes | None = Field(None, repr=False, exclude=True)
    enabled: bool = True
    cursor: int = 0
    attempts: int = 0
    next_attempt_utc_ns: int = 0
    last_error: str | None = None


class Webhooks:
    """The node's webhooks. Deliveries do not raise the catalogue's version; adding and removing do."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @staticmethod
    def new_id() -> str:
        """An identifier for a webhook about to be added, so that its secret can be sealed to it."""
        return new_identifier("hook")

    def all(self) -> list[Webhook]:
        with self._catalogue.read() as connection:
            rows = connection.execute(select(schema.webhooks).order_by(schema.webhooks.c.id)).mappings()
            return [Webhook.model_validate(dict(row)) for row in rows]

    def get(self, webhook_id: str) -> Webhook:
        """Raises BasiraError ``not_found``."""
        query = select(schema.webhooks).where(schema.webhooks.c.id == webhook_id)
        with self._catalogue.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise BasiraError("not_found", status=404)
        return Webhook.model_validate(dict(row))

    def add(self, webhook: Webhook) -> Webhook:
        with self._catalogue.change() as connection:
            row = webhook.model_dump() | {"sealed_secret": webhook.sealed_secret}
            connection.execute(insert(schema.webhooks).values(row))
        return webhook

    def remove(self, webhook_id: str) -> None:
        """Raises BasiraError ``not_found``."""
        with self._catalogue.change() as connection:
            gone = connection.execute(delete(schema.webhooks).where(schema.webhooks.c.id == webhook_id))
            if gone.rowcount == 0:
                raise BasiraError("not_found", status=404)

    def delivered(self, webhook_id: str, cursor: int) -> None:
        """Everything up to ``cursor`` has been accepted. The cursor never goes back."""
        table = schema.webhooks
        with self._catalogue.write() as connection:
            connection.execute(
                update(table)
                .where(table.c.id == webhook_id, table.c.cursor <= cursor)
                .values(cursor=cursor, attempts=0, next_attempt_utc_ns=0, last_error=None)
            )

    def failed(self, webhook_id: str, *, next_attempt_utc_ns: int, error: str) -> None:
        """Count a failure. ``error`` must hold no secret."""
        table = schema.webhooks
        with self._catalogue.write() as connection:
            connection.execute(
                update(table)
                .where(table.c.id == webhook_id)
                .values(attempts=table.c.attempts + 1, next_attempt_utc_ns=next_attempt_utc_ns, last_error=error)
            )
