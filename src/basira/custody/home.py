"""The node's custody folder: keys, the log's memory, and one tile folder for each origin the node has had.

``keys/log``, ``custody.db``, ``acts.db``, ``log/<generation>/``, ``lock``. The first generation's origin is the
configured one, the n-th's has ``/n`` after it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from basira.base.errors import BasiraError
from basira.base.settings import Settings
from basira.custody.journal import Journal
from basira.custody.keys import load_keys
from basira.custody.policy import LogLine, Policy, parse_policy, write_policy
from basira.custody.strict import Malformed
from basira.custody.vkey import VerifierKey
from basira.custody.witness_client import WitnessAddress


class CustodyHome:
    """Paths and configuration of the node's log."""

    def __init__(self, settings: Settings, site: str) -> None:
        self.settings = settings
        self.folder = settings.data_dir / "custody"
        self.base_origin = settings.custody_origin or f"{site}.basira/log"

    @property
    def keys_path(self) -> Path:
        return self.folder / "keys"

    @property
    def journal_path(self) -> Path:
        return self.folder / "custody.db"

    @property
    def acts_path(self) -> Path:
        return self.folder / "acts.db"

    def tiles_path(self, generation: int) -> Path:
        return self.folder / "log" / str(generation)

    def origin(self, generation: int) -> str:
        return self.base_origin if generation == 1 else f"{self.base_origin}/{generation}"

    def policy(self) -> Policy | None:
        """The node's own policy file, which names its witnesses; None when none is configured.

        Raises BasiraError ``custody_policy_bad``.
        """
        path = self.settings.custody_policy
        if path is None:
            return None
        try:
            return parse_policy(path.read_bytes())
        except (OSError, Malformed) as error:
            raise BasiraError("custody_policy_bad", path=str(path), reason=str(error)) from error

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Only one process appends. Raises BasiraError ``custody_running`` when another holds it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BasiraError("custody_running") from error
            yield
        finally:
            os.close(descriptor)


def witness_addresses(policy: Policy) -> list[WitnessAddress]:
    """The policy's witnesses that have an address; lines with the same address are keys of one witness."""
    keys: dict[str, list[VerifierKey]] = {}
    names: dict[str, str] = {}
    for line in policy.witnesses:
        if line.url is not None:
            names.setdefault(line.url, line.name)
            keys.setdefault(line.url, []).append(line.key)
    return [WitnessAddress(name, url, tuple(keys[url])) for url, name in names.items()]


def log_lines(home: CustodyHome) -> list[LogLine]:
    """The keys of every log this node has had, as in a policy."""
    generation = 1
    if home.journal_path.exists():
        with closing(Journal.open(home.journal_path, read_only=True)) as journal:
            generation = int(journal.note("generation") or 1)
    node_keys = load_keys(home.keys_path)
    return [
        LogLine(signer.vkey)
        for number in range(1, generation + 1)
        for signer in node_keys.signers(home.origin(number), number)
    ]


def policy_text(home: CustodyHome) -> str:
    """The policy that this node's bundles are verified with: the configured one, or its own keys without witnesses."""
    path = home.settings.custody_policy
    if path is None:
        return write_policy(log_lines(home), [])
    home.policy()
    return path.read_text("utf-8")
