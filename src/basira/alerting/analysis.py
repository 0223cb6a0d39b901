"""What the analysis says of the cameras' pictures, asked over its socket: told from memory, whatever the disk does."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

from basira.analysis.runner import SOCKET_NAME
from basira.recording.control import ask

_TIMEOUT_S: Final = 2.0


class AnalysisWatch:
    """The analysis' last answer. ``look`` by one thread; ``streams`` by any."""

    def __init__(self, run_dir: Path) -> None:
        self._socket = run_dir / SOCKET_NAME
        self._lock = threading.Lock()
        self._streams: list[dict[str, Any]] = []

    def look(self) -> None:
        """Ask now. While it does not answer nothing is known; that it is down is told by its process."""
        try:
            found = ask(self._socket, {"op": "status"}, _TIMEOUT_S).get("streams", [])
        except (OSError, ValueError):
            found = []
        with self._lock:
            self._streams = found

    @property
    def streams(self) -> list[dict[str, Any]]:
        """State of each stream that is analysed, as ``analysis.runner`` tells it."""
        with self._lock:
            return self._streams
