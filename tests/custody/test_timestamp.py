"""A time stamp from ``openssl ts`` is fetched, checked, and refused for anything else than what was stamped."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from rfc3161_client import TimestampRequestBuilder

from basira.base.errors import BasiraError
from basira.custody.timestamp import ask_for_timestamp, check_timestamp, load_roots
from tests.custody.serving import serving

_CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = Test authority
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
[tsa_cert]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
"""


class Authority:
    """``openssl ts`` as a time-stamping authority, by way of files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "ca.pem"
        (folder / "conf").write_text(_CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "conf"]
        self._openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-extensions", "ca", "-days", "30")
        self._openssl("req", "-new", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test TSA")
        self._openssl(
            "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "conf", "-extensions", "tsa_cert", "-out", "tsa.pem",
        )  # fmt: skip

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def answer(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        # Without -chain or certs: openssl writes several certificates as an unsorted SET, which strict readers refuse.
        self._openssl("ts", "-reply", "-config", "conf", "-queryfile", "query", "-out", "reply")
        return (self.folder / "reply").read_bytes()


def query_of(data: bytes) -> bytes:
    """What a client asks an authority."""
    return TimestampRequestBuilder().data(data).cert_request(cert_request=True).build().as_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def url(authority: Authority) -> Iterator[str]:
    app = FastAPI()

    @app.post("/")
    async def stamp(request: Request) -> Response:
        assert request.headers["content-type"] == "application/timestamp-query"
        return Response(await run_in_threadpool(authority.answer, await request.body()))

    @app.post("/broken")
    async def broken() -> Response:
        return Response(b"nonsense")

    with serving(app) as address:
        yield address


def test_what_was_stamped_has_a_time_and_nothing_else_has(url: str, authority: Authority) -> None:
    token = ask_for_timestamp(f"{url}/", b"a manifest")
    roots = load_roots(authority.root)
    stamped = check_timestamp(token, b"a manifest", roots)
    assert abs((datetime.now(UTC) - stamped.astimezone(UTC)).total_seconds()) < 600
    with pytest.raises(ValueError, match=r"."):
        check_timestamp(token, b"another manifest", roots)


def test_openssl_itself_accepts_the_token(url: str, authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(b"a manifest")
    (tmp_path / "manifest.tsr").write_bytes(ask_for_timestamp(f"{url}/", b"a manifest"))
    arguments = ["-data", "manifest.json", "-in", "manifest.tsr", "-CAfile", str(authority.root)]
    subprocess.run(["openssl", "ts", "-verify", *arguments], cwd=tmp_path, check=True, capture_output=True)


def test_another_authority_is_not_believed(url: str, tmp_path: Path) -> None:
    stranger = Authority(tmp_path)
    token = ask_for_timestamp(f"{url}/", b"a manifest")
    with pytest.raises(ValueError, match=r"."):
        check_timestamp(token, b"a manifest", load_roots(stranger.root))


@pytest.mark.parametrize("path", ["/broken", "/nowhere"])
def test_an_authority_that_answers_nonsense_is_told_as_such(url: str, path: str) -> None:
    with pytest.raises(BasiraError, match="time-stamping"):
        ask_for_timestamp(url + path, b"a manifest")
