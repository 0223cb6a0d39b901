from __future__ import annotations

import pytest
from pydantic import ValidationError

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.base.errors import BasiraError
from basira.catalogue.cameras import Camera, CameraChange, Cameras, CameraStream
from basira.catalogue.store import Catalogue


def test_a_camera_comes_back_as_it_was_added(catalogue: Catalogue, clock: SimulatedClock, gate: Camera) -> None:
    added = Cameras(catalogue).add(gate)
    assert added == gate.model_copy(update={"created_utc_ns": clock.utc_ns()})
    assert Cameras(catalogue).get("gate") == added


def test_each_new_camera_goes_to_the_end_of_the_wall(catalogue: Catalogue, gate: Camera) -> None:
    cameras = Cameras(catalogue)
    for name in ("gate", "yard", "pier"):
        cameras.add(gate.model_copy(update={"id": name}))
    assert [camera.id for camera in cameras.all()] == ["gate", "yard", "pier"]
    cameras.update("pier", CameraChange(position=-1))
    assert [camera.id for camera in cameras.all()] == ["pier", "gate", "yard"]


def test_only_the_fields_set_in_a_change_are_touched(catalogue: Catalogue, gate: Camera) -> None:
    cameras = Cameras(catalogue)
    before = cameras.add(gate)
    after = cameras.update("gate", CameraChange(name="Gate", retention_days=7))
    assert after == before.model_copy(update={"name": "Gate", "retention_days": 7.0})
    assert cameras.update("gate", CameraChange(retention_days=None)).retention_days is None


def test_streams_are_replaced_as_a_whole(catalogue: Catalogue, gate: Camera) -> None:
    cameras = Cameras(catalogue)
    cameras.add(gate)
    only_main = (CameraStream(name="main", url="rtsp://192.0.2.8/main"),)
    assert cameras.update("gate", CameraChange(streams=only_main)).streams == only_main


def test_a_removed_camera_keeps_its_row_without_its_password(
    catalogue: Catalogue, clock: SimulatedClock, gate: Camera
) -> None:
    cameras = Cameras(catalogue)
    cameras.add(gate)
    clock.advance(5 * NS_PER_S)
    cameras.remove("gate")
    assert cameras.all() == []
    (gone,) = cameras.all(removed=True)
    assert (gone.removed_utc_ns, gone.sealed_password, gone.enabled) == (clock.utc_ns(), None, False)
    with pytest.raises(BasiraError, match="no camera"):
        cameras.update("gate", CameraChange(enabled=True))


def test_every_change_to_a_camera_raises_the_version(catalogue: Catalogue, gate: Camera) -> None:
    cameras = Cameras(catalogue)
    versions = [catalogue.version()]
    cameras.add(gate)
    versions.append(catalogue.version())
    cameras.update("gate", CameraChange(enabled=False))
    versions.append(catalogue.version())
    cameras.remove("gate")
    versions.append(catalogue.version())
    assert versions == sorted(set(versions))


def test_the_same_identifier_twice_is_refused_and_changes_nothing(catalogue: Catalogue, gate: Camera) -> None:
    cameras = Cameras(catalogue)
    cameras.add(gate)
    version = catalogue.version()
    with pytest.raises(BasiraError) as refused:
        cameras.add(gate.model_copy(update={"name": "Other"}))
    assert (refused.value.code, refused.value.status) == ("camera_exists", 409)
    assert catalogue.version() == version
    assert cameras.get("gate").name == gate.name


def test_an_unknown_camera_is_said_to_be_unknown(catalogue: Catalogue) -> None:
    with pytest.raises(BasiraError) as missing:
        Cameras(catalogue).get("nowhere")
    assert (missing.value.code, missing.value.status) == ("camera_not_found", 404)


def test_the_password_is_neither_shown_nor_dumped(gate: Camera) -> None:
    assert "sealed_password" not in gate.model_dump()
    assert "sealed'" not in repr(gate) and "sealed" not in repr(gate)


@pytest.mark.parametrize("names", [(), ("sub",), ("main", "main")])
def test_a_camera_has_one_main_stream(gate: Camera, names: tuple[str, ...]) -> None:
    streams = [{"name": name, "url": "rtsp://192.0.2.7/"} for name in names]
    with pytest.raises(ValidationError):
        Camera.model_validate({"id": "gate", "name": "g", "kind": "rtsp", "streams": streams})


def test_an_address_with_a_password_cannot_be_stored() -> None:
    with pytest.raises(ValidationError):
        CameraStream(name="main", url="rtsp://viewer:secret@192.0.2.7/main")
