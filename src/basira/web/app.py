"""The HTTP and WebSocket face: one application, closed by default."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI

from basira import __version__
from basira.base.clock import Clock
from basira.base.settings import Settings
from basira.web import answers
from basira.web.envelope import Envelope
from basira.web.guard import authenticated, password_settled
from basira.web.rooms import open_rooms
from basira.web.routers import (
    cameras,
    custody,
    events,
    exports,
    feed,
    health,
    holds,
    live,
    media,
    page,
    pictures,
    playback,
    probes,
    schema,
    session,
    site,
    timeline,
    transcoded,
    webhooks,
    zones,
)
from basira.web.shapes.common import ErrorAnswer

# Every route of these needs a session whose password is not a one-time one.
_NOUNS = (
    site, cameras, zones, live, timeline, playback, media, transcoded, pictures, exports, events, holds, webhooks,
    health, custody, feed, schema,
)  # fmt: skip


def create_app(settings: Settings, clock: Clock) -> FastAPI:
    """The application of one node. Databases are opened when it starts and closed when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_rooms(settings, clock) as rooms:
            app.state.rooms = rooms
            yield

    app = FastAPI(
        title="Basira",
        version=__version__,
        lifespan=lifespan,
        # The schema is a route like any other and needs a session; the pages FastAPI offers load code from elsewhere.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        responses={"default": {"model": ErrorAnswer, "description": "Any error."}},
    )
    app.add_middleware(Envelope)
    answers.install(app)
    app.include_router(session.door)
    app.include_router(_guarded())
    app.include_router(probes.router)
    # Last, for it answers every address that nothing else does.
    app.include_router(page.router)
    return app


def _guarded() -> APIRouter:
    settled = APIRouter(dependencies=[Depends(password_settled)])
    for noun in _NOUNS:
        settled.include_router(noun.router)
    guarded = APIRouter(prefix="/api", dependencies=[Depends(authenticated)])
    guarded.include_router(session.router)
    guarded.include_router(settled)
    return guarded
