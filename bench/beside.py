"""What custody uses beside its recorder, in several ways at once over the same recording.

One node records. Beside its own custody process run others, each with a log of its own over the node's index and
footage: without witnesses and with three, and the same of another checkout. So they are compared under one load. The
recorder knows of none of them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import psutil

from basira.base.clock import SystemClock
from basira.base.settings import Settings
from basira.custody.cosignature import Signer
from basira.custody.home import CustodyHome
from basira.custody.keys import load_keys
from basira.custody.node import catalogue_site
from basira.custody.policy import LogLine, WitnessLine, write_policy
from basira.custody.vkey import KeyType
from basira.custody.witness.home import WitnessHome
from bench.cameras import mounts_of, sources_at
from bench.meter import part_of, tree
from bench.processes import running
from bench.runners import basira, basira_environment
from tests.streams import rtsp_server
from tests.system.node import free_port

_SOURCES: Final = Path(__file__).resolve().parents[1] / "src"
_OWN: Final = ("custody", "run")
_WITNESSES: Final = 3
_WARM_S: Final = 60  # on a busy machine processes take that long to start, and starting is not recording


def beside(
    cameras: int, window_s: float, footage: Path, cache: Path, against: Path | None = None
) -> list[tuple[str, str]]:
    """``against`` is the ``src`` folder of another checkout."""
    mounts = mounts_of("quiet", cameras, footage, cache)
    with tempfile.TemporaryDirectory(prefix="basira-bench-") as folder, rtsp_server(mounts) as server:
        work = Path(folder)
        environment = basira_environment(work)
        with (
            basira(sources_at(server, mounts), work, analyse=False, environment=environment) as pid,
            ExitStack() as others,
        ):
            measured = {"recorder": next(one for one in tree(pid) if part_of(one) == "recorder")}
            codes = {"custody": _SOURCES} | ({"custody of the other checkout": against} if against else {})
            for code, sources in codes.items():
                for witnesses in (0, _WITNESSES):
                    process = _custody(work / f"{len(measured)}", environment, sources, witnesses)
                    measured[f"{code}, {witnesses or 'no'} witnesses"] = others.enter_context(process)
            used = _used_ms(measured, window_s)
    return [
        (f"recording {cameras} cameras: {name}, CPU", f"{ms:.1f} ms a second, {ms / used['recorder']:.1%}")
        for name, ms in used.items()
    ]


def _used_ms(measured: dict[str, psutil.Process], window_s: float) -> dict[str, float]:
    """CPU of each in milliseconds a second."""
    time.sleep(_WARM_S)
    start_s, before = time.monotonic(), {name: _cpu_s(one) for name, one in measured.items()}
    time.sleep(window_s)
    took_s = time.monotonic() - start_s
    return {name: (_cpu_s(one) - before[name]) / took_s * 1000 for name, one in measured.items()}


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def _custody(folder: Path, environment: dict[str, str], sources: Path, witnesses: int) -> Iterator[psutil.Process]:
    """A custody process over what the node records, with a log and witnesses of its own."""
    data = Path(environment["BASIRA_DATA_DIR"])
    shadow = folder / "data"
    shadow.mkdir(parents=True)
    for path in data.iterdir():
        if path.name not in _OWN and path.suffix != ".lock":
            (shadow / path.name).symlink_to(path)
    options = {**environment, "BASIRA_DATA_DIR": str(shadow), "PYTHONPATH": str(sources)}
    with ExitStack() as stack:
        if witnesses:
            policy = folder / "policy"
            lines = [stack.enter_context(_witness(folder / f"w{number}", shadow)) for number in range(witnesses)]
            policy.write_text(write_policy([LogLine(one.vkey) for one in _log_signers(shadow)], lines))
            options["BASIRA_CUSTODY_POLICY"] = str(policy)
        process = stack.enter_context(running([sys.executable, "-m", "basira.cli.roles", "custody"], folder, **options))
        yield psutil.Process(process.pid)


def _log_signers(data: Path) -> tuple[Signer, ...]:
    site, _ = catalogue_site(Settings(data_dir=data), SystemClock())
    home = CustodyHome(Settings(data_dir=data), site)
    return load_keys(home.keys_path).signers(home.origin(1), 1)


@contextmanager
def _witness(folder: Path, data: Path) -> Iterator[WitnessLine]:
    """``basira witness run``, which follows that log; gives its line in a policy."""
    home, port = WitnessHome(folder), free_port()
    home.create(f"{folder.name}.example")
    for signer in _log_signers(data):
        home.follow(signer.vkey.encode())
    [key] = [signer.vkey for signer in home.signers() if signer.kind is KeyType.ED25519_COSIGNATURE]
    command = [sys.executable, "-m", "basira.cli.main", "witness", "run", "--dir", str(folder), "--port", str(port)]
    with running(command, folder):
        yield WitnessLine(folder.name, key, f"http://127.0.0.1:{port}")
