"""Exports: ask for one, watch it, fetch its files, cancel or remove it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from basira.base.errors import BasiraError
from basira.custody.home import CustodyHome
from basira.custody.standing import read_standing
from basira.web.contents import EXPORTED
from basira.web.file_answer import FileAnswer
from basira.web.guard import CurrentSession
from basira.web.rooms import TheRooms
from basira.web.shapes.common import Done, span_ns
from basira.web.shapes.exports import Export, ExportAdd, ExportList, export_shape

router = APIRouter(prefix="/exports", tags=["exports"])


@router.get("")
def list_exports(rooms: TheRooms) -> ExportList:
    """Newest first."""
    return ExportList(exports=[export_shape(export) for export in rooms.exports.all()])


@router.post("", status_code=201)
def add_export(export: ExportAdd, rooms: TheRooms, session: CurrentSession) -> Export:
    """Ask for an export; the feed tells how it goes. 404 ``nothing_recorded`` when the span holds nothing.

    Evidence is refused with 409 while no quorum of witnesses vouches for the log.
    """
    start_ns, end_ns = span_ns(export.start_us, export.end_us)
    cameras = tuple(rooms.cameras.get(camera).id for camera in dict.fromkeys(export.cameras))
    rooms.export_worker.estimate_bytes(cameras, export.stream, start_ns, end_ns)
    if export.evidence:
        problem = read_standing(CustodyHome(rooms.settings, rooms.catalogue.site)).problem
        if problem is not None:
            raise problem
    rooms.access_log.record("export", session.user.name, cameras, export.stream, (start_ns, end_ns))
    asked = rooms.exports.request(
        cameras, export.stream, start_ns, end_ns, by=session.user.name, evidence=export.evidence
    )
    rooms.export_worker.wake()
    return export_shape(asked)


@router.get("/{export}")
def read_export(export: str, rooms: TheRooms) -> Export:
    return export_shape(rooms.exports.get(export))


@router.delete("/{export}")
def remove_export(export: str, rooms: TheRooms) -> Done:
    """Cancel if it is not done, and remove its files."""
    rooms.export_worker.remove(export)
    return Done()


@router.get("/{export}/files/{name}", response_class=Response, responses=EXPORTED)
def read_export_file(export: str, name: str, rooms: TheRooms, request: Request, session: CurrentSession) -> Response:
    """Download one file; ``Range`` is honoured. Whoever takes it is written down, asked for it or not."""
    asked = rooms.exports.get(export)
    listed = next((file for file in asked.files if file.name == name), None)
    span = (asked.start_utc_ns, asked.end_utc_ns)
    rooms.access_log.record("export", session.user.name, asked.cameras, asked.stream, span)
    try:
        file = rooms.export_worker.file(export, name).open("rb")
    except FileNotFoundError:
        listed = None
    if listed is None:
        raise BasiraError("not_found", status=404)
    media_type = "application/zip" if asked.evidence else "video/mp4"
    headers = {"Content-Disposition": f'attachment; filename="{listed.name}"'}
    return FileAnswer(request, file, listed.bytes, media_type, etag=f'"{listed.sha256}"', headers=headers)
