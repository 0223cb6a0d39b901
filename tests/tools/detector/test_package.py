from __future__ import annotations

from pathlib import Path

import pytest

from tools.detector import package


def test_weights_that_are_not_the_known_ones_are_refused(tmp_path: Path) -> None:
    for name in package.FILES:
        (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(package.WrongBytes, match="SHA-256"):
        package.fetch(tmp_path)
