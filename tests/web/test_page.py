"""The page's files: open to all, never stale, and nothing beside them."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi.testclient import TestClient

from basira.web.guard import SESSION_COOKIE
from basira.web.routers import page
from tests.web.conftest import PASSWORD, Site
from tests.web.serving import serving


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page as Vite builds it."""
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>بصيرة</title>")
    (folder / "assets" / "index-4f2a.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setattr(page, "FOLDER", folder)
    return folder


def test_any_address_of_the_page_is_the_page_and_is_asked_for_anew(visitor: TestClient, built: Path) -> None:
    for path in ("/", "/wall", "/cameras/gate/edit", "/index.html"):
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert "بصيرة" in answer.text
        assert answer.headers["cache-control"] == "no-cache"
        assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_what_is_named_by_its_content_may_be_kept_for_ever(visitor: TestClient, built: Path) -> None:
    answer = visitor.get("/assets/index-4f2a.js")
    assert answer.text == "export {}"
    assert "immutable" in answer.headers["cache-control"]
    assert visitor.get("/assets/index-0000.js").status_code == 404
    again = visitor.get("/assets/index-4f2a.js", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_nothing_outside_the_folder_is_ever_sent(visitor: TestClient, built: Path) -> None:
    for path in ("/link.txt", "/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"):
        assert "secret" not in visitor.get(path).text


def test_an_unknown_api_address_is_no_page(visitor: TestClient, built: Path) -> None:
    answer = visitor.get("/api/nowhere")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_a_page_that_is_not_built_says_so(visitor: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "FOLDER", tmp_path / "nothing")
    assert visitor.get("/").json()["error"]["code"] == "page_not_built"


def test_healthz_needs_no_session_and_tells_nothing_but_that(visitor: TestClient) -> None:
    assert visitor.get("/healthz").json() == {"web": "ok", "recorder": "silent"}


def test_metrics_are_for_this_machine_or_a_session(site: Site, operator: TestClient, visitor: TestClient) -> None:
    assert "basira_login_failures_total" in operator.get("/metrics").text
    with serving(site.app, site.settings) as address, httpx.Client(base_url=f"http://{address}") as local:
        assert 'basira_process_up{process="web"} 1.0' in local.get("/metrics").text
        assert local.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401


def test_over_tls_the_cookie_is_secure_and_the_browser_is_told_to_stay(site: Site, tmp_path: Path) -> None:
    certificate, key = _self_signed(tmp_path)
    context = ssl.create_default_context(cafile=str(certificate))
    with (
        serving(site.app, site.settings, certificate=certificate, key=key) as address,
        httpx.Client(base_url=f"https://{address}", verify=context) as client,
    ):
        answer = client.post("/api/session", json={"username": "noor", "password": PASSWORD})
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"]
        assert client.cookies[SESSION_COOKIE]
        assert client.get("/api/session").status_code == 200


def _self_signed(folder: Path) -> tuple[Path, Path]:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "basira test")])
    now = datetime.datetime.now(datetime.UTC)

    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(private, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files
