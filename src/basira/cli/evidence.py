"""``basira export --evidence``: a span of some cameras as one sealed bundle."""

from __future__ import annotations

import getpass
import hashlib
from pathlib import Path

import typer

from basira.base.clock import SystemClock
from basira.base.identifiers import StreamName
from basira.base.settings import Settings
from basira.catalogue.cameras import Cameras
from basira.cli.node import catalogue_of
from basira.custody.bundle import make_bundle
from basira.custody.evidence import EvidenceRequest
from basira.custody.node import open_evidence


def export_evidence(
    settings: Settings, cameras: tuple[str, ...], stream: StreamName, start_ns: int, end_ns: int, folder: Path
) -> None:
    """Make the bundle in ``folder`` and print its SHA-256 and name. Waits for the witnesses' quorum."""
    with catalogue_of(settings) as catalogue:
        known = tuple(Cameras(catalogue).get(camera).id for camera in cameras)
    folder.mkdir(parents=True, exist_ok=True)
    request = EvidenceRequest(known, stream, start_ns, end_ns, f"{getpass.getuser()} (command line)")
    target = folder / request.file_name
    clock = SystemClock()
    with open_evidence(settings, clock) as sources:
        make_bundle(settings, clock, sources, request, target)
    with target.open("rb") as file:
        typer.echo(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {target.name}")
