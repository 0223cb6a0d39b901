"""``basira camera``: add, test, list and remove cameras."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import SecretStr

from basira.base.errors import BasiraError
from basira.base.settings import Settings
from basira.cameras.credentials import Vault
from basira.cameras.enrolment import Enrolment, TypedStream
from basira.cameras.probe import ProbeRequest, probe
from basira.catalogue.cameras import CameraKind, Cameras, Transport
from basira.catalogue.store import Catalogue
from basira.cli.node import catalogue_of
from basira.cli.settings import language, load_settings, told_errors

app = typer.Typer(no_args_is_help=True, help="Cameras.")


def enrolment_of(settings: Settings, catalogue: Catalogue) -> Enrolment:
    return Enrolment(Cameras(catalogue), Vault.open(settings.keys_path, catalogue.site))


def _transport(text: str) -> Transport:
    if text not in ("tcp", "udp"):
        raise BasiraError("invalid_request", where="transport", reason="tcp or udp")
    return "udp" if text == "udp" else "tcp"


def _password(ask: bool) -> SecretStr | None:
    """Asked for, not taken from the command line, where every user of the machine could read it."""
    return SecretStr(typer.prompt("Password", hide_input=True)) if ask else None


@app.command("add")
def add_camera(
    name: str,
    url: Annotated[str, typer.Argument(help="rtsp:// address of the main stream, or a video file or folder.")],
    sub: Annotated[str | None, typer.Option(help="Address of the sub stream.")] = None,
    camera_id: Annotated[str | None, typer.Option("--id", help="Identifier; made up when not given.")] = None,
    username: Annotated[str | None, typer.Option(help="User name at the camera.")] = None,
    ask_password: Annotated[bool, typer.Option("--password", help="Ask for the password at the camera.")] = False,
    transport: Annotated[str, typer.Option(help="tcp or udp.")] = "tcp",
    analyse: Annotated[bool, typer.Option(help="Look for people and vehicles in it.")] = True,
) -> None:
    """Add a camera and print its identifier. A running recorder starts on it within two seconds."""
    with told_errors():
        settings = load_settings()
        kind: CameraKind = "rtsp" if "://" in url else "file"
        streams = [TypedStream("main", url, _transport(transport))]
        if sub is not None:
            streams.append(TypedStream("sub", sub, _transport(transport)))
        password = _password(ask_password)
        with catalogue_of(settings) as catalogue:
            added = enrolment_of(settings, catalogue).add(
                kind, streams, camera_id=camera_id, password=password, name=name, username=username, analyse=analyse
            )
            typer.echo(added.id)


@app.command("test")
def test_camera(
    url: Annotated[str, typer.Argument(help="rtsp:// address, ONVIF host with --onvif, or a video file.")],
    onvif: Annotated[bool, typer.Option("--onvif", help="Ask the device for its streams by ONVIF.")] = False,
    username: Annotated[str | None, typer.Option(help="User name at the camera.")] = None,
    ask_password: Annotated[bool, typer.Option("--password", help="Ask for the password at the camera.")] = False,
    transport: Annotated[str, typer.Option(help="tcp or udp.")] = "tcp",
) -> None:
    """Connect to a camera; print what each stream sends and what to change on the camera. Nothing is saved."""
    with told_errors():
        load_settings()
        kind: CameraKind = "onvif" if onvif else ("rtsp" if "://" in url else "file")
        report = probe(
            ProbeRequest(
                kind=kind,
                url=None if onvif else url,
                address=url if onvif else None,
                username=username,
                password=_password(ask_password),
                transport=_transport(transport),
            )
        )
        spoken = language()
        for stream in report.streams:
            sound = f", {stream.audio.codec}" if stream.audio else ""
            typer.echo(
                f"{stream.name}  {stream.url}  {stream.codec_name}{sound}  {stream.width}×{stream.height}"
                f"  {stream.frame_rate} fps  {round(stream.bit_rate / 1000)} kbit/s"
            )
        for advice in report.advice:
            typer.echo(f"{advice.severity}: {getattr(advice.message, spoken)}")
        if report.error is not None:
            typer.echo(getattr(report.error.message, spoken), err=True)
        if not report.ok:
            raise typer.Exit(1)


@app.command("list")
def list_cameras() -> None:
    """List the cameras in the order of the wall."""
    with told_errors(), catalogue_of(load_settings()) as catalogue:
        for camera in Cameras(catalogue).all():
            state = "" if camera.enabled else "  (off)"
            typer.echo(f"{camera.id}  {camera.name}  {' '.join(stream.url for stream in camera.streams)}{state}")


@app.command("remove")
def remove_camera(camera: str) -> None:
    """Stop recording a camera. Its footage stays until retention takes it."""
    with told_errors(), catalogue_of(load_settings()) as catalogue:
        Cameras(catalogue).remove(camera)
