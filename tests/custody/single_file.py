"""``tools/verify/basira_verify.py``, as a court would run it: no part of the package, loaded from its file."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

SINGLE_FILE = Path(__file__).parents[2] / "tools/verify/basira_verify.py"


def load_single_file() -> ModuleType:
    spec = importlib.util.spec_from_file_location("basira_verify", SINGLE_FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
