"""The supervisor forks its roles, so it must be fit to be forked."""

from __future__ import annotations

import subprocess
import sys

_LOAD = """
import os
from importlib import import_module
from basira.cli.launch import LOADED
for module in LOADED.values():
    import_module(module)
print(len(os.listdir("/proc/self/task")))
"""


def test_nothing_that_the_supervisor_loads_starts_a_thread() -> None:
    loaded = subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, text=True, check=True)
    assert loaded.stdout == "1\n"
