"""Cameras: list, add, read, edit, remove, test, discover."""

from __future__ import annotations

from fastapi import APIRouter

from basira.base.identifiers import CameraId
from basira.web.pending import not_there_yet
from basira.web.rooms import TheRooms
from basira.web.shapes.cameras import (
    Camera,
    CameraAdd,
    CameraEdit,
    CameraList,
    CameraTest,
    CameraTestAnswer,
    Discovered,
)
from basira.web.shapes.common import Done

router = APIRouter(prefix="/cameras", tags=["cameras"])


@router.get("")
def list_cameras(rooms: TheRooms) -> CameraList:
    """Cameras in the order of the wall."""
    raise not_there_yet()


@router.post("", status_code=201)
def add_camera(camera: CameraAdd, rooms: TheRooms) -> Camera:
    """Add a camera; the recorder starts on it at once."""
    raise not_there_yet()


@router.post("/test")
def test_camera(test: CameraTest, rooms: TheRooms) -> CameraTestAnswer:
    """Connect, and say what was found and what to change. Nothing is saved; ``ok: false`` says why it failed."""
    raise not_there_yet()


@router.post("/discover")
def discover_cameras(rooms: TheRooms) -> Discovered:
    """Ask the local network for ONVIF cameras (WS-Discovery); takes a few seconds."""
    raise not_there_yet()


@router.get("/{camera}")
def read_camera(camera: CameraId, rooms: TheRooms) -> Camera:
    raise not_there_yet()


@router.patch("/{camera}")
def edit_camera(camera: CameraId, edit: CameraEdit, rooms: TheRooms) -> Camera:
    """Change the fields that are present."""
    raise not_there_yet()


@router.delete("/{camera}")
def remove_camera(camera: CameraId, rooms: TheRooms) -> Done:
    """Stop recording the camera and forget its password. Its footage stays until retention takes it."""
    raise not_there_yet()
