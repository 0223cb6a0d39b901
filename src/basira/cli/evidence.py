"""``basira export --evidence``: a span of some cameras as one sealed bundle."""

from __future__ import annotations

import getpass
import hashlib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import typer

from basira.base.clock import NS_PER_S, SystemClock
from basira.base.identifiers import StreamName
from basira.base.settings import Settings
from basira.catalogue.cameras import Cameras
from basira.cli.node import catalogue_of
from basira.custody.evidence import EvidenceRequest, make_evidence
from basira.custody.node import open_evidence
from basira.custody.report import write_report
from basira.custody.sidecar import SidecarSigner
from basira.custody.timestamp import ask_for_timestamp


def export_evidence(
    settings: Settings, cameras: tuple[str, ...], stream: StreamName, start_ns: int, end_ns: int, folder: Path
) -> None:
    """Make the bundle in ``folder`` and print its SHA-256 and name. Waits for the witnesses' quorum."""
    with catalogue_of(settings) as catalogue:
        known = tuple(Cameras(catalogue).get(camera).id for camera in cameras)
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.fromtimestamp(start_ns // NS_PER_S, UTC).strftime("%Y%m%dT%H%M%SZ")
    target = folder / f"evidence_{'_'.join(known)}_{stamp}.zip"
    request = EvidenceRequest(known, stream, start_ns, end_ns, f"{getpass.getuser()} (command line)")
    with open_evidence(settings, SystemClock()) as sources:
        signer = SidecarSigner(sources.home.keys_path, sources.home.base_origin, datetime.now(UTC))
        url = settings.custody_tsa_url
        make_evidence(
            sources, request, target,
            decorators=(signer.decorate, write_report),
            stamper=None if url is None else partial(ask_for_timestamp, url),
        )  # fmt: skip
    with target.open("rb") as file:
        typer.echo(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {target.name}")
