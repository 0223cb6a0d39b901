"""One table for the whole run, printed at its end."""

from __future__ import annotations

import pytest

from tests.faults.table import Matrix, table

_MATRIX = pytest.StashKey[Matrix]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    matrix = config.stash.get(_MATRIX, Matrix())
    if matrix.rows or matrix.figures:
        terminalreporter.section("fault matrix")
        terminalreporter.write(table(list(matrix.rows.values())))
        terminalreporter.write("".join(f"{figure}\n" for figure in matrix.figures))


@pytest.fixture
def matrix(request: pytest.FixtureRequest) -> Matrix:
    """Where a test writes down what it injected and what came of it."""
    return request.config.stash.setdefault(_MATRIX, Matrix())
