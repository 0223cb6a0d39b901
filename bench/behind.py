"""How far the analysis falls behind the recording, as the node itself tells Prometheus."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

_EVERY_S = 10.0
_LAG = "basira_analysis_lag_seconds"
_PORT = "BASIRA_LISTEN_PORT="


@dataclass
class Behind:
    """``furthest_s``: of any camera at any scrape, ``last_s`` at the last; ``unanswered`` scrapes got no answer."""

    scrapes: int = 0
    unanswered: int = 0
    cameras: int = 0
    furthest_s: float = 0.0
    last_s: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    def ask(self, url: str) -> None:
        """Scrape until the window is over."""
        while not self._over.wait(_EVERY_S):
            self.scrapes += 1
            try:
                text = httpx.get(url, timeout=_EVERY_S).raise_for_status().text
            except httpx.HTTPError:
                self.unanswered += 1
                continue
            lags = [one.value for family in text_string_to_metric_families(text) for one in family.samples
                    if one.name == _LAG]  # fmt: skip
            self.cameras = max(self.cameras, len(lags))
            self.last_s = max(lags, default=0.0)
            self.furthest_s = max(self.furthest_s, self.last_s)

    def told(self) -> dict[str, float]:
        """Empty where nothing analyses."""
        if not self.cameras:
            return {}
        behind = {"furthest_behind_s": round(self.furthest_s, 1), "behind_at_the_end_s": round(self.last_s, 1)}
        return behind | {"scrapes_unanswered": self.unanswered}


@contextmanager
def behind(pid: int) -> Iterator[Behind]:
    """Scrapes the Basira whose supervisor is ``pid`` meanwhile; of another system nothing is asked."""
    words = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    ports = [word.removeprefix(_PORT) for word in words if word.startswith(_PORT)]
    found = Behind()
    asking = [threading.Thread(target=found.ask, args=(f"http://127.0.0.1:{port}/metrics",)) for port in ports]
    for thread in asking:
        thread.start()
    try:
        yield found
    finally:
        found._over.set()
        for thread in asking:
            thread.join()
