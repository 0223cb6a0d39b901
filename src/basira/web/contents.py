"""How OpenAPI is told of answers that are not JSON."""

from __future__ import annotations

from typing import Any


def content(media_type: str, *, binary: bool = True) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that answers with ``media_type``."""
    schema = {"type": "string", "format": "binary"} if binary else {"type": "string"}
    return {200: {"content": {media_type: {"schema": schema}}}}


JPEG = content("image/jpeg")
TEXT = content("text/plain", binary=False)
MP4 = content("video/mp4")
EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {"content": MP4[200]["content"] | content("application/zip")[200]["content"]}
}
PLAYLIST = content("application/vnd.apple.mpegurl", binary=False)
