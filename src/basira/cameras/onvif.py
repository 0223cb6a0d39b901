"""What an ONVIF camera says of itself: device, profiles, stream addresses, clock.

Runs in the probe's process only: the ONVIF library configures logging on import and reads whatever XML it is sent.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import zeep.exceptions
from onvif import ONVIFCamera
from onvif.exceptions import ONVIFAuthError, ONVIFError, ONVIFTimeoutError
from pydantic import SecretStr

from basira.base.errors import BasiraError
from basira.cameras.addresses import DEFAULT_PORTS, host_and_port, redact, split_credentials

_MAX_PROFILES = 16
_MAX_ANSWER_BYTES = 1 << 20
_MAX_LENGTH = 200
_MAX_PIXELS = 65_535
_STATUS_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class OnvifProfile:
    """A stream the camera offers. ``url`` holds no credentials; sizes are 0 when the camera does not say."""

    name: str
    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class OnvifDevice:
    """``clock_ahead_s``: how far the camera's clock is ahead of ours, to about a second. Largest profile first."""

    manufacturer: str
    model: str
    firmware: str
    clock_ahead_s: float
    profiles: tuple[OnvifProfile, ...]

    def main_and_sub(self) -> list[OnvifProfile]:
        """The profile with the most pixels, and the one with the fewest if it is another."""
        return list(dict.fromkeys((self.profiles[0], self.profiles[-1])))


def onvif_host_and_port(address: str) -> tuple[str, int]:
    """From what a person types: a host, ``host:port`` or the whole address of the device service.

    Raises BasiraError ``onvif_address_invalid``.
    """
    url = split_credentials(address).url
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BasiraError("onvif_address_invalid", address=redact(address)) from None
    if not host or parts.scheme not in ("http", "https"):
        raise BasiraError("onvif_address_invalid", address=redact(address))
    return host, port or DEFAULT_PORTS[parts.scheme]


class _BoundedAnswer(aiohttp.ClientResponse):
    """What a camera answers, read only as far as a camera has anything to say."""

    async def read(self) -> bytes:
        body = bytearray()
        async for chunk in self.content.iter_chunked(65_536):
            body += chunk
            if len(body) > _MAX_ANSWER_BYTES:
                self.close()
                raise BasiraError("onvif_not_understood", reason=f"more than {_MAX_ANSWER_BYTES} bytes")
        return bytes(body)


class _Camera(ONVIFCamera):  # type: ignore[misc]
    """The library's client with answers of bounded length."""

    def __init__(self, host: str, port: int, username: str, password: str, session: aiohttp.ClientSession) -> None:
        super().__init__(host, port, username, password, no_cache=True, adjust_time=True)
        self._session = session

    async def create_onvif_service(self, *arguments: Any, **options: Any) -> Any:
        service = await super().create_onvif_service(*arguments, **options)
        service.transport.session = self._session
        return service


async def read_device(
    address: str, username: str | None, password: SecretStr | None, *, timeout_s: float = 15.0
) -> OnvifDevice:
    """Ask the camera at ``address``. Raises BasiraError with what a person can do about it."""
    host, port = onvif_host_and_port(address)
    secret = password.get_secret_value() if password is not None else ""
    connector = aiohttp.TCPConnector(ssl=False)  # cameras sign their own certificates
    async with aiohttp.ClientSession(connector=connector, response_class=_BoundedAnswer) as session:
        camera = _Camera(host, port, username or "", secret, session)
        failure: BasiraError
        try:
            async with asyncio.timeout(timeout_s):
                return await _read(camera, host)
        except BasiraError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - what a hostile or broken peer makes the library raise is open-ended
            failure = _explain(error, host, port, timeout_s)
        finally:
            await camera.close()
    if failure.code == "onvif_not_understood":
        # Asked once more, what is no ONVIF camera at all may say so.
        status = await _status(host, port)
        if status in (401, 403):
            failure = BasiraError("onvif_refused_password")
        elif status in (404, 405, 501):
            failure = BasiraError("onvif_not_spoken", host=host, port=port)
    raise failure  # outside "except": the library's errors may quote the request, password digest and all


async def _read(camera: Any, host: str) -> OnvifDevice:
    await camera.update_xaddrs()
    # Behind address translation cameras name themselves by an address that cannot be reached from here.
    camera.xaddrs = {name: _at_host(url, host) for name, url in camera.xaddrs.items()}
    device = await (await camera.create_devicemgmt_service()).GetDeviceInformation()
    media = await camera.create_media_service()
    profiles = []
    for profile in (await media.GetProfiles() or [])[:_MAX_PROFILES]:
        if profile.VideoEncoderConfiguration is not None:
            found = await _read_profile(media, profile, host)
            if found is not None:
                profiles.append(found)
    if not profiles:
        raise BasiraError("onvif_no_profiles")
    return OnvifDevice(
        manufacturer=_text(device.Manufacturer),
        model=_text(device.Model),
        firmware=_text(device.FirmwareVersion),
        clock_ahead_s=camera.dt_diff.total_seconds() if camera.dt_diff is not None else 0.0,
        profiles=tuple(sorted(profiles, key=lambda profile: -profile.width * profile.height)),
    )


async def _read_profile(media: Any, profile: Any, host: str) -> OnvifProfile | None:
    """None when the camera gives no address of a stream for it."""
    answer = await media.GetStreamUri(
        {"StreamSetup": {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}, "ProfileToken": profile.token}
    )
    try:
        url = _at_host(split_credentials(str(answer.Uri)).url, host)
        host_and_port(url)
    except (ValueError, BasiraError):
        return None
    size = profile.VideoEncoderConfiguration.Resolution
    return OnvifProfile(
        name=_text(profile.Name or profile.token),
        url=url,
        width=_pixels(size.Width) if size is not None else 0,
        height=_pixels(size.Height) if size is not None else 0,
    )


def _text(said: object) -> str:
    """What a camera says of itself, cut to size."""
    return str(said or "")[:_MAX_LENGTH]


def _pixels(said: object) -> int:
    return said if isinstance(said, int) and 0 <= said <= _MAX_PIXELS else 0


def _at_host(url: str, host: str) -> str:
    """``url`` on the host the person named, whatever host the camera believes to have; port and path kept."""
    parts = urlsplit(url)
    shown = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=f"{shown}:{parts.port}" if parts.port else shown).geturl()


def _explain(error: Exception, host: str, port: int, timeout_s: float) -> BasiraError:
    if isinstance(error, TimeoutError | ONVIFTimeoutError | aiohttp.ServerTimeoutError):
        return BasiraError("onvif_silent", host=host, port=port, seconds=round(timeout_s))
    if isinstance(error, ONVIFAuthError) or _is_refusal(error):
        return BasiraError("onvif_refused_password")
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = os.strerror(error.os_error.errno) if error.os_error.errno else "no such host"
        return BasiraError("camera_unreachable", host=host, port=port, reason=reason)
    if isinstance(error, ONVIFError | zeep.exceptions.Error | aiohttp.ClientError | SyntaxError):
        return BasiraError("onvif_not_spoken", host=host, port=port)
    # zeep falls over its own feet on an error page with a body that is not XML: AttributeError.
    return BasiraError("onvif_not_understood", reason=type(error).__name__)


async def _status(host: str, port: int) -> int:
    """The HTTP status with which the device service answers an empty request; 0 when it does not answer."""
    shown = f"[{host}]" if ":" in host else host
    timeout = aiohttp.ClientTimeout(total=_STATUS_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(f"http://{shown}:{port}/onvif/device_service") as answer,
        ):
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return 0


def _is_refusal(error: Exception) -> bool:
    if isinstance(error, zeep.exceptions.TransportError):
        return error.status_code in (401, 403)
    if isinstance(error, zeep.exceptions.Fault):
        told = f"{error.message} {error.code} {' '.join(str(code) for code in error.subcodes or [])}".lower()
        return any(word in told for word in ("notauthorized", "not authorized", "unauthorized", "failedauthentication"))
    return False
