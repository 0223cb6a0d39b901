"""An oversight body's witness as it runs its own: ``basira witness run``, following one node's log."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx

from basira.custody.home import CustodyHome
from basira.custody.keys import load_keys
from basira.custody.policy import LogLine, WitnessLine, write_policy
from basira.custody.vkey import KeyType
from basira.custody.witness.home import WitnessHome
from tests.system.node import Node, free_port, wait_until

NAME = "oversight"


class RunningWitness:
    """The one witness of a node that has not started yet; ``start`` may follow ``stop`` any number of times."""

    def __init__(self, folder: Path, node: Node) -> None:
        self._folder, self._port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None
        home = WitnessHome(folder)
        home.create("oversight.example")
        log = CustodyHome(node.settings, node.site)
        logs = [LogLine(signer.vkey) for signer in load_keys(log.keys_path).signers(log.origin(1), 1)]
        for line in logs:
            home.follow(line.key.encode())
        [key] = [signer.vkey for signer in home.signers() if signer.kind is KeyType.ED25519_COSIGNATURE]
        policy = folder / "node.policy"
        policy.write_text(write_policy(logs, [WitnessLine(NAME, key, self._address)]))
        node.options |= {"BASIRA_CUSTODY_POLICY": str(policy), "BASIRA_CUSTODY_WITNESS_INTERVAL_S": "1"}

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        words = ["witness", "run", "--dir", str(self._folder), "--port", str(self._port)]
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "basira.cli.main", *words], env=os.environ, stdout=output, stderr=output
            )
        wait_until("the witness answers", self._answers)

    def _answers(self) -> bool:
        """An error with its last words if it has ended instead."""
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError((self._folder / "output").read_text(errors="replace")[-4000:])
        try:
            return httpx.get(self._address, timeout=2).status_code < 500
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None
