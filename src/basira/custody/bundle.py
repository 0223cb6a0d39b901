"""A bundle with everything a court may want: evidence, C2PA sidecars, a report, a time stamp where there is one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from basira.base.clock import NS_PER_S, NS_PER_US, Clock
from basira.base.errors import BasiraError
from basira.base.settings import Settings
from basira.catalogue.exports import Export, ExportFile
from basira.custody.evidence import EvidenceRequest, EvidenceSources, Progress, make_evidence
from basira.custody.home import CustodyHome
from basira.custody.manifest import Manifest
from basira.custody.node import open_evidence
from basira.custody.standing import read_standing
from basira.custody.timestamp import ask_for_timestamp
from basira.replay.export import ExportCancelled

_POLL_S: Final = 1.0
_QUORUM_PATIENCE_S: Final = 180.0


def make_bundle(
    settings: Settings,
    clock: Clock,
    sources: EvidenceSources,
    request: EvidenceRequest,
    target: Path,
    progress: Progress = lambda _: True,
) -> Manifest:
    """As :func:`make_evidence`, with all that goes into a bundle."""
    # C2PA's library and the report's would be in the page's process for good, on nodes that never make a bundle.
    from basira.custody.report import write_report
    from basira.custody.sidecar import SidecarSigner

    now = datetime.fromtimestamp(clock.utc_ns() // NS_PER_S, UTC)
    signer = SidecarSigner(sources.home.keys_path, sources.home.base_origin, now)
    url = settings.custody_tsa_url
    return make_evidence(
        sources, request, target, decorators=(signer.decorate, write_report),
        stamper=None if url is None else partial(ask_for_timestamp, url), progress=progress,
    )  # fmt: skip


class BundleMaker:
    """Works off exports that are to be evidence (:class:`basira.replay.export_worker.ExportWorker`).

    It only waits for the log; turning it is the custody process's work.
    """

    def __init__(self, settings: Settings, clock: Clock, site: str, pause: Callable[[float], None]) -> None:
        """``pause`` waits for about so many seconds of real time."""
        self._settings, self._clock, self._pause = settings, clock, pause
        self._home = CustodyHome(settings, site)

    def __call__(self, export: Export, folder: Path, progress: Progress) -> ExportFile:
        """Raises BasiraError ``evidence_still_recording`` or ``evidence_waits_for_quorum`` after waiting in vain."""
        request = EvidenceRequest(
            export.cameras, export.stream, export.start_utc_ns, export.end_utc_ns, export.requested_by
        )
        target = folder / request.file_name
        quorum = _Patience(_QUORUM_PATIENCE_S, self._pause, progress)
        closing = _Patience(2 * self._settings.segment_target_s + 30, self._pause, progress)

        def advance() -> None:
            problem = read_standing(self._home).problem
            if problem is not None and problem.code != "evidence_waits_for_quorum":
                raise problem
            quorum.wait(BasiraError("evidence_waits_for_quorum", status=409))

        with open_evidence(self._settings, self._clock, advance) as sources:
            while True:
                try:
                    make_bundle(self._settings, self._clock, sources, request, target, progress)
                    break
                except BasiraError as error:
                    if error.code != "evidence_still_recording":
                        raise
                    closing.wait(error)
        with target.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return ExportFile(
            name=target.name, bytes=target.stat().st_size, sha256=digest, camera="",
            start_us=export.start_utc_ns // NS_PER_US, end_us=export.end_utc_ns // NS_PER_US,
        )  # fmt: skip


class _Patience:
    """Waits, a second at a time, for something that somebody else does."""

    def __init__(self, longest_s: float, pause: Callable[[float], None], progress: Progress) -> None:
        self._left_s, self._pause, self._progress = longest_s, pause, progress

    def wait(self, in_vain: BasiraError) -> None:
        """Raises ``in_vain`` when patience is at its end, ExportCancelled when waiting is not wanted any more."""
        if self._left_s <= 0:
            raise in_vain
        if not self._progress(0):
            raise ExportCancelled
        self._pause(_POLL_S)
        self._left_s -= _POLL_S
