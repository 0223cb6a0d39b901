"""Witnesses that others wrote, started as processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

SCRIPT = Path(__file__).with_name("plain_witness.py")


@dataclass(frozen=True)
class Peer:
    vkey: str
    url: str


def aics_witness() -> str | None:
    """The ``aics-witness`` program (PyPI, Python ≥ 3.12): from ``tools/interop-peer``, the environment or PATH."""
    made = Path(__file__).parents[2] / ".cache/interop-peer/bin/aics-witness"
    return os.environ.get("AICS_WITNESS") or (str(made) if made.exists() else shutil.which("aics-witness"))


def available() -> list[str]:
    """Which independent witnesses this machine can run."""
    return ["plain", *(["aics"] if aics_witness() else [])]


@contextmanager
def running(kind: str, folder: Path, log_vkey: str) -> Iterator[Peer]:
    with _plain(log_vkey) if kind == "plain" else _aics(folder, log_vkey) as peer:
        yield peer


@contextmanager
def _process(arguments: list[str], **options: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(arguments, text=True, stdout=subprocess.PIPE, **options)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@contextmanager
def _plain(log_vkey: str) -> Iterator[Peer]:
    arguments = [sys.executable, str(SCRIPT), "plain.example/witness", "77" * 32, log_vkey]
    with _process(arguments) as process:
        assert process.stdout is not None
        vkey, port = process.stdout.readline().strip(), process.stdout.readline().strip()
        yield Peer(vkey, f"http://127.0.0.1:{port}")


@contextmanager
def _aics(folder: Path, log_vkey: str) -> Iterator[Peer]:
    program = aics_witness()
    assert program is not None
    config = folder / "witness.json"
    made = subprocess.run(
        [program, "init", "--config", str(config), "--name", "aics.example/witness"],
        check=True, capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
    vkey = next(word for line in made.stdout.split("\n") for word in line.split() if word.count("+") >= 2)
    origin = log_vkey.split("+")[0]
    subprocess.run(
        [program, "add-log", "--config", str(config), "--origin", origin, "--vkey", log_vkey],
        check=True,
        capture_output=True,
    )
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    arguments = [program, "serve", "--config", str(config), "--listen", f"127.0.0.1:{port}"]
    prefix = str(json.loads(config.read_text()).get("prefix", "")).strip("/")
    with _process(arguments, stderr=subprocess.DEVNULL, cwd=folder):
        base = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                httpx.get(f"{base}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield Peer(vkey, f"{base}/{prefix}".rstrip("/"))
