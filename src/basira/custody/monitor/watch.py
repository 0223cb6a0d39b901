"""One visit of the monitor: read all of a log, compare it with every witness and with earlier visits, judge it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from basira.base.errors import BasiraError
from basira.custody.checkpoint import Checkpoint
from basira.custody.entries import Head, LogStart, decode_entry
from basira.custody.findings import Finding
from basira.custody.home import witness_addresses
from basira.custody.logged import LoggedEntry
from basira.custody.merkle import Frontier, leaf_hash
from basira.custody.monitor.conduct import Conduct
from basira.custody.monitor.memory import Brackets, MonitorMemory, Visit
from basira.custody.monitor.numbers import Tally
from basira.custody.monitor.source import LogSource
from basira.custody.monitor.views import View, ask_witnesses
from basira.custody.monitor.words import is_wrong
from basira.custody.note import BadSignature, Note, verify
from basira.custody.policy import Policy
from basira.custody.strict import Malformed
from basira.custody.tiles import TILE_WIDTH, decode_bundle, tile_path
from basira.custody.witness_client import WitnessClient

SILENT_AFTER_S: Final = 600
BEHIND_AFTER_S: Final = 3600
NOW: Final = "now"


@dataclass(frozen=True, slots=True)
class _Known:
    """A head of the log that somebody holds."""

    holder: str
    size: int
    root: bytes
    note: bytes
    is_successor: bool = False


@dataclass(slots=True)
class Watched:
    """What one visit found. ``findings`` are by month; those of this very visit are under :data:`NOW`."""

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    logs: list[dict[str, Any]] = field(default_factory=list)
    views: dict[str, Sequence[View]] = field(default_factory=dict)

    def note(self, month: str, finding: Finding) -> None:
        self.findings.setdefault(month, []).append(finding)

    @property
    def wrong(self) -> list[Finding]:
        return [finding for month in sorted(self.findings) for finding in self.findings[month] if is_wrong(finding)]


def watch(
    sources: Sequence[LogSource],
    policy: Policy,
    witnesses: Sequence[WitnessClient],
    memory: MonitorMemory,
    now_s: int,
) -> Watched:
    """Visit every generation of a log, oldest first. Raises BasiraError ``log_unreadable``."""
    watched = Watched()
    conduct = Conduct(watched.note)
    heads = [_cited_head(source) for source in sources[1:]] + [None]
    for number, (source, cited) in enumerate(zip(sources, heads, strict=True), start=1):
        _Visit(watched, conduct, policy, memory, now_s, number).read(source, witnesses, cited)
    conduct.finish()
    for start_us, end_us in watched.tally.silences:
        seconds = (end_us - start_us) // 1_000_000
        watched.note(_month(start_us), Finding("silence", _utc(start_us), f"{seconds} s"))
    last_us = watched.tally.last_us
    if last_us is not None and now_s - last_us // 1_000_000 > SILENT_AFTER_S:
        watched.note(NOW, Finding("silent_now", _utc(last_us), f"{now_s - last_us // 1_000_000} s"))
    return watched


def _utc(at_us: int) -> str:
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _month(at_us: int) -> str:
    return _utc(at_us)[:7]


def _cited_head(source: LogSource) -> Head | None:
    """The head of the log before, which a log that takes over cites in its first entry."""
    size = _checkpoint_of(source)[0].size
    data = source.fetch(tile_path("entries", 0, min(size, TILE_WIDTH)) if size else "tile/entries/000")
    try:
        first = decode_entry(decode_bundle(data or b"")[0])
    except (Malformed, IndexError):
        return None
    return first.continues if isinstance(first, LogStart) else None


class _Visit:
    """The reading of one generation."""

    def __init__(
        self, watched: Watched, conduct: Conduct, policy: Policy, memory: MonitorMemory, now_s: int, number: int
    ) -> None:
        self._watched, self._conduct, self._policy = watched, conduct, policy
        self._memory, self._now_s, self._number = memory, now_s, number

    def _now(self, code: str, where: str, detail: str = "") -> None:
        self._watched.note(NOW, Finding(code, where, detail))

    def read(self, source: LogSource, witnesses: Sequence[WitnessClient], cited: Head | None) -> None:
        origin = _checkpoint_of(source)[0].origin
        # Witnesses first: the log only grows, so an honest one then shows no less than any of them.
        views = ask_witnesses(witnesses, origin)
        self._watched.views[origin] = views
        checkpoint, note = _checkpoint_of(source)
        self._check_signature(checkpoint, note)
        visits = self._memory.visits(origin)
        held = [_Known(view.witness, view.checkpoint.size, view.checkpoint.root, view.note)
                for view in views if view.checkpoint is not None]  # fmt: skip
        held += [_Known(f"visit of {visit.at_s}", visit.size, bytes.fromhex(visit.root), visit.note.encode())
                 for visit in visits]  # fmt: skip
        if cited is not None:
            self._now("log_restarted", f"{origin} at {cited.size}")
            held.append(_Known("the log that follows", cited.size, bytes.fromhex(cited.root), b"", is_successor=True))
        self._compare_sizes(checkpoint, note, held)
        self._tell_of_witnesses(checkpoint, views)
        seen = Visit(self._now_s, checkpoint.size, checkpoint.root.hex(), note.decode("utf-8", "replace"))
        intact = self._read_entries(source, checkpoint, note, held, Brackets([*visits, seen]))
        self._watched.logs.append(
            {"origin": origin, "size": checkpoint.size, "root": checkpoint.root.hex(), "intact": intact}
        )
        if intact:
            self._memory.add(origin, seen)

    def _check_signature(self, checkpoint: Checkpoint, note: bytes) -> None:
        origin = checkpoint.origin
        if origin not in self._policy.origins:
            self._now("log_unknown", origin)
            return
        try:
            verify(Note.parse(note), [one for one in self._policy.verifiers(origin) if one.name == origin])
        except BadSignature as error:
            self._now("log_unsigned", origin, str(error))
            return
        try:
            self._policy.judge(note)
        except BadSignature as error:
            self._now("no_quorum", f"{origin} at {checkpoint.size}", str(error))

    def _compare_sizes(self, checkpoint: Checkpoint, note: bytes, held: Sequence[_Known]) -> None:
        for known in held:
            if known.size > checkpoint.size:
                code = "entries_lost" if known.is_successor else "rollback"
                detail = f"{known.holder} knows {known.size}{self._keep(known.note, note)}"
                self._now(code, f"{checkpoint.origin} at {checkpoint.size}", detail)

    def _tell_of_witnesses(self, checkpoint: Checkpoint, views: Sequence[View]) -> None:
        for view in views:
            if view.problem:
                self._now("witness_unreachable", view.witness, view.problem)
            elif view.checkpoint is None:
                self._now("witness_without_log", view.witness)
            elif view.checkpoint.size < checkpoint.size and self._is_stale(view):
                self._now("witness_behind", view.witness, f"{view.checkpoint.size} of {checkpoint.size}")

    def _is_stale(self, view: View) -> bool:
        return view.cosigned_s is None or self._now_s - view.cosigned_s > BEHIND_AFTER_S

    def _keep(self, one: bytes, other: bytes) -> str:
        """Keep two signed heads beside each other, where there are two; says in which file."""
        if not one:
            return ""
        data = one + b"\n\n" + other
        return f", {self._memory.keep_evidence(f'{hashlib.sha256(data).hexdigest()[:16]}.notes', data).name}"

    def _read_entries(
        self, source: LogSource, checkpoint: Checkpoint, note: bytes, held: Sequence[_Known], brackets: Brackets
    ) -> bool:
        """Whether every entry was there and the roots are the signed one and everybody else's."""
        frontier, intact = Frontier(), True
        by_size: dict[int, list[_Known]] = {}
        for known in held:
            by_size.setdefault(known.size, []).append(known)
        for index, data in self._entries(source, checkpoint.size):
            if data is None:
                self._now("tiles_missing", f"{checkpoint.origin}, from entry {index}")
                return False
            frontier.append(leaf_hash(data))
            for known in by_size.get(index + 1, ()):
                if known.root != frontier.root():
                    intact = False
                    detail = f"{known.holder} knows another{self._keep(known.note, note)}"
                    self._now("fork", f"{checkpoint.origin} at {known.size}", detail)
            self._take(checkpoint.origin, index, data, brackets)
        if frontier.root() != checkpoint.root:
            self._now("root_mismatch", f"{checkpoint.origin} at {checkpoint.size}")
            intact = False
        return intact

    def _take(self, origin: str, index: int, data: bytes, brackets: Brackets) -> None:
        try:
            entry = decode_entry(data)
        except Malformed as error:
            self._now("entry_malformed", f"{origin} {index}", str(error))
            return
        if index == 0 and (not isinstance(entry, LogStart) or entry.origin != origin):
            self._now("log_start_missing", origin)
        self._watched.tally.take(entry)
        self._conduct.take(LoggedEntry(self._number, index, entry, brackets.of(index)))

    def _entries(self, source: LogSource, size: int) -> Iterator[tuple[int, bytes | None]]:
        """Index and bytes of every entry; None where the log has none to show."""
        for number in range(-(-size // TILE_WIDTH)):
            first = number * TILE_WIDTH
            wanted = min(TILE_WIDTH, size - first)
            data = source.fetch(tile_path("entries", number, wanted))
            if data is None and wanted < TILE_WIDTH:
                data = source.fetch(tile_path("entries", number))  # it grew full meanwhile
            try:
                bundle = [] if data is None else decode_bundle(data)
            except Malformed:
                bundle = []
            if len(bundle) < wanted:
                yield first, None
                return
            yield from enumerate(bundle[:wanted], start=first)


def _checkpoint_of(source: LogSource) -> tuple[Checkpoint, bytes]:
    note = source.fetch("checkpoint")
    if note is None:
        raise BasiraError("log_unreadable", source="checkpoint", reason="there is none")
    try:
        return Checkpoint.parse(Note.parse(note).text), note
    except Malformed as error:
        raise BasiraError("log_unreadable", source="checkpoint", reason=str(error)) from error


def clients_of(policy: Policy, http: httpx.Client) -> list[WitnessClient]:
    """The policy's witnesses that have an address."""
    return [WitnessClient(address, http) for address in witness_addresses(policy)]
