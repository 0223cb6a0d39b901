"""How the node's log stands, for whoever is not its process: the page, the command line, an export that waits."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from basira.base.errors import BasiraError
from basira.custody.home import CustodyHome, witness_addresses
from basira.custody.journal import Journal
from basira.custody.policy import Policy


@dataclass(frozen=True, slots=True)
class Standing:
    """As the log's process last wrote it down. ``witnesses`` maps each configured one to its problem, or to "".

    ``cosigned_us``: when, by the node's clock, this run of the process last had a quorum.
    """

    origin: str
    state: str
    reason: str
    size: int
    cosigned_size: int
    cosigned_us: int | None
    witnesses: Mapping[str, str]
    policy: Policy | None

    @property
    def problem(self) -> BasiraError | None:
        """Why evidence would be refused now."""
        if self.state == "refusing":
            return BasiraError("custody_refuses", status=409, reason=self.reason)
        if not self._quorum_answers() or not self.cosigned_size:
            return BasiraError("evidence_waits_for_quorum", status=409)
        return None

    def _quorum_answers(self) -> bool:
        """Whether the witnesses without a problem would be enough."""
        if self.policy is None:
            return True
        well = [line.name for line in self.policy.witnesses if not self.witnesses.get(self._address_name(line.url))]
        return self.state == "signing" and self.policy.satisfied(well)

    def _address_name(self, url: str | None) -> str:
        """The name that the witness at the address is told of by; several keys may be one witness's."""
        assert self.policy is not None
        return next((one.name for one in witness_addresses(self.policy) if one.url == url), "")


def read_standing(home: CustodyHome) -> Standing:
    """Raises BasiraError ``custody_not_started`` where no log's process has run, or ``custody_policy_bad``."""
    policy = home.policy()
    status = None
    if home.journal_path.exists():
        with closing(Journal.open(home.journal_path, read_only=True)) as journal:
            status = journal.note("status")
    if status is None:
        raise BasiraError("custody_not_started", status=409)
    names = [] if policy is None else [one.name for one in witness_addresses(policy)]
    return Standing(
        status["origin"], status["state"], status["reason"], status["size"], status["cosigned_size"],
        status.get("cosigned_us"), {name: status["witnesses"].get(name, "") for name in names}, policy,
    )  # fmt: skip
