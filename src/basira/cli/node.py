"""What a command needs of the node: settings, catalogue, footage; and how it tells an error to a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from basira.base.clock import NS_PER_US, SystemClock
from basira.base.errors import BasiraError
from basira.base.settings import Settings
from basira.catalogue.store import Catalogue, open_catalogue
from basira.databases.sqlite import open_database
from basira.replay.footage import Footage


@contextmanager
def catalogue_of(settings: Settings) -> Iterator[Catalogue]:
    with closing(open_catalogue(settings.catalogue_path, SystemClock())) as catalogue:
        yield catalogue


@contextmanager
def footage_of(settings: Settings) -> Iterator[Footage]:
    """Footage to read. Raises BasiraError ``nothing_recorded`` where there is no index yet."""
    if not settings.index_path.exists():
        raise BasiraError("nothing_recorded", status=404)
    index = open_database(settings.index_path, read_only=True, check=False)
    try:
        yield Footage(index, settings.footage_path)
    finally:
        index.dispose()


def utc_ns_of(text: str, settings: Settings) -> int:
    """An ISO 8601 time; without an offset it is the site's. Raises BasiraError ``time_invalid``."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise BasiraError("time_invalid", text=text) from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZoneInfo(settings.site_time_zone))
    return round(instant.timestamp() * 1_000_000) * NS_PER_US
