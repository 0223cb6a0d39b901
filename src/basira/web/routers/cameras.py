"""Cameras: list, add, read, edit, remove, test, discover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from fastapi import APIRouter
from pydantic import SecretStr

from basira.base.errors import BasiraError
from basira.cameras.enrolment import TypedStream
from basira.cameras.probe import ProbeRequest, discover, probe
from basira.web.guard import CurrentSession
from basira.web.rooms import KnownCamera, Rooms, TheRooms
from basira.web.shapes.cameras import (
    Camera,
    CameraAdd,
    CameraEdit,
    CameraList,
    CameraState,
    CameraStream,
    CameraTest,
    CameraTestAnswer,
    Discovered,
    camera_shape,
    state_shape,
)
from basira.web.shapes.common import Done

router = APIRouter(prefix="/cameras", tags=["cameras"])


def _state(rooms: Rooms, camera: str) -> CameraState:
    return state_shape(rooms.recorder.streams(camera))


def _typed(streams: Sequence[CameraStream]) -> list[TypedStream]:
    return [TypedStream(stream.name, stream.url, stream.transport) for stream in streams]


@router.get("")
def list_cameras(rooms: TheRooms) -> CameraList:
    """Cameras in the order of the wall."""
    return CameraList(cameras=[camera_shape(camera, _state(rooms, camera.id)) for camera in rooms.cameras.all()])


@router.post("", status_code=201)
def add_camera(camera: CameraAdd, rooms: TheRooms) -> Camera:
    """Add a camera; the recorder starts on it at once. Credentials in a stream's address are taken out of it."""
    fields = camera.model_dump(exclude={"id", "kind", "streams", "password"})
    added = rooms.enrolment.add(
        camera.kind,
        _typed(camera.streams),
        camera_id=camera.id,
        password=SecretStr(camera.password) if camera.password else None,
        **fields,
    )
    return camera_shape(added, _state(rooms, added.id))


@router.post("/test")
def test_camera(test: CameraTest, rooms: TheRooms, session: CurrentSession) -> CameraTestAnswer:
    """Connect, and say what was found and what to change. Nothing is saved; ``ok: false`` says why it failed."""
    # The answer holds a picture: whoever asks sees through a camera, known to this node or not.
    rooms.access_log.record("live", session.user.name)
    request = ProbeRequest(
        kind=test.kind,
        url=test.url,
        address=test.address,
        username=test.username,
        password=SecretStr(test.password) if test.password else None,
        transport=test.transport,
    )
    with _turn(rooms):
        return CameraTestAnswer.model_validate(probe(request).model_dump())


@router.post("/discover")
def discover_cameras(rooms: TheRooms) -> Discovered:
    """Ask the local network for ONVIF cameras (WS-Discovery); takes a few seconds."""
    with _turn(rooms):
        return Discovered.model_validate({"devices": [device.model_dump() for device in discover()]})


@contextmanager
def _turn(rooms: Rooms) -> Iterator[None]:
    if not rooms.testing.acquire(blocking=False):
        raise BasiraError("camera_test_busy", status=503)
    try:
        yield
    finally:
        rooms.testing.release()


@router.get("/{camera}")
def read_camera(camera: KnownCamera, rooms: TheRooms) -> Camera:
    return camera_shape(camera, _state(rooms, camera.id))


@router.patch("/{camera}")
def edit_camera(camera: KnownCamera, edit: CameraEdit, rooms: TheRooms) -> Camera:
    """Change the fields that are present."""
    fields = edit.model_dump(exclude_unset=True, exclude={"streams"})
    if "password" in fields:
        fields["password"] = SecretStr(edit.password) if edit.password else None
    streams = _typed(edit.streams) if "streams" in edit.model_fields_set else None
    return camera_shape(rooms.enrolment.change(camera.id, fields, streams), _state(rooms, camera.id))


@router.delete("/{camera}")
def remove_camera(camera: KnownCamera, rooms: TheRooms) -> Done:
    """Stop recording the camera and forget its password. Its footage stays until retention takes it."""
    rooms.cameras.remove(camera.id)
    return Done()
