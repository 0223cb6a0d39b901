"""Stream addresses: credentials taken out on input, put in only for FFmpeg, and never shown."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from pydantic import SecretStr

from basira.base.errors import BasiraError

STREAM_SCHEMES = frozenset({"rtsp", "rtsps"})
DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}

# Greedy: a password may hold "/", "?" and "@". Too much hidden in a log line is no harm, too little is.
_USERINFO = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://)[^\s'\"<>]*@")


class SplitAddress(NamedTuple):
    """An address as a person gave it, its credentials apart. ``url`` holds none."""

    url: str
    username: str | None
    password: SecretStr | None


def redact(text: str) -> str:
    """``text`` with user name and password taken out of every address in it."""
    return _USERINFO.sub(r"\1", text)


def split_credentials(address: str) -> SplitAddress:
    """Take ``user:password@`` out of ``address``.

    People paste passwords unquoted, so all up to the *last* ``@`` that can belong to the credentials counts,
    even across a ``/``; percent-encoding is undone. Without a scheme the address is returned as it is.
    """
    address = address.strip()
    scheme, mark, rest = address.partition("://")
    if not mark or "@" not in rest:
        return SplitAddress(address, None, None)
    userinfo, _, host_part = rest.rpartition("@")
    if not _may_be_userinfo(userinfo, host_part):
        return SplitAddress(address, None, None)
    username, colon, password = userinfo.partition(":")
    return SplitAddress(
        f"{scheme}{mark}{host_part}", unquote(username) or None, SecretStr(unquote(password)) if colon else None
    )


def _may_be_userinfo(userinfo: str, host_part: str) -> bool:
    """Whether the part before an ``@`` is credentials rather than the beginning of a path with an ``@`` in it.

    ``host/path@2x`` has a host before its first slash; ``user:pa/ss@host`` has a colon there that no port follows.
    """
    if not host_part:
        return False
    authority, slash, _ = userinfo.partition("/")
    if not slash:
        return True
    before_at, at, _ = authority.partition("@")
    if at:
        return True
    _, colon, port = before_at.partition(":")
    return bool(colon) and not port.isdigit() and not before_at.startswith("[")


def with_credentials(url: str, username: str | None, password: SecretStr | None) -> str:
    """``url`` as FFmpeg wants it. The result is a secret: it may reach FFmpeg and nothing else."""
    if not username:
        return url
    scheme, mark, rest = url.partition("://")
    secret = f":{quote(password.get_secret_value(), safe='')}" if password is not None else ""
    return f"{scheme}{mark}{quote(username, safe='')}{secret}@{rest}"


def host_and_port(url: str) -> tuple[str, int]:
    """Where to connect. Raises BasiraError ``camera_address_invalid`` for anything but an RTSP address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BasiraError("camera_address_invalid", address=redact(url)) from None
    # The address becomes a line of a request: a space or a line break in it would begin another.
    if not url.isprintable() or " " in url:
        raise BasiraError("camera_address_invalid", address=redact(url))
    if parts.scheme not in STREAM_SCHEMES or not parts.hostname:
        raise BasiraError("camera_address_invalid", address=redact(url))
    return parts.hostname, port or DEFAULT_PORTS[parts.scheme]
