"""``python -m bench.beside``: what custody uses beside its recorder, in several ways at once over the same recording.

One node records; beside its own custody process run others, each with a log of its own over the node's index and
footage: with three witnesses, and, with ``--against SOURCES``, the code of another checkout. So they are compared under
one load. The recorder knows of none of them.
"""

from __future__ import annotations

import argparse
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
from bench.meter import part_of, tree
from bench.run import CACHE, FOOTAGE, mounts_of
from bench.runners import basira, basira_environment, running
from tests.streams import rtsp_server
from tests.system.node import free_port

_SOURCES: Final = Path(__file__).resolve().parents[1] / "src"
_OWN: Final = ("custody", "run")
_WITNESSES: Final = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--warm-s", type=float, default=60)
    parser.add_argument("--window-s", type=float, default=100)
    parser.add_argument("--against", type=Path, help="src folder of another checkout")
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=CACHE)
    arguments = parser.parse_args()
    mounts = mounts_of("quiet", arguments.cameras, arguments.footage, arguments.cache)
    with tempfile.TemporaryDirectory(prefix="basira-bench-") as folder, rtsp_server(mounts) as server:
        work = Path(folder)
        environment = basira_environment(work)
        urls = [server.url(path) for path in mounts]
        with basira(urls, work, analyse=False, environment=environment) as pid, ExitStack() as others:
            measured = {part_of(one): one for one in tree(pid) if part_of(one) in ("recorder", "custody")}
            for name, sources in (("now", _SOURCES), ("against", arguments.against)):
                for witnesses in (0, _WITNESSES) if sources else ():
                    beside = _custody(work / f"{name}-{witnesses}", environment, sources, witnesses)
                    measured[f"{name}, {witnesses} witnesses"] = others.enter_context(beside)
            for name, used_ms in _used_ms(measured, arguments.warm_s, arguments.window_s).items():
                print(f"{name:24} {used_ms[0]:8.2f} ms a second  {used_ms[1]:7.2%}", flush=True)


def _used_ms(measured: dict[str, psutil.Process], warm_s: float, window_s: float) -> dict[str, tuple[float, float]]:
    """CPU of each in milliseconds a second, and beside the recorder's."""
    time.sleep(warm_s)
    start_s, before = time.monotonic(), {name: _cpu_s(one) for name, one in measured.items()}
    time.sleep(window_s)
    took_s = time.monotonic() - start_s
    used = {name: (_cpu_s(one) - before[name]) / took_s * 1000 for name, one in measured.items()}
    return {name: (ms, ms / used["recorder"]) for name, ms in used.items()}


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


if __name__ == "__main__":
    main()
