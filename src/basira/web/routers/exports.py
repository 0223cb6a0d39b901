"""Exports: ask for one, watch it, fetch its files, cancel or remove it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from basira.web.contents import MP4
from basira.web.guard import CurrentSession
from basira.web.pending import not_there_yet
from basira.web.rooms import TheRooms
from basira.web.shapes.common import Done
from basira.web.shapes.exports import Export, ExportAdd, ExportList

router = APIRouter(prefix="/exports", tags=["exports"])


@router.get("")
def list_exports(rooms: TheRooms) -> ExportList:
    """Newest first."""
    raise not_there_yet()


@router.post("", status_code=201)
def add_export(export: ExportAdd, rooms: TheRooms, session: CurrentSession) -> Export:
    """Ask for an export; the feed tells how it goes."""
    raise not_there_yet()


@router.get("/{export}")
def read_export(export: str, rooms: TheRooms) -> Export:
    raise not_there_yet()


@router.delete("/{export}")
def remove_export(export: str, rooms: TheRooms) -> Done:
    """Cancel if it is not done, and remove its files."""
    raise not_there_yet()


@router.get("/{export}/files/{name}", response_class=Response, responses=MP4)
def read_export_file(export: str, name: str, rooms: TheRooms) -> Response:
    """Download one file; ``Range`` is honoured."""
    raise not_there_yet()
