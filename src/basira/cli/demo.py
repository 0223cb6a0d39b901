"""``basira demo``: a working node on this machine, with real footage for cameras."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import psutil
import typer

from basira.access.users import Users
from basira.base.errors import BasiraError
from basira.base.settings import Settings
from basira.cameras.clips import clips_at, playable_clip
from basira.cameras.enrolment import TypedStream
from basira.catalogue.cameras import Cameras
from basira.catalogue.store import Catalogue
from basira.catalogue.zones import Zone, Zones
from basira.cli.cameras import enrolment_of
from basira.cli.logs import configure
from basira.cli.node import catalogue_of
from basira.cli.run import run
from basira.cli.settings import told_errors
from basira.web.serve import free_port

USER: Final = "operator"
_NAMES: Final = ("البوابة", "الساحة", "الممر", "الشارع", "المدخل", "المرآب", "الجسر", "الفناء")
_EVERYTHING: Final = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
# A demonstration must not fill a laptop's disk; the environment overrides.
_DEFAULTS: Final = {"BASIRA_DISK_FLOOR_BYTES": str(512 * 1024**2), "BASIRA_RETENTION_DAYS": "0.5"}


def demo(
    footage: Annotated[Path, typer.Option(help="Folder of video files; each becomes a camera.")],
    data: Annotated[Path, typer.Option(help="Folder for the demo's databases and recordings.")] = Path(".demo"),
) -> None:
    """Start a node with demo cameras; print its address and a one-time password."""
    with told_errors():
        for name, value in _DEFAULTS.items():
            os.environ.setdefault(name, value)
        os.environ["BASIRA_DATA_DIR"] = str(data.resolve())
        settings = Settings()
        os.environ["BASIRA_LISTEN_PORT"] = str(free_port(settings.listen_host, settings.listen_port))
        settings = Settings()
        configure(settings.log_level, "demo")
        with catalogue_of(settings) as catalogue:
            prepare(settings, catalogue, footage)
            password = _password(Users(catalogue))
        _announce_beside(settings, password)
        run()


def prepare(settings: Settings, catalogue: Catalogue, footage: Path) -> None:
    """Make each clip of the folder a camera, the first with a zone that makes people in it an alert."""
    cameras = Cameras(catalogue)
    known = {camera.id for camera in cameras.all(removed=True)}
    clips = clips_at(footage.resolve())
    for clip in clips:
        # Encoded now, where need be: a camera that is there and sends nothing for a while is a gap, and an alarm.
        playable_clip(clip, settings.data_dir / "cache")
    for number, clip in enumerate(clips):
        camera_id = f"demo-{number + 1}"
        if camera_id in known:
            continue
        name = _NAMES[number] if number < len(_NAMES) else f"كاميرا {number + 1}"
        stream = TypedStream("main", str(clip))
        enrolment_of(settings, catalogue).add("file", [stream], camera_id=camera_id, name=name)
        if number == 0:
            zone = Zone(name="المشهد كله", kind="alert", polygon=_EVERYTHING, classes=("person",))
            Zones(catalogue).replace(camera_id, [zone])


def _password(users: Users) -> str:
    try:
        return users.add(USER)
    except BasiraError as error:
        if error.code != "user_exists":
            raise
        return users.reset_password(USER)


def _announce_beside(settings: Settings, password: str) -> None:
    """Announce from another process, for this one becomes the supervisor. It is nobody's child: the supervisor waits
    for roles alone."""
    node = os.getpid()
    if os.fork() == 0:
        if os.fork() == 0:
            _announce(settings, password, node)
        os._exit(0)
    os.wait()


def _announce(settings: Settings, password: str, node: int) -> None:
    """Say where the page is, once it is there; nothing if the node ends first."""
    while psutil.pid_exists(node):
        with suppress(OSError), socket.create_connection((settings.listen_host, settings.listen_port), 1.0):
            break
        time.sleep(0.2)
    else:
        return
    scheme = "https" if settings.tls_certificate else "http"
    typer.echo(
        f"\n  بصيرة · Basira    {scheme}://{settings.listen_host}:{settings.listen_port}/\n"
        f"  المستخدم · user      {USER}\n"
        f"  كلمة المرور · password  {password}   (تُغيَّر عند أول دخول · to be changed at first login)\n\n"
        f"  Ctrl-C للإيقاف · to stop\n"
    )
