"""What the monitor remembers of each log: how large it was, with which root, and when that was seen.

So a log that shows another past later is caught by this memory alone, without any witness. And the visits bound time:
an entry that was not there at one visit and is at the next was committed between the two, by the monitor's clock.
"""

from __future__ import annotations

import bisect
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from basira.base.errors import BasiraError
from basira.custody.checkpoint import origin_hash
from basira.custody.findings import Bracket
from basira.custody.tiles import write_synced


@dataclass(frozen=True, slots=True)
class Visit:
    """A published head seen at ``at_s`` (POSIX seconds, the monitor's clock).

    ``note`` is the signed evidence; kept of the newest visit only, which was proven to continue all before it.
    """

    at_s: int
    size: int
    root: str
    note: str


class MonitorMemory:
    """A folder of the monitor's own, one file of visits for each log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, origin: str) -> Path:
        return self.folder / f"{origin_hash(origin)}.json"

    def visits(self, origin: str) -> list[Visit]:
        """Oldest first. Raises BasiraError ``monitor_memory_damaged``."""
        path = self._path(origin)
        if not path.exists():
            return []
        try:
            return [Visit(**visit) for visit in json.loads(path.read_bytes())["visits"]]
        except (ValueError, KeyError, TypeError) as error:
            raise BasiraError("monitor_memory_damaged", path=str(path), reason=str(error)) from error

    def add(self, origin: str, visit: Visit) -> None:
        """Remember a visit for good."""
        visits = [*(replace(old, note="") for old in self.visits(origin)), visit]
        told = {"origin": origin, "visits": [asdict(one) for one in visits]}
        write_synced(self._path(origin), json.dumps(told, indent=1).encode())

    def keep_evidence(self, name: str, data: bytes) -> Path:
        """Keep proof of misconduct: two signed heads that cannot both be of one history."""
        path = self.folder / "evidence" / name
        write_synced(path, data)
        return path


class Brackets:
    """When each entry was committed, by the visits."""

    def __init__(self, visits: list[Visit]) -> None:
        grown: list[Visit] = []
        for visit in sorted(visits, key=lambda one: one.at_s):
            if not grown or visit.size > grown[-1].size:
                grown.append(visit)
        self._sizes = [visit.size for visit in grown]
        self._first_s = [visit.at_s for visit in grown]
        # A size seen again later was still the newest then: what came after it came after that.
        self._last_s = [max(one.at_s for one in visits if one.size == visit.size) for visit in grown]

    def of(self, index: int) -> Bracket:
        after = bisect.bisect_right(self._sizes, index)
        not_before_s = self._last_s[after - 1] if after else None
        return Bracket(not_before_s, self._first_s[after] if after < len(self._sizes) else None)
