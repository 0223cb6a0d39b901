"""``basira export``: a span of some cameras as MP4 files, without the web process."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from basira.base.errors import BasiraError
from basira.base.identifiers import STREAM_NAMES, StreamKey
from basira.catalogue.cameras import Cameras
from basira.cli.evidence import export_evidence
from basira.cli.node import catalogue_of, footage_of, utc_ns_of
from basira.cli.settings import load_settings, told_errors
from basira.replay.export import export_stream


def export(
    camera: Annotated[list[str], typer.Argument(help="Cameras, by identifier.")],
    start: Annotated[str, typer.Option(help="First instant, ISO 8601; the site's time zone when none is given.")],
    end: Annotated[str, typer.Option(help="Instant after the last.")],
    stream: Annotated[str, typer.Option(help="main or sub.")] = "main",
    to: Annotated[Path, typer.Option(help="Folder for the files.")] = Path(),
    evidence: Annotated[
        bool, typer.Option("--evidence", help="One sealed bundle for a court, instead of plain files.")
    ] = False,
) -> None:
    """Write what was recorded as ordinary MP4 files, byte for byte, and print each file's SHA-256."""
    with told_errors():
        settings = load_settings()
        start_ns, end_ns = utc_ns_of(start, settings), utc_ns_of(end, settings)
        if start_ns >= end_ns:
            raise BasiraError("span_invalid")
        if stream not in STREAM_NAMES:
            raise BasiraError("invalid_request", where="stream", reason="main or sub")
        if evidence:
            export_evidence(settings, tuple(camera), stream, start_ns, end_ns, to)
            return
        with catalogue_of(settings) as catalogue, footage_of(settings) as footage:
            to.mkdir(parents=True, exist_ok=True)
            written = 0
            for known in [Cameras(catalogue).get(one) for one in camera]:
                key = StreamKey(catalogue.site, known.id, stream)
                for file in export_stream(footage, key, start_ns, end_ns, to, title=known.name):
                    typer.echo(f"{file.sha256}  {file.name}")
                    written += 1
        if not written:
            raise BasiraError("nothing_recorded", status=404)
