"""Cameras and their streams as people have set them up."""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from basira.base.errors import BasiraError
from basira.base.identifiers import CameraId, StreamName
from basira.catalogue import schema
from basira.catalogue.kinds import CameraKind as CameraKind
from basira.catalogue.kinds import Transport as Transport
from basira.catalogue.store import Catalogue


class CameraStream(BaseModel):
    """Where one stream of a camera is found. ``url`` never holds credentials; for kind ``file`` it is a path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: StreamName
    url: str = Field(min_length=1, max_length=2000)
    transport: Transport = "tcp"

    @field_validator("url")
    @classmethod
    def _holds_no_credentials(cls, url: str) -> str:
        if "://" in url and "@" in urlsplit(url).netloc:
            raise ValueError("the address must not hold a user name or a password")
        return url


class _Decisions(BaseModel):
    """What a person decides about a camera; the part shared by :class:`Camera` and :class:`CameraChange`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="after")
    def _streams_are_distinct(self) -> Self:
        streams: tuple[CameraStream, ...] | None = getattr(self, "streams", None)
        if streams is not None:
            names = [stream.name for stream in streams]
            if "main" not in names or len(set(names)) != len(names):
                raise ValueError("a camera has one main stream and at most one sub stream")
        return self


class Camera(_Decisions):
    """A camera. ``priority``: the least is stopped first when the disk is short. ``sealed_password`` is opened by
    :mod:`basira.cameras.credentials` alone, and is never dumped."""

    id: CameraId
    name: str = Field(min_length=1, max_length=200)
    kind: CameraKind
    streams: tuple[CameraStream, ...]
    enabled: bool = True
    position: int = 0
    priority: int = Field(0, ge=-100, le=100)
    record_audio: bool = True
    analyse: bool = True
    retention_days: float | None = Field(None, gt=0)
    retention_bytes: int | None = Field(None, gt=0)
    onvif_address: str | None = None
    username: str | None = None
    sealed_password: bytes | None = Field(None, repr=False, exclude=True)
    created_utc_ns: int = 0
    removed_utc_ns: int | None = None

    def stream(self, name: str) -> CameraStream | None:
        return next((stream for stream in self.streams if stream.name == name), None)


class CameraChange(_Decisions):
    """What to change of a camera: only the fields that were set (``model_fields_set``) are touched."""

    name: str = Field("", min_length=1, max_length=200)
    kind: CameraKind = "rtsp"
    streams: tuple[CameraStream, ...] | None = None
    enabled: bool = True
    position: int = 0
    priority: int = Field(0, ge=-100, le=100)
    record_audio: bool = True
    analyse: bool = True
    retention_days: float | None = Field(None, gt=0)
    retention_bytes: int | None = Field(None, gt=0)
    onvif_address: str | None = None
    username: str | None = None
    sealed_password: bytes | None = Field(None, repr=False)


class Cameras:
    """The cameras of this node's site. Every change raises the catalogue's version."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def all(self, *, removed: bool = False) -> list[Camera]:
        """Cameras in the order of the wall; with ``removed``, also those taken away that may still have footage."""
        with self._catalogue.read() as connection:
            return self._select(connection, removed=removed)

    def get(self, camera_id: str) -> Camera:
        """One camera, a removed one too. Raises BasiraError ``camera_not_found``."""
        with self._catalogue.read() as connection:
            return self._one(connection, camera_id)

    def add(self, camera: Camera) -> Camera:
        """Put ``camera`` at the end of the wall and return it as stored. Raises ``camera_exists``."""
        site = self._catalogue.site
        with self._catalogue.change() as connection:
            last = connection.execute(
                select(func.max(schema.cameras.c.position)).where(
                    schema.cameras.c.site == site, schema.cameras.c.removed_utc_ns.is_(None)
                )
            ).scalar_one()
            row = camera.model_dump(exclude={"streams", "removed_utc_ns"})
            row |= {
                "site": site,
                "sealed_password": camera.sealed_password,
                "position": 0 if last is None else last + 1,
                "created_utc_ns": self._catalogue.clock.utc_ns(),
            }
            try:
                connection.execute(insert(schema.cameras).values(row))
            except IntegrityError as error:
                raise BasiraError("camera_exists", status=409, camera=camera.id) from error
            self._put_streams(connection, camera.id, camera.streams)
            return self._one(connection, camera.id)

    def update(self, camera_id: str, change: CameraChange) -> Camera:
        """Apply the fields set in ``change``. Raises ``camera_not_found``, also for a removed camera."""
        with self._catalogue.change() as connection:
            self._present(connection, camera_id)
            values: dict[str, Any] = change.model_dump(exclude_unset=True, exclude={"streams"})
            if values:
                connection.execute(update(schema.cameras).where(*self._is(camera_id)).values(values))
            if change.streams is not None:
                self._put_streams(connection, camera_id, change.streams)
            return self._one(connection, camera_id)

    def remove(self, camera_id: str) -> None:
        """Take the camera away and forget its password; its row stays while it has footage."""
        with self._catalogue.change() as connection:
            self._present(connection, camera_id)
            connection.execute(
                update(schema.cameras)
                .where(*self._is(camera_id))
                .values(removed_utc_ns=self._catalogue.clock.utc_ns(), enabled=False, sealed_password=None)
            )

    def _is(self, camera_id: str) -> tuple[Any, Any]:
        return schema.cameras.c.site == self._catalogue.site, schema.cameras.c.id == camera_id

    def _present(self, connection: Connection, camera_id: str) -> None:
        if self._one(connection, camera_id).removed_utc_ns is not None:
            raise BasiraError("camera_not_found", status=404, camera=camera_id)

    def _one(self, connection: Connection, camera_id: str) -> Camera:
        found = self._select(connection, removed=True, camera_id=camera_id)
        if not found:
            raise BasiraError("camera_not_found", status=404, camera=camera_id)
        return found[0]

    def _put_streams(self, connection: Connection, camera_id: str, streams: tuple[CameraStream, ...]) -> None:
        table, site = schema.camera_streams, self._catalogue.site
        connection.execute(delete(table).where(table.c.site == site, table.c.camera == camera_id))
        connection.execute(
            insert(table),
            [
                {"site": site, "camera": camera_id, "stream": s.name, "url": s.url, "transport": s.transport}
                for s in streams
            ],
        )

    def _select(self, connection: Connection, *, removed: bool, camera_id: str | None = None) -> list[Camera]:
        cameras, streams = schema.cameras, schema.camera_streams
        # One statement, so that a camera is never seen with the streams of another moment.
        query = (
            select(cameras, streams.c.stream, streams.c.url, streams.c.transport)
            .join(streams, (streams.c.site == cameras.c.site) & (streams.c.camera == cameras.c.id))
            .where(cameras.c.site == self._catalogue.site)
            .order_by(cameras.c.position, cameras.c.created_utc_ns, cameras.c.id, streams.c.stream)
        )
        if camera_id is not None:
            query = query.where(cameras.c.id == camera_id)
        if not removed:
            query = query.where(cameras.c.removed_utc_ns.is_(None))
        rows: dict[str, dict[str, Any]] = {}
        for found in connection.execute(query).mappings():
            row = dict(found)
            stream = CameraStream(name=row.pop("stream"), url=row.pop("url"), transport=row.pop("transport"))
            row.pop("site")
            rows.setdefault(row["id"], row | {"streams": ()})["streams"] += (stream,)
        return [Camera.model_validate(row) for row in rows.values()]
