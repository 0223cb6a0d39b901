"""Adding and changing cameras as people type them: credentials out of addresses, passwords sealed, nonsense refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr, ValidationError

from basira.base.errors import BasiraError
from basira.base.identifiers import new_identifier
from basira.cameras.addresses import host_and_port, split_credentials
from basira.cameras.credentials import Vault
from basira.catalogue.cameras import Camera, CameraChange, CameraKind, Cameras, CameraStream, Transport


@dataclass(frozen=True, slots=True)
class TypedStream:
    """A stream as a person gave it; the address may hold credentials, for kind ``file`` it is a path."""

    name: str
    url: str
    transport: Transport = "tcp"


class Enrolment:
    """Adds and changes cameras of the catalogue. Web process and command line only."""

    def __init__(self, cameras: Cameras, vault: Vault) -> None:
        self._cameras = cameras
        self._vault = vault

    def add(
        self,
        kind: CameraKind,
        streams: Sequence[TypedStream],
        *,
        camera_id: str | None = None,
        password: SecretStr | None = None,
        **fields: Any,
    ) -> Camera:
        """Add a camera. Credentials in an address count where ``username`` and ``password`` are not given.

        Raises BasiraError ``camera_invalid``, ``camera_address_invalid`` and ``camera_exists``.
        """
        camera_id = camera_id or new_identifier("cam")
        plain, username, found = _plain(kind, streams)
        fields["username"] = fields.get("username") or username
        password = password or found
        sealed = self._vault.seal(camera_id, password) if password else None
        try:
            camera = Camera(id=camera_id, kind=kind, streams=plain, sealed_password=sealed, **fields)
        except ValidationError as error:
            raise _invalid(error) from None
        return self._cameras.add(camera)

    def change(self, camera_id: str, fields: dict[str, Any], streams: Sequence[TypedStream] | None) -> Camera:
        """Change the fields given; ``password`` among them is sealed, None forgets it.

        Raises BasiraError ``camera_not_found``, ``camera_invalid`` and ``camera_address_invalid``.
        """
        fields = dict(fields)
        kind = fields.get("kind") or self._cameras.get(camera_id).kind
        if streams is not None:
            fields["streams"], username, password = _plain(kind, streams)
            if username is not None:
                fields.setdefault("username", username)
            if password is not None:
                fields.setdefault("password", password)
        if "password" in fields:
            password = fields.pop("password")
            fields["sealed_password"] = self._vault.seal(camera_id, password) if password else None
        try:
            change = CameraChange(**fields)
        except ValidationError as error:
            raise _invalid(error) from None
        return self._cameras.update(camera_id, change)


def _plain(
    kind: CameraKind, streams: Sequence[TypedStream]
) -> tuple[tuple[CameraStream, ...], str | None, SecretStr | None]:
    plain: list[CameraStream] = []
    username: str | None = None
    password: SecretStr | None = None
    for stream in streams:
        url = stream.url
        if kind != "file":
            split = split_credentials(url)
            url, username, password = split.url, username or split.username, password or split.password
            host_and_port(url)
        try:
            plain.append(CameraStream.model_validate({"name": stream.name, "url": url, "transport": stream.transport}))
        except ValidationError as error:
            raise _invalid(error) from None
    return tuple(plain), username, password


def _invalid(error: ValidationError) -> BasiraError:
    # The reason only: what was typed may hold a password.
    reason = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
    return BasiraError("camera_invalid", status=422, reason=reason)
