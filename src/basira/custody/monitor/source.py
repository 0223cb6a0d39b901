"""Where a log is read from: its published address, or a copy of its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import httpx

from basira.base.errors import BasiraError
from basira.custody.tiles import write_synced

_CHECKPOINT: Final = "checkpoint"


class LogSource(Protocol):
    """One log in the layout of C2SP tlog-tiles."""

    def fetch(self, path: str) -> bytes | None:
        """A file of the log, None when there is none. Raises BasiraError ``log_unreadable``."""


class FolderSource:
    """A folder with ``checkpoint`` and ``tile/``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, path: str) -> bytes | None:
        try:
            return (self._folder / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BasiraError("log_unreadable", source=str(self._folder), reason=str(error)) from error


class HttpSource:
    """A published log. Full tiles never change, so they are kept in ``cache`` and not fetched again."""

    def __init__(self, url: str, http: httpx.Client, cache: Path) -> None:
        self._url, self._http, self._cache = url.rstrip("/"), http, cache

    def fetch(self, path: str) -> bytes | None:
        kept = self._cache / path
        whole = path.startswith("tile/") and ".p/" not in path
        if whole and kept.exists():
            return kept.read_bytes()
        try:
            answer = self._http.get(f"{self._url}/{path}")
        except httpx.HTTPError as error:
            raise BasiraError("log_unreadable", source=self._url, reason=str(error) or type(error).__name__) from error
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise BasiraError("log_unreadable", source=self._url, reason=f"HTTP status {answer.status_code}")
        if whole:
            write_synced(kept, answer.content)
        return answer.content


def open_sources(place: str, http: httpx.Client, cache: Path) -> Sequence[LogSource]:
    """Every generation of the log at an address or in a folder, oldest first.

    A node keeps generation ``n`` in ``log/<n>`` and publishes it there; any other log has one, at its root. Raises
    BasiraError ``log_unreadable`` when there is none.
    """
    found: list[LogSource] = []
    while True:
        number = len(found) + 1
        source = _source(place, f"log/{number}", http, cache)
        if source.fetch(_CHECKPOINT) is None:
            source = _source(place, f"{number}", http, cache)
        if source.fetch(_CHECKPOINT) is None:
            break
        found.append(source)
    if found:
        return found
    root = _source(place, "", http, cache)
    if root.fetch(_CHECKPOINT) is None:
        raise BasiraError("log_unreadable", source=place, reason="there is no checkpoint")
    return [root]


def _source(place: str, below: str, http: httpx.Client, cache: Path) -> LogSource:
    if place.startswith(("http://", "https://")):
        return HttpSource(f"{place.rstrip('/')}/{below}", http, cache / (below or "log"))
    return FolderSource(Path(place) / below)
