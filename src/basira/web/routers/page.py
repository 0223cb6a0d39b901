"""The page's own files, as Vite built them into ``web/page``; open to all, for the page is where one logs in."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from basira.base.errors import BasiraError

router = APIRouter(tags=["page"])

FOLDER: Final = Path(__file__).parents[1] / "page"
# Vite names what is in here by its content.
_NAMED_BY_CONTENT: Final = "assets/"


@router.get("/{path:path}", include_in_schema=False)
async def read_page(path: str, request: Request) -> Response:
    """A file of the page; the page itself for any other address, whose meaning the page knows."""
    if path == "api" or path.startswith("api/"):
        raise BasiraError("not_found", status=404)
    files = StaticFiles(directory=FOLDER, check_dir=False)
    found, facts = await run_in_threadpool(files.lookup_path, path)
    if facts is None or not stat.S_ISREG(facts.st_mode):
        if path.startswith(_NAMED_BY_CONTENT):
            raise BasiraError("not_found", status=404)
        path = "index.html"
        found, facts = await run_in_threadpool(files.lookup_path, path)
    if facts is None:
        raise BasiraError("page_not_built", status=404)
    answer = files.file_response(found, facts, request.scope)
    lasting = path.startswith(_NAMED_BY_CONTENT)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
    return answer
