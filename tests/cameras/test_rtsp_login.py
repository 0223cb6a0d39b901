"""Logging in at a camera, by the examples of the standards."""

from __future__ import annotations

import re

import pytest
from pydantic import SecretStr

from basira.cameras.rtsp_login import Login, LoginUnknown

# RFC 2617 §3.5 without its qop is RFC 2069, whose response for these values is widely published.
OLD = (
    'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
    'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)


def fields(header: str) -> dict[str, str]:
    return {key: quoted or plain for key, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}


def test_digest_as_the_older_standard_has_it() -> None:
    login = Login([OLD], "Mufasa", SecretStr("CircleOfLife"))
    told = fields(login.header("GET", "/dir/index.html"))
    assert told["response"] == "1949323746fe6a43ef61f9606e7febea"
    assert told["opaque"] == "5ccc069c403ebaf9f0171e9517f40e41" and "qop" not in told


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_digest_as_rfc_7616_has_it(monkeypatch: pytest.MonkeyPatch, algorithm: str, expected: str) -> None:
    """Its example (§3.9.1), with the client's nonce that it chose."""
    monkeypatch.setattr("secrets.token_hex", lambda _: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
    offer = (
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    login = Login(["Basic realm=x", offer], "Mufasa", SecretStr("Circle of Life"))
    told = fields(login.header("GET", "/dir/index.html"))
    assert (told["response"], told["qop"], told["nc"]) == (expected, "auth", "00000001")
    assert fields(login.header("GET", "/"))["nc"] == "00000002", "a nonce used again is counted"


def test_basic_where_nothing_better_is_offered() -> None:
    login = Login(['Basic realm="camera"'], "Aladdin", SecretStr("open sesame"))
    assert login.header("DESCRIBE", "rtsp://192.0.2.7/") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


@pytest.mark.parametrize("offers", [[], ["Bearer x"], ['Digest realm="x", nonce="y", algorithm=SHA-512-256']])
def test_what_is_not_known_is_said_so(offers: list[str]) -> None:
    with pytest.raises(LoginUnknown):
        Login(offers, "viewer", SecretStr("secret"))


def test_a_name_cannot_write_a_line_of_its_own() -> None:
    with pytest.raises(LoginUnknown):
        Login([OLD], 'viewer"\r\nX-Evil: yes', SecretStr("secret"))
