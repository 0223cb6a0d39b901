"""How far the analysis falls behind the recording, and what it passes over, as the node itself tells Prometheus."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

_EVERY_S = 10.0
_LAG = "basira_analysis_lag_seconds"
_DECODED, _PASSED_OVER = "basira_analysis_groups_decoded_total", "basira_analysis_groups_passed_over_total"
_PORT = "BASIRA_LISTEN_PORT="


@dataclass
class Behind:
    """``furthest_s``: of any camera at any scrape, ``last_s`` at the last; ``unanswered`` scrapes got no answer.

    ``began`` and ``ended``: groups decoded, and groups passed over instead, at the first scrape and at the last.
    """

    scrapes: int = 0
    unanswered: int = 0
    cameras: int = 0
    furthest_s: float = 0.0
    last_s: float = 0.0
    began: tuple[float, float] | None = None
    ended: tuple[float, float] = (0.0, 0.0)
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
            told: dict[str, list[float]] = defaultdict(list)
            for family in text_string_to_metric_families(text):
                for one in family.samples:
                    told[one.name].append(one.value)
            lags = told[_LAG]
            self.ended = sum(told[_DECODED]), sum(told[_PASSED_OVER])
            self.began = self.began or self.ended
            self.cameras = max(self.cameras, len(lags))
            self.last_s = max(lags, default=0.0)
            self.furthest_s = max(self.furthest_s, self.last_s)

    def told(self) -> dict[str, float]:
        """Empty where nothing analyses."""
        if not self.cameras:
            return {}
        behind = {"furthest_behind_s": round(self.furthest_s, 1), "behind_at_the_end_s": round(self.last_s, 1)}
        decoded, passed_over = (now - before for now, before in zip(self.ended, self.began or self.ended, strict=True))
        share = passed_over / max(1.0, decoded + passed_over)
        return behind | {"passed_over": round(share, 3), "scrapes_unanswered": self.unanswered}


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
