"""What a process of the node says of itself, asked over its socket: told from its memory, whatever the disk does."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from basira.alerting.processes import Role
from basira.recording.control import ask

_TIMEOUT_S: Final = 2.0


def status_of(run_dir: Path, role: Role) -> dict[str, Any]:
    """Its answer to ``status``; empty while it does not answer. That it is down is told by its process."""
    try:
        answer = ask(run_dir / f"{role}.sock", {"op": "status"}, _TIMEOUT_S)
    except (OSError, ValueError):
        return {}
    return {} if "error" in answer else answer
