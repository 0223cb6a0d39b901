"""c2pa's own reader accepts the sidecar, and names tampering; the video itself is untouched."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from basira.custody.sidecar import SidecarSigner, read_sidecar


def signer(folder: Path) -> SidecarSigner:
    return SidecarSigner(folder, "node01.gov.example/log", datetime.now(UTC))


def test_a_sidecar_is_valid_for_its_video_and_leaves_it_as_it_was(clip: Path, tmp_path: Path) -> None:
    before = clip.read_bytes()
    sidecar = signer(tmp_path).sidecar_of(clip, "gate")
    assert clip.read_bytes() == before
    assert read_sidecar(io.BytesIO(before), sidecar) == []


def test_a_changed_video_is_named(clip: Path, tmp_path: Path) -> None:
    sidecar = signer(tmp_path).sidecar_of(clip, "gate")
    changed = bytearray(clip.read_bytes())
    changed[changed.index(b"mdat") + 1000] ^= 1
    assert read_sidecar(io.BytesIO(changed), sidecar) == ["assertion.bmffHash.mismatch"]


def test_a_changed_sidecar_is_refused(clip: Path, tmp_path: Path) -> None:
    sidecar = bytearray(signer(tmp_path).sidecar_of(clip, "gate"))
    place = sidecar.index(b"c2pa.created")
    sidecar[place] ^= 1
    assert read_sidecar(io.BytesIO(clip.read_bytes()), bytes(sidecar)) != []


def test_the_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    assert signer(tmp_path).chain == signer(tmp_path).chain
    assert (tmp_path / "c2pa.key").stat().st_mode & 0o077 == 0
