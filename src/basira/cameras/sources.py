"""From a camera in the catalogue to a connection to one of its streams."""

from __future__ import annotations

from pathlib import Path

from basira.base.clock import Clock
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamName
from basira.cameras.credentials import Vault
from basira.cameras.files import FileSource
from basira.cameras.packets import Source
from basira.cameras.rtsp import RtspAddress, RtspSource
from basira.catalogue.cameras import Camera


def source_of(camera: Camera, stream_name: StreamName, *, vault: Vault, clock: Clock, cache_dir: Path) -> Source:
    """A source, not yet open, for that stream. ``cache_dir`` keeps encoded copies of files that play cameras.

    Raises BasiraError ``not_found`` when the camera has no such stream, ``credentials_unreadable``.
    """
    stream = camera.stream(stream_name)
    if stream is None:
        raise BasiraError("not_found", status=404)
    if camera.kind == "file":
        return FileSource(Path(stream.url), clock, cache_dir=cache_dir, with_audio=camera.record_audio)
    password = vault.unseal(camera.id, camera.sealed_password) if camera.sealed_password else None
    address = RtspAddress(stream.url, camera.username, password, stream.transport)
    return RtspSource(address, clock, with_audio=camera.record_audio)
