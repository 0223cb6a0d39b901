"""What machines ask: is the page's process there, and how is everything."""

from __future__ import annotations

import ipaddress
from typing import Literal

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from basira.base.errors import BasiraError
from basira.web.contents import content
from basira.web.guard import session_of
from basira.web.rooms import TheRooms
from basira.web.shapes.common import Shape

router = APIRouter(tags=["machines"])


class Healthz(Shape):
    """``recorder``: whether it answers. The page works, and shows recorded footage, even while it does not."""

    web: Literal["ok"] = "ok"
    recorder: Literal["ok", "silent"]


@router.get("/healthz")
def read_healthz(rooms: TheRooms) -> Healthz:
    """200 when this process answers and can read the catalogue."""
    rooms.catalogue.version()
    return Healthz(recorder="silent" if rooms.recorder.status is None else "ok")


@router.get("/metrics", response_class=Response, responses=content("text/plain", binary=False))
def read_metrics(request: Request, rooms: TheRooms) -> Response:
    """Prometheus text. From this machine itself, or with a session."""
    if not _from_this_machine(request) and session_of(request, rooms) is None:
        raise BasiraError("login_required", status=401)
    return Response(generate_latest(rooms.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _from_this_machine(request: Request) -> bool:
    """Loopback, and not a reverse proxy on loopback that speaks for somebody else."""
    if request.client is None or any(name in request.headers for name in ("forwarded", "x-forwarded-for")):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
