"""The entries of a bundle, each with what proves it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol, TypeVar

from basira.custody.entries import Cover, Entry, Heartbeat, Segment, decode_entry
from basira.custody.findings import Bracket, Finding
from basira.custody.manifest import entry_name, proof_name, quote_name
from basira.custody.merkle import leaf_hash, verify_inclusion
from basira.custody.note import BadSignature
from basira.custody.policy import Cosigned, Policy
from basira.custody.proof import TlogProof
from basira.custody.strict import Malformed

Kind = TypeVar("Kind")


class Files(Protocol):
    """Where a bundle's files are read from."""

    def read(self, name: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """A proven entry. ``bracket`` is when it was committed, as far as the witnesses vouch."""

    generation: int
    index: int
    entry: Entry
    bracket: Bracket

    @property
    def place(self) -> tuple[int, int]:
        return self.generation, self.index

    @property
    def name(self) -> str:
        return entry_name(self.generation, self.index)


class ProofReader:
    """Checks proofs against a policy; each checkpoint's signatures once."""

    def __init__(self, policy: Policy, origins: dict[str, str]) -> None:
        self._policy = policy
        self._origins = origins
        self._judged: dict[bytes, Cosigned] = {}

    def judge(self, note: bytes, generation: int) -> Cosigned:
        """Raises Malformed or BadSignature."""
        digest = hashlib.sha256(note).digest()
        judged = self._judged.get(digest)
        if judged is None:
            judged = self._judged[digest] = self._policy.judge(note)
        if judged.checkpoint.origin != self._origins.get(str(generation)):
            raise BadSignature(f"the checkpoint is of {judged.checkpoint.origin}")
        return judged

    def prove(self, entry: bytes, proof: TlogProof, generation: int) -> Cosigned:
        """The checkpoint that the entry is proven to be under. Raises Malformed or BadSignature."""
        judged = self.judge(proof.checkpoint, generation)
        checkpoint = judged.checkpoint
        if not verify_inclusion(proof.index, checkpoint.size, leaf_hash(entry), proof.path, checkpoint.root):
            raise BadSignature("the inclusion path does not lead to the root")
        return judged


def read_entries(
    files: Files, names: list[str], reader: ProofReader, report: Callable[[Finding], None]
) -> list[LoggedEntry]:
    """Every entry of the bundle that is proven, in the order of the log; what is not is reported."""
    logged: list[LoggedEntry] = []
    entries = sorted(name for name in names if name.startswith("entries/"))
    proofs = {name for name in names if name.startswith("proofs/")}
    for name in entries:
        found = _read_entry(files, name, reader, report)
        if found is not None:
            proofs.discard(proof_name(*found.place))
            logged.append(found)
    for name in sorted(
        proofs - {name.replace("entries/", "proofs/").replace(".json", ".tlog-proof") for name in entries}
    ):
        report(Finding("proof_stray", name))
    return sorted(logged, key=lambda entry: entry.place)


def _read_entry(files: Files, name: str, reader: ProofReader, report: Callable[[Finding], None]) -> LoggedEntry | None:
    path = PurePosixPath(name)
    try:
        generation, index = int(path.parent.name), int(path.stem)
        if entry_name(generation, index) != name:
            raise ValueError
    except ValueError:
        report(Finding("entry_malformed", name, "its name is not an index"))
        return None
    try:
        data = files.read(name)
        entry = decode_entry(data)
    except Malformed as error:
        report(Finding("entry_malformed", name, str(error)))
        return None
    try:
        proof = TlogProof.parse(files.read(proof_name(generation, index)))
        if proof.index != index:
            raise BadSignature("the proof is of another index")
        judged = reader.prove(data, proof, generation)
    except KeyError:
        report(Finding("entry_unproven", name, "its proof is missing"))
        return None
    except (Malformed, BadSignature) as error:
        report(Finding("entry_unproven", name, str(error)))
        return None
    try:
        not_before_s = _quoted_time(files, entry, reader, generation, index)
    except KeyError:
        report(Finding("quote_unproven", name, "the quoted checkpoint is missing"))
        return None
    except (Malformed, BadSignature) as error:
        report(Finding("quote_unproven", name, str(error)))
        return None
    return LoggedEntry(generation, index, entry, Bracket(not_before_s, judged.not_after_s))


def _quoted_time(files: Files, entry: Entry, reader: ProofReader, generation: int, index: int) -> int | None:
    """When the checkpoint the entry quotes had been cosigned; None when it quotes none."""
    seen = entry.seen if isinstance(entry, Segment | Cover | Heartbeat) else None
    if seen is None:
        return None
    note = files.read(quote_name(seen.sha256))
    if hashlib.sha256(note).hexdigest() != seen.sha256:
        raise BadSignature("the quoted checkpoint has another hash")
    judged = reader.judge(note, generation)
    if judged.checkpoint.size != seen.size or seen.size > index:
        raise BadSignature("the quoted checkpoint is not of an earlier size")
    return judged.not_before_s


def of_kind(logged: list[LoggedEntry], kind: type[Kind]) -> list[tuple[LoggedEntry, Kind]]:
    """The entries of one kind with their proofs, in the order of the log."""
    return [(one, one.entry) for one in logged if isinstance(one.entry, kind)]
