"""A running node for a test module."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.system.node import Node, running_node


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """``basira run`` with a user and no cameras yet."""
    with running_node(tmp_path_factory.mktemp("node"), {}) as running:
        yield running


@pytest.fixture(scope="module")
def client(node: Node) -> Iterator[httpx.Client]:
    logged_in = node.client()
    yield logged_in
    logged_in.close()
