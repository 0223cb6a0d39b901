"""ONVIF devices that answer a WS-Discovery probe on the local network. Runs in the probe's process only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote, urlsplit

from wsdiscovery import QName
from wsdiscovery.discovery import ThreadedWSDiscovery

from basira.cameras.probe import FoundDevice

_NETWORK_VIDEO: Final = QName("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter")
_SCOPE: Final = "onvif://www.onvif.org/"
_MAX_DEVICES: Final = 500
_MAX_SCOPES: Final = 50
_MAX_LENGTH: Final = 200


def devices_on_network(wait_s: float) -> list[FoundDevice]:
    """Ask by multicast and listen for ``wait_s``. Devices by address, each once."""
    asking = ThreadedWSDiscovery()
    asking.start()
    try:
        services = asking.searchServices(types=[_NETWORK_VIDEO], timeout=wait_s)
        answers = [(service.getXAddrs(), [str(scope) for scope in service.getScopes()]) for service in services]
    finally:
        asking.stop()
    return devices_of(answers)


def devices_of(answers: Iterable[tuple[list[str], list[str]]]) -> list[FoundDevice]:
    """From each answer's addresses and scopes to what is shown. What a device says of itself is cut to size."""
    found: dict[str, FoundDevice] = {}
    for addresses, scopes in answers:
        address = next((shown for url in addresses if (shown := _shown_address(url))), None)
        if address is not None and len(found) < _MAX_DEVICES:
            found[address] = FoundDevice(
                address=address,
                name=_scope(scopes, "name/"),
                hardware=_scope(scopes, "hardware/"),
                scopes=tuple(scope[:_MAX_LENGTH] for scope in scopes[:_MAX_SCOPES]),
            )
    return [found[address] for address in sorted(found)]


def _shown_address(url: str) -> str | None:
    """``192.168.1.20`` or ``192.168.1.20:8080`` from a device service's address; None when it is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    host = f"[{host}]" if ":" in host else host
    if parts.scheme == "https":
        return f"https://{host}:{port}" if port else f"https://{host}"
    return f"{host}:{port}" if port and port != 80 else host


def _scope(scopes: list[str], kind: str) -> str:
    told = next((scope for scope in scopes if scope.startswith(_SCOPE + kind)), "")
    return unquote(told.removeprefix(_SCOPE + kind))[:_MAX_LENGTH]
