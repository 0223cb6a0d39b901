"""How OpenAPI is told of answers that are not JSON."""

from __future__ import annotations

from typing import Any


def content(media_type: str, *, binary: bool = True) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that answers with ``media_type``."""
    schema = {"type": "string", "format": "binary"} if binary else {"type": "string"}
    return {200: {"content": {media_type: {"schema": schema}}}}


JPEG = content("image/jpeg")
MP4 = content("video/mp4")
PLAYLIST = content("application/vnd.apple.mpegurl", binary=False)
