"""The log over HTTP, read only: checkpoint, tiles and entry bundles of each generation.

The newest generation is at the root, each one also below ``/log/<generation>/``. Nothing beyond the published
checkpoint is served, so that what was served once never changes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Response

from basira.custody.checkpoint import Checkpoint
from basira.custody.home import CustodyHome
from basira.custody.note import Note
from basira.custody.tiles import TILE_HEIGHT, TILE_WIDTH, tile_path

_TILE: Final = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def tile_of(path: str) -> tuple[int | str, int, int] | None:
    """Level, number and width of a tile path; None when it is not exactly one."""
    match = _TILE.fullmatch(path)
    if match is None:
        return None
    level: int | str = match[1] if match[1] == "entries" else int(match[1])
    number = int(match[2].replace("x", "").replace("/", ""))
    width = TILE_WIDTH if match[3] is None else int(match[3])
    if width > TILE_WIDTH or (isinstance(level, int) and level > 63):
        return None
    return (level, number, width) if tile_path(level, number, width) == path else None


def _published_size(folder: Path) -> int:
    try:
        return Checkpoint.parse(Note.parse((folder / "checkpoint").read_bytes()).text).size
    except OSError:
        return 0


def _file(folder: Path, path: str) -> Response:
    if path == "checkpoint" and (folder / path).exists():
        headers = {"Cache-Control": "max-age=5"}
        return Response((folder / path).read_bytes(), headers=headers, media_type="text/plain; charset=utf-8")
    tile = tile_of(path)
    if tile is not None and (folder / path).is_file():
        level, number, width = tile
        depth = 0 if level == "entries" else int(level)
        if number * TILE_WIDTH + width <= _published_size(folder) >> (TILE_HEIGHT * depth):
            headers = {"Cache-Control": "public, max-age=31536000, immutable"}
            return Response((folder / path).read_bytes(), headers=headers, media_type="application/octet-stream")
    return Response("no such part of the log\n", 404, media_type="text/plain; charset=utf-8")


def make_app(home: CustodyHome) -> FastAPI:
    """The application; it only ever reads the tile folders."""
    app = FastAPI(title="Basira log", openapi_url=None, docs_url=None, redoc_url=None)
    logs = home.tiles_path(1).parent

    @app.get("/log/{generation:int}/{path:path}")
    def of_generation(generation: int, path: str) -> Response:
        return _file(home.tiles_path(generation), path)

    @app.get("/{path:path}")
    def newest(path: str) -> Response:
        generations = [int(folder.name) for folder in logs.glob("[0-9]*")] if logs.exists() else []
        return _file(home.tiles_path(max(generations, default=1)), path)

    return app
