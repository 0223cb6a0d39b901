"""What ``ps``, ``top`` and ``systemctl status`` call a process of the node."""

from __future__ import annotations

import os

from setproctitle import setproctitle


def call_process(name: str) -> None:
    """Make ``basira-<name>`` of this process; its environment can still be read in ``/proc``."""
    # setproctitle would take the environment's place, too, which a name as short as this does not need.
    os.environ.setdefault("SPT_NOENV", "1")
    setproctitle(f"basira-{name}")
