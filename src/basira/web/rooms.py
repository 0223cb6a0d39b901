"""What the routers may call: the rooms above, opened once per web process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Annotated, Final, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from basira.access.sessions import Sessions
from basira.access.throttle import LoginThrottle
from basira.access.users import Users
from basira.alerting.couriers import Courier, Couriers
from basira.alerting.feed import Feed
from basira.alerting.health import Health
from basira.alerting.posting import Poster
from basira.alerting.recorder import RecorderWatch
from basira.alerting.usage import UsageReader
from basira.alerting.watch import Watch
from basira.analysis.store import EventReader, read_events
from basira.base.clock import Clock
from basira.base.identifiers import CameraId, StreamKey
from basira.base.settings import Settings
from basira.cameras.credentials import Vault
from basira.cameras.enrolment import Enrolment
from basira.catalogue.cameras import Camera, Cameras
from basira.catalogue.exports import Exports
from basira.catalogue.holds import Holds
from basira.catalogue.reviews import Reviews
from basira.catalogue.store import Catalogue, open_catalogue
from basira.catalogue.webhooks import Webhooks
from basira.catalogue.zones import Zones
from basira.custody.acts.access_log import AccessLog
from basira.custody.acts.spool import ActSpool
from basira.custody.bundle import BundleMaker
from basira.custody.home import CustodyHome
from basira.databases.sqlite import open_database
from basira.replay.export_worker import ExportWorker
from basira.replay.footage import Footage
from basira.replay.live import LiveHub
from basira.replay.pictures import Pictures
from basira.replay.transcode import Transcoding
from basira.replay.transcoded_live import TranscodedLive
from basira.web.alarm_log import AlarmLog
from basira.web.metrics import Metrics

_MOST_CAMERA_TESTS: Final = 4


@dataclass(frozen=True, slots=True)
class Rooms:
    """Everything the web process has open."""

    settings: Settings
    clock: Clock
    catalogue: Catalogue
    users: Users
    access_log: AccessLog
    sessions: Sessions
    throttle: LoginThrottle
    cameras: Cameras
    zones: Zones
    holds: Holds
    exports: Exports
    reviews: Reviews
    webhooks: Webhooks
    enrolment: Enrolment
    footage: Footage
    pictures: Pictures
    live: LiveHub
    transcoded_live: TranscodedLive
    transcoding: Transcoding
    events: EventReader
    vault: Vault
    export_worker: ExportWorker
    recorder: RecorderWatch
    feed: Feed
    health: Health
    couriers: Couriers
    poster: Poster
    watch: Watch
    metrics: Metrics
    # Each test of a camera is a process of its own that may take a minute.
    testing: threading.BoundedSemaphore

    def stream_key(self, camera: str, stream: str) -> StreamKey:
        """A stream of this site."""
        return StreamKey(self.catalogue.site, camera, stream)


@contextmanager
def open_rooms(settings: Settings, clock: Clock) -> Iterator[Rooms]:
    """Open the databases and what reads them, start the threads that watch and export; ends them all on leaving."""
    with ExitStack() as stack:
        catalogue = stack.enter_context(closing(open_catalogue(settings.catalogue_path, clock)))
        events = stack.enter_context(closing(read_events(settings.events_path)))
        # The recorder makes the index; until it has, reading fails with ``database_unavailable`` and then heals.
        index = open_database(settings.index_path, read_only=True, check=False)
        stack.callback(index.dispose)
        footage = Footage(index, settings.footage_path)
        cameras, exports, webhooks = Cameras(catalogue), Exports(catalogue), Webhooks(catalogue)
        vault = Vault.open(settings.keys_path, catalogue.site)
        recorder, feed = RecorderWatch(settings.run_path, clock), Feed()
        usage = UsageReader(index, catalogue.site, clock)
        health = Health(settings, clock, catalogue.site, cameras, footage, usage, events, recorder)
        poster = stack.enter_context(closing(Poster(loopback=settings.webhook_loopback)))
        couriers = Couriers(
            webhooks,
            lambda webhook, on_attempt: Courier(
                webhook, webhooks, events, vault, poster, clock, catalogue.site, on_attempt
            ),
        )
        acts = stack.enter_context(closing(ActSpool.open(CustodyHome(settings, catalogue.site).acts_path, clock)))
        watch = Watch(clock, feed, recorder, health, events, couriers, AlarmLog(acts))
        rooms = Rooms(
            settings=settings,
            clock=clock,
            catalogue=catalogue,
            users=Users(catalogue),
            access_log=AccessLog(acts, clock),
            sessions=Sessions(
                catalogue,
                idle_s=settings.session_idle_hours * 3600,
                longest_s=settings.session_longest_hours * 3600,
            ),
            throttle=LoginThrottle(clock),
            cameras=cameras,
            zones=Zones(catalogue),
            holds=Holds(catalogue),
            exports=exports,
            reviews=Reviews(catalogue),
            webhooks=webhooks,
            enrolment=Enrolment(cameras, vault),
            footage=footage,
            pictures=stack.enter_context(closing(Pictures(footage))),
            live=stack.enter_context(closing(LiveHub(footage))),
            transcoded_live=stack.enter_context(closing(TranscodedLive(footage))),
            transcoding=stack.enter_context(closing(Transcoding(footage))),
            events=events,
            vault=vault,
            export_worker=_export_worker(settings, clock, catalogue.site, exports, footage, cameras, feed),
            recorder=recorder,
            feed=feed,
            health=health,
            couriers=couriers,
            poster=poster,
            watch=watch,
            metrics=Metrics(recorder, health, watch.alarms, couriers),
            testing=threading.BoundedSemaphore(_MOST_CAMERA_TESTS),
        )
        rooms.export_worker.start()
        stack.callback(rooms.export_worker.close)
        rooms.watch.start()
        stack.callback(rooms.watch.close)
        yield rooms


def _export_worker(
    settings: Settings, clock: Clock, site: str, exports: Exports, footage: Footage, cameras: Cameras, feed: Feed
) -> ExportWorker:
    return ExportWorker(
        exports,
        footage,
        settings.exports_path,
        site,
        title_of=lambda camera: cameras.get(camera).name,
        floor_bytes=settings.disk_floor_bytes,
        clock=clock,
        on_change=feed.publish,
        make_evidence=BundleMaker(settings, clock, site, time.sleep),
    )


def _rooms(connection: HTTPConnection) -> Rooms:
    return cast(Rooms, connection.app.state.rooms)


TheRooms = Annotated[Rooms, Depends(_rooms)]


def _known_camera(camera: CameraId, rooms: TheRooms) -> Camera:
    return rooms.cameras.get(camera)


# The camera of the path, a removed one too: its footage can still be looked at. Raises ``camera_not_found``.
KnownCamera = Annotated[Camera, Depends(_known_camera)]
