"""What others than the log say of a bundle: its C2PA sidecars, and the time stamp of an authority."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from basira.custody.container import Container
from basira.custody.findings import Finding, Verdict
from basira.custody.manifest import MANIFEST, SEAL_TIMESTAMP
from basira.custody.sidecar import SIDECAR_FOLDER, read_sidecar
from basira.custody.strict import Malformed
from basira.custody.timestamp import check_timestamp


def add_second_opinions(verdict: Verdict, bundle: Path, roots: Sequence[x509.Certificate]) -> None:
    """Put their findings into a verdict. ``roots`` are of the time-stamping authorities to be believed.

    A certificate in a sidecar is the node's own and is not judged: the sidecar says only whether a video is the one
    that was exported.
    """
    with bundle.open("rb") as file:
        try:
            files = Container(file)
        except Malformed:
            return  # told already
        for name in sorted(files.members):
            if name.startswith(f"{SIDECAR_FOLDER}/"):
                verdict.wrong += _sidecar(files, name)
        if SEAL_TIMESTAMP in files.members and MANIFEST in files.members and roots:
            verdict.notices = [finding for finding in verdict.notices if finding.code != "timestamp_unchecked"]
            try:
                stamped = check_timestamp(files.read(SEAL_TIMESTAMP), files.read(MANIFEST), roots)
            except ValueError as error:
                verdict.wrong.append(Finding("timestamp_invalid", SEAL_TIMESTAMP, str(error)))
            else:
                verdict.notices.append(Finding("timestamp_good", SEAL_TIMESTAMP, f"{stamped:%Y-%m-%d %H:%M:%S} UTC"))


def _sidecar(files: Container, name: str) -> list[Finding]:
    video = "playable/" + name.removeprefix(f"{SIDECAR_FOLDER}/").removesuffix(".c2pa")
    if video not in files.members:
        return [Finding("c2pa_invalid", name, "its video is missing")]
    with tempfile.TemporaryFile() as copy:
        try:
            files.copy(video, copy.write)
            sidecar = files.read(name)
        except Malformed as error:
            return [Finding("c2pa_invalid", name, str(error))]
        copy.seek(0)
        codes = read_sidecar(copy, sidecar)
    return [Finding("c2pa_invalid", name, ", ".join(codes))] if codes else []
