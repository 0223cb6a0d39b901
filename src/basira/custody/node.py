"""The node's custody, opened: what the custody process, the command line and the web process share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Final

import httpx
from sqlalchemy import Engine

from basira.base.clock import Clock
from basira.base.errors import BasiraError
from basira.base.settings import Settings
from basira.catalogue.store import open_catalogue
from basira.custody.acts.spool import ActSpool
from basira.custody.evidence import EvidenceSources
from basira.custody.home import CustodyHome, witness_addresses
from basira.custody.journal import Journal
from basira.custody.keys import load_keys
from basira.custody.ledger import Ledger, LedgerState
from basira.custody.sources import Sources
from basira.custody.witness_client import WitnessClient
from basira.databases.sqlite import open_database
from basira.replay.footage import Footage

# A witness that hangs must not keep the open segments uncovered for more than ten seconds.
_WITNESS_TIMEOUT_S: Final = 3.0
_POLL_S: Final = 1.0
_PATIENCE_S: Final = 600.0


@contextmanager
def open_ledger(settings: Settings, clock: Clock) -> Iterator[Ledger]:
    """Become the one writer of the node's log. Raises BasiraError ``custody_running`` while another is."""
    with ExitStack() as stack:
        catalogue = stack.enter_context(closing(open_catalogue(settings.catalogue_path, clock)))
        home = CustodyHome(settings, catalogue.site)
        stack.enter_context(home.lock())
        policy = home.policy()
        index = open_database(settings.index_path, read_only=True, check=False)
        stack.callback(index.dispose)
        http = stack.enter_context(httpx.Client(timeout=_WITNESS_TIMEOUT_S))
        acts = stack.enter_context(closing(ActSpool.open(home.acts_path, clock)))
        journal = stack.enter_context(closing(Journal.open(home.journal_path)))
        keys = load_keys(home.keys_path)
        sources = Sources(
            catalogue.site, index, catalogue, acts, settings.footage_path, keys, clock, settings.retention_days
        )
        witnesses = [] if policy is None else [WitnessClient(one, http) for one in witness_addresses(policy)]
        yield Ledger(home, journal, sources, keys, clock, policy, witnesses)


@dataclass(slots=True)
class _Advance:
    """Lets the log make progress: by turning it here where no custody process runs, else by waiting for that one."""

    settings: Settings
    clock: Clock
    waited_s: float = 0.0

    def __call__(self) -> None:
        try:
            with open_ledger(self.settings, self.clock) as ledger:
                ledger.turn()
                if ledger.state is LedgerState.REFUSING:
                    raise BasiraError("custody_refuses", status=409, reason=str(ledger.reason))
        except BasiraError as error:
            if error.code != "custody_running":
                raise
        if self.waited_s >= _PATIENCE_S:
            raise BasiraError("evidence_waits_for_quorum", status=409)
        self.clock.sleep(_POLL_S)
        self.waited_s += _POLL_S


@contextmanager
def open_evidence(
    settings: Settings, clock: Clock, advance: Callable[[], None] | None = None
) -> Iterator[EvidenceSources]:
    """What evidence bundles are made of, at a node that records or has recorded.

    Without ``advance``, the log is turned here while no custody process does.
    """
    with ExitStack() as stack:
        catalogue = stack.enter_context(closing(open_catalogue(settings.catalogue_path, clock)))
        home = CustodyHome(settings, catalogue.site)
        index: Engine = open_database(settings.index_path, read_only=True, check=False)
        stack.callback(index.dispose)
        acts = stack.enter_context(closing(ActSpool.open(home.acts_path, clock)))
        journal = stack.enter_context(closing(Journal.open(home.journal_path)))
        footage = Footage(index, settings.footage_path)
        yield EvidenceSources(home, journal, acts, index, catalogue, footage, advance or _Advance(settings, clock))


def catalogue_site(settings: Settings, clock: Clock) -> tuple[str, str]:
    """Identifier and name of the node's site."""
    with closing(open_catalogue(settings.catalogue_path, clock)) as catalogue:
        return catalogue.site, catalogue.site_name()
