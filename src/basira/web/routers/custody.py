"""The node's log: how it stands, and the policy that its bundles are verified with."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from basira.custody.home import CustodyHome, policy_text
from basira.custody.standing import read_standing
from basira.web.contents import TEXT
from basira.web.rooms import Rooms, TheRooms
from basira.web.shapes.custody import Custody, custody_shape

router = APIRouter(prefix="/custody", tags=["custody"])


def _home(rooms: Rooms) -> CustodyHome:
    return CustodyHome(rooms.settings, rooms.catalogue.site)


@router.get("")
def read_custody(rooms: TheRooms) -> Custody:
    """409 ``custody_not_started`` before the log's process has run."""
    return custody_shape(read_standing(_home(rooms)))


@router.get("/policy", response_class=Response, responses=TEXT)
def read_custody_policy(rooms: TheRooms) -> Response:
    """A tlog-policy file. 409 ``custody_not_started`` before the log's process has run."""
    home = _home(rooms)
    read_standing(home)
    headers = {"Content-Disposition": 'attachment; filename="basira.policy"'}
    return PlainTextResponse(policy_text(home), headers=headers)
