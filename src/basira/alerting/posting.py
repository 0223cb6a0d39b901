"""One signed POST to an address that a person typed, as carefully as such an address deserves.

HTTP and HTTPS only; no redirects; no proxies from the environment; the address is resolved once, judged, and then
connected to, so that a name cannot point elsewhere in between; the answer's body is not kept.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError

_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
SIGNATURE_HEADER: Final = "X-Basira-Signature"
DELIVERY_HEADER: Final = "X-Basira-Delivery"


@dataclass(frozen=True, slots=True)
class Posted:
    """The HTTP status of the answer; accepted when 2xx."""

    status: int

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300


def check_webhook_url(url: str) -> None:
    """Raises BasiraError ``webhook_url_invalid`` for what is not a plain HTTP address, or holds credentials."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise BasiraError("webhook_url_invalid", status=422) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise BasiraError("webhook_url_invalid", status=422)


def signature(secret: SecretStr, body: bytes, at_s: int) -> str:
    """``t=<seconds>,v1=<hex>``: HMAC-SHA256 of ``"<seconds>." + body``, so that an old body cannot be sent again."""
    signed = hmac.new(secret.get_secret_value().encode(), f"{at_s}.".encode() + body, hashlib.sha256)
    return f"t={at_s},v1={signed.hexdigest()}"


class Poster:
    """Posts to webhooks. Thread-safe. ``loopback`` allows addresses of this machine itself."""

    def __init__(self, *, loopback: bool = False) -> None:
        self._loopback = loopback
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def post(self, url: str, body: bytes, *, secret: SecretStr | None, delivery: str, utc_ns: int) -> Posted:
        """Raises BasiraError ``webhook_url_invalid``, ``webhook_address_refused`` or ``webhook_unreachable``."""
        check_webhook_url(url)
        parts = urlsplit(url)
        assert parts.hostname is not None
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = self._resolve(parts.hostname, port)
        pinned = httpx.URL(url).copy_with(host=address)
        headers = {"Host": parts.netloc, "Content-Type": "application/json", DELIVERY_HEADER: delivery}
        headers["User-Agent"] = "Basira"
        if secret is not None:
            headers[SIGNATURE_HEADER] = signature(secret, body, utc_ns // NS_PER_S)
        extensions = {"sni_hostname": parts.hostname}
        try:
            with self._client.stream("POST", pinned, content=body, headers=headers, extensions=extensions) as answer:
                return Posted(answer.status_code)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise BasiraError("webhook_unreachable", status=502, reason=type(error).__name__) from None

    def _resolve(self, host: str, port: int) -> str:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise BasiraError("webhook_unreachable", status=502, reason="name not found") from None
        addresses = [str(entry[4][0]) for entry in found]
        for address in addresses:
            if not self._may_connect(address):
                raise BasiraError("webhook_address_refused", status=422)
        return addresses[0]

    def _may_connect(self, address: str) -> bool:
        """Not where cloud metadata lives, nor to many, nor (unless set) to this machine. Private networks are fine:
        that is where a control room's other systems are."""
        ip = ipaddress.ip_address(address.partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if ip.is_loopback:
            return self._loopback
        return not (ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved)
