"""The OpenAPI document tells the truth: whatever is sent, the answer is one that it describes, and never a crash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from basira.base.clock import SystemClock
from basira.base.settings import Settings
from basira.web.app import create_app
from basira.web.guard import CSRF_HEADER
from basira.web.routers.schema import openapi_of
from tests.replay.store import Store
from tests.web.conftest import PASSWORD, new_site
from tests.web.serving import serving

# What there is at the node, so that more is asked than whether made-up things exist.
_KNOWN: dict[str, list[Any]] = {"camera": ["gate"], "recording": [1, 2], "segment": [0, 1, 99]}


def _document() -> dict[str, Any]:
    """The document for one who is logged in (else made-up sessions would be sent) and knows the node."""
    document = openapi_of(create_app(Settings(), SystemClock()))
    del document["components"]["securitySchemes"]
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path" and parameter["name"] in _KNOWN:
                    parameter["schema"] = {"enum": _KNOWN[parameter["name"]]}
    return document


# These end what the others need (session, camera), start processes or post to made-up addresses. Each has its tests.
_LEFT_OUT = [
    "log_out", "log_in", "change_password", "test_camera", "discover_cameras", "test_webhook", "remove_camera",
]  # fmt: skip
schema = schemathesis.openapi.from_dict(_document()).exclude(operation_id=_LEFT_OUT)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, clips: Path, six_seconds: Path) -> Iterator[requests.Session]:
    """A logged-in session at a node that has recorded something; ``browser.params`` is left alone."""
    site = new_site(tmp_path_factory.mktemp("schema"))
    site.add_camera("gate")
    store = Store(site.settings.data_dir)
    store.record(six_seconds, stream=site.stream("gate"))
    with serving(site.app, site.settings) as address, requests.Session() as session:
        session.headers["X-Test-Address"] = f"http://{address}"
        answer = session.post(f"http://{address}/api/session", json={"username": "noor", "password": PASSWORD})
        session.headers[CSRF_HEADER] = answer.json()["csrf_token"]
        yield session
    store.close()


@schema.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_answer_is_as_described(case: Case[Any], browser: requests.Session) -> None:
    response = case.call(base_url=str(browser.headers["X-Test-Address"]), session=browser)
    case.validate_response(response, checks=[not_a_server_error, content_type_conformance, response_schema_conformance])
    if response.status_code >= 400:
        assert set(response.json()["error"]) == {"code", "message", "params", "request_id"}
