"""The node's log at work: entries get places, tiles are synced, checkpoints signed and cosigned.

Order of one turn: sources → ``custody.db`` (one transaction); then, as often as witnesses are asked: → tiles, synced →
checkpoint signed, published → witnesses. A crash anywhere repeats the rest of the turn and nothing else. Witnesses
out of reach never delay an entry; they only delay what needs a quorum.

Before it signs anything after a start, the ledger compares its log with the witnesses'. If any of them has
cosigned more than there is here, or something else, this log has lost or changed its end (a restored disk, a
rolled-back machine): it refuses to sign, and goes on only as a new log that cites the old head
(:meth:`Ledger.continue_as_new_log`).
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata as package_metadata
from pathlib import Path
from typing import Final

import structlog

import basira
from basira.base.clock import NS_PER_S, Clock, boot_id
from basira.custody.checkpoint import Checkpoint
from basira.custody.cosignature import SignatureVerifier, Signer
from basira.custody.entries import Entry, Head, Heartbeat, LogStart, Seen, Software, microseconds
from basira.custody.home import CustodyHome
from basira.custody.journal import CosignedNote, Journal
from basira.custody.keys import CustodyKeys
from basira.custody.merkle import range_root
from basira.custody.note import BadSignature, Note, SignatureLine, verify
from basira.custody.policy import Policy
from basira.custody.sources import Collector, Cursors, Sources, heartbeat_due
from basira.custody.strict import Malformed
from basira.custody.tiles import LogDamaged, TileLog
from basira.custody.witness_client import WitnessAhead, WitnessClient, WitnessRefused, WitnessUnreachable

log = structlog.get_logger(__name__)

TELL_EVERY_NS: Final = 30 * NS_PER_S
PUBLISH_AT_MOST: Final = 10_000  # entries a turn, so that a long absence is caught up in bounded steps


class LedgerState(enum.StrEnum):
    """``comparing``: collects, but signs nothing yet. ``signing``: all well. ``refusing``: see ``reason``."""

    COMPARING = "comparing"
    SIGNING = "signing"
    REFUSING = "refusing"


@enum.unique
class RefusalReason(enum.StrEnum):
    NONE = ""
    BEHIND_WITNESS = "behind_witness"
    FORKED_FROM_WITNESS = "forked_from_witness"
    TILES_DAMAGED = "tiles_damaged"
    BEHIND_MEMORY = "behind_memory"


class Ledger:
    """The one writer of the node's log. Not thread-safe; hold :meth:`CustodyHome.lock` while it lives."""

    def __init__(
        self,
        home: CustodyHome,
        journal: Journal,
        sources: Sources,
        keys: CustodyKeys,
        clock: Clock,
        policy: Policy | None,
        witnesses: Sequence[WitnessClient],
    ) -> None:
        self._home, self._journal, self._sources, self._keys = home, journal, sources, keys
        self._clock, self._policy, self._witnesses = clock, policy, list(witnesses)
        self._noted = {name: journal.note(name) for name in ("cursors", "decisions")}
        self._collector = Collector(sources, self._cursors())
        self.generation = int(journal.note("generation") or 1)
        self.state, self.reason = LedgerState.COMPARING, RefusalReason.NONE
        self.refusals: dict[str, str] = {}
        self._compared: set[str] = set()
        self._last: CosignedNote | None = None
        self._told: dict[str, object] = {}
        self._told_ns = 0
        self._cosigned_us: int | None = None
        self._last_beat_ns = clock.mono_ns()
        self._tiles = self._open_tiles()
        self._note: Note | None = None
        if self._tiles is not None:
            self._begin()

    @property
    def origin(self) -> str:
        return self._home.origin(self.generation)

    @property
    def size(self) -> int:
        """Entries in published tiles."""
        return 0 if self._tiles is None else self._tiles.size

    @property
    def tiles(self) -> TileLog | None:
        return self._tiles

    def _signers(self) -> tuple[Signer, ...]:
        return self._keys.signers(self.origin, self.generation)

    def _cursors(self) -> Cursors:
        cursors = dict(self._noted["cursors"] or {})
        if self._noted["decisions"] is not None:
            cursors["decisions"] = self._noted["decisions"]
        return cursors

    def _refuse(self, reason: RefusalReason, detail: str) -> None:
        log.error("custody_refuses_to_sign", origin=self.origin, reason=reason, detail=detail)
        self.state, self.reason = LedgerState.REFUSING, reason

    # -- start -------------------------------------------------------------------------------------------------

    def _open_tiles(self) -> TileLog | None:
        """The log at its published checkpoint, or None after refusing."""
        folder = self._home.tiles_path(self.generation)
        published = self._journal.note("published")
        try:
            checkpoint = self._published_checkpoint(folder / "checkpoint")
            tiles = TileLog(folder, checkpoint)
            if published is not None and published["generation"] == self.generation:
                self._compare_with_memory(tiles, published["size"], bytes.fromhex(published["root"]))
        except (LogDamaged, Malformed, BadSignature) as error:
            self._refuse(RefusalReason.TILES_DAMAGED, str(error))
            return None
        return tiles if self.state is not LedgerState.REFUSING else None

    def _published_checkpoint(self, path: Path) -> Checkpoint | None:
        if not path.exists():
            return None
        note = Note.parse(path.read_bytes())
        verify(note, [SignatureVerifier(signer.vkey) for signer in self._signers()])
        return Checkpoint.parse(note.text)

    def _compare_with_memory(self, tiles: TileLog, size: int, root: bytes) -> None:
        """The tiles may be one turn ahead of what the journal remembers, never behind it."""
        if tiles.size < size:
            self._refuse(RefusalReason.BEHIND_MEMORY, f"{tiles.size} entries, {size} were published")
        elif range_root(tiles, 0, size) != root:
            raise LogDamaged(f"the first {size} entries have changed")

    def _begin(self) -> None:
        """Log that the process started, and in a new log first of all that the log did."""
        assert self._tiles is not None
        first: list[Entry] = []
        if self._journal.size(self.generation, self._tiles.size) == 0:
            first.append(self._log_start(None, ""))
        self._journal.add(self.generation, self._tiles.size, [*first, self._software()], {})

    def _log_start(self, continues: Head | None, why: str) -> LogStart:
        return LogStart(
            at_us=microseconds(self._clock.utc_ns()), origin=self.origin, site=self._sources.site,
            keys=tuple(signer.vkey.encode() for signer in self._signers()),
            continues=continues, why=why,
        )  # fmt: skip

    def _software(self) -> Software:
        now_us = microseconds(self._clock.utc_ns())
        return Software(at_us=now_us, version=software_version(), digest=software_digest(), boot=boot_id())

    # -- turns -------------------------------------------------------------------------------------------------

    def turn(self, *, cosign: bool = True) -> None:
        """Do everything there is to do. ``cosign`` False only gives new facts their places, durably.

        Tiles and a signature that no witness is asked about would bind nobody, and cost more than all the rest.
        """
        if self.state is LedgerState.REFUSING or self._tiles is None:
            return
        self.collect()
        if cosign and self.state is LedgerState.COMPARING:
            self._compare_with_witnesses()
        if cosign and self.state is LedgerState.SIGNING:
            self._publish()
            self._cosign()

    def collect(self) -> int:
        """Give every new fact its place in the log. Gives the number of entries the log will then have."""
        assert self._tiles is not None
        seen = self._seen()
        entries, cursors = self._collector.collect(seen)
        now_ns = self._clock.mono_ns()
        if heartbeat_due(self._last_beat_ns, now_ns):
            self._last_beat_ns = now_ns
            entries.append(
                Heartbeat(
                    at_us=microseconds(self._clock.utc_ns()), boot=boot_id(), mono_us=microseconds(now_ns), seen=seen
                )
            )
        # What was decided is long and seldom changes; the rest is short and changes with every segment.
        notes = {
            "cursors": {name: value for name, value in cursors.items() if name != "decisions"},
            "decisions": cursors["decisions"],
        }
        changed = {name: value for name, value in notes.items() if value != self._noted[name]}
        size = self._journal.add(self.generation, self._tiles.size, entries, changed)
        self._collector.cursors, self._noted = cursors, notes
        return size

    def tell(self) -> None:
        """Write down how things stand, for whoever asks (``status`` in the journal)."""
        last = self._last_cosigned()
        status = {
            "origin": self.origin, "state": str(self.state), "reason": str(self.reason), "size": self.size,
            "cosigned_size": 0 if last is None else last.size, "cosigned_us": self._cosigned_us,
            "witnesses": dict(sorted(self.refusals.items())),
        }  # fmt: skip
        # The size alone grows with every turn: that is not worth a transaction of its own each time.
        now_ns = self._clock.mono_ns()
        if {**status, "size": 0} != {**self._told, "size": 0} or now_ns - self._told_ns >= TELL_EVERY_NS:
            self._journal.remember({"status": status})
            self._told, self._told_ns = status, now_ns

    def _last_cosigned(self) -> CosignedNote | None:
        """Read once: nobody else adds one."""
        if self._last is None or self._last.generation != self.generation:
            self._last = self._journal.last_cosigned(self.generation)
        return self._last

    def _seen(self) -> Seen | None:
        last = self._last_cosigned()
        return None if last is None else Seen(size=last.size, sha256=hashlib.sha256(last.note).hexdigest())

    def _publish(self) -> None:
        assert self._tiles is not None
        tiles = self._tiles
        waiting = self._journal.pending(self.generation, tiles.size)
        for i in range(0, len(waiting), PUBLISH_AT_MOST):
            tiles.append(waiting[i : i + PUBLISH_AT_MOST])
        if not waiting and self._note is not None:
            return
        text = Checkpoint(self.origin, tiles.size, tiles.root()).encode()
        now_s = self._clock.utc_ns() // NS_PER_S
        self._note = Note(text, tuple(signer.sign(text, now_s) for signer in self._signers()))
        tiles.publish(self._note.encode())
        self._journal.published(self.generation, tiles.size, tiles.root())

    # -- witnesses ---------------------------------------------------------------------------------------------

    def _compare_with_witnesses(self) -> None:
        """Sign nothing until witnesses enough have been asked that no quorum could have cosigned more unseen."""
        unasked = [witness for witness in self._witnesses if witness.address.name not in self._compared]
        with ThreadPoolExecutor(max_workers=8) as pool:
            asked = [(witness.address.name, pool.submit(witness.latest, self.origin)) for witness in unasked]
        for name, answer in asked:
            try:
                latest = answer.result()
            except WitnessUnreachable as error:
                log.warning("custody_witness_unreachable", witness=name, error=str(error))
                continue
            if latest is not None and not self._agrees(latest[0]):
                return
            self._compared.add(name)
        if self._compared_enough():
            self.state = LedgerState.SIGNING

    def _agrees(self, theirs: Checkpoint) -> bool:
        assert self._tiles is not None
        if theirs.size > self._tiles.size:
            self._refuse(RefusalReason.BEHIND_WITNESS, f"{self._tiles.size} entries, {theirs.size} were cosigned")
        elif range_root(self._tiles, 0, theirs.size) != theirs.root:
            self._refuse(RefusalReason.FORKED_FROM_WITNESS, f"another root at size {theirs.size}")
        return self.state is not LedgerState.REFUSING

    def _compared_enough(self) -> bool:
        """Whether the witnesses not asked yet are too few to be a quorum by themselves."""
        if self._policy is None:
            return True
        asked = {key for witness in self._witnesses if witness.address.name in self._compared
                 for key in witness.address.keys}  # fmt: skip
        silent = [line.name for line in self._policy.witnesses if line.url is not None and line.key not in asked]
        return not silent or not self._policy.satisfied(silent)

    def _cosign(self) -> None:
        """Ask every witness for its cosignature of the published checkpoint; keep the note when it has a quorum."""
        assert self._tiles is not None and self._note is not None
        note, tiles = self._note, self._tiles
        last = self._last_cosigned()
        if last is not None and last.size == tiles.size:
            return
        lines: list[SignatureLine] = []
        with ThreadPoolExecutor(max_workers=8) as pool:
            asked = [(witness, pool.submit(witness.cosign, note, tiles)) for witness in self._witnesses]
            for witness, answer in asked:
                lines += self._answer_of(witness, answer.result)
        if self.state is LedgerState.REFUSING:
            return
        cosigned = Note(note.text, note.signatures + tuple(lines)).encode()
        if lines:
            tiles.publish(cosigned)
        if self._policy is None or self._has_quorum(cosigned):
            self._journal.add_cosigned(self.generation, tiles.size, cosigned)
            self._last = None
            self._cosigned_us = microseconds(self._clock.utc_ns())

    def _answer_of(
        self, witness: WitnessClient, result: Callable[[], Sequence[SignatureLine]]
    ) -> Sequence[SignatureLine]:
        name = witness.address.name
        try:
            lines = result()
        except WitnessUnreachable as error:
            log.warning("custody_witness_unreachable", witness=name, error=str(error))
            self.refusals[name] = "unreachable"
            return ()
        except WitnessRefused as error:
            log.error("custody_witness_refused", witness=name, error=str(error))
            self.refusals[name] = str(error)
            if error.status == 422:
                self._refuse(RefusalReason.FORKED_FROM_WITNESS, f"{name}: {error}")
            return ()
        except WitnessAhead as error:
            self._refuse(RefusalReason.BEHIND_WITNESS, f"{name}: {error}")
            return ()
        self.refusals.pop(name, None)
        return lines

    def _has_quorum(self, note: bytes) -> bool:
        assert self._policy is not None
        if self.origin not in self._policy.origins:
            log.error("custody_policy_lacks_this_log", origin=self.origin)
            return False
        try:
            self._policy.judge(note)
        except BadSignature as error:
            log.warning("custody_no_quorum", reason=str(error))
            return False
        return True

    # -- a new beginning ---------------------------------------------------------------------------------------

    def continue_as_new_log(self) -> None:
        """After a refusal: begin a new log, under a new origin, whose first entry cites the largest known old head.

        A person decides this, and tells the witnesses and everybody with a policy of the new log.
        """
        if self.state is not LedgerState.REFUSING:
            raise ValueError("the log is not refusing")
        old, why = self._largest_old_head(), str(self.reason)
        log.warning("custody_continues_as_new_log", old=self.origin, new=self._home.origin(self.generation + 1))
        self.generation += 1
        first: list[Entry] = [self._log_start(old, why), self._software()]
        self._journal.start_generation(self.generation, first, {"published": None})
        self.state, self.reason, self._note = LedgerState.COMPARING, RefusalReason.NONE, None
        self._compared.clear()
        self._tiles = self._open_tiles()

    def _largest_old_head(self) -> Head | None:
        """The largest head of the old log that its witnesses or this node's memory know."""
        heads: list[Checkpoint] = []
        published = self._journal.note("published")
        if published is not None and published["generation"] == self.generation:
            heads.append(Checkpoint(self.origin, published["size"], bytes.fromhex(published["root"])))
        for witness in self._witnesses:
            try:
                latest = witness.latest(self.origin)
            except WitnessUnreachable:
                continue
            if latest is not None:
                heads.append(latest[0])
        largest = max(heads, key=lambda head: head.size, default=None)
        return None if largest is None else Head(origin=largest.origin, size=largest.size, root=largest.root.hex())


def software_version() -> str:
    """Version of the installed package; ``source`` when it runs from a checkout."""
    try:
        return package_metadata.version("basira")
    except package_metadata.PackageNotFoundError:
        return "source"


def software_digest() -> str:
    """SHA-256 over the names and bytes of every installed source file of Basira."""
    whole = hashlib.sha256()
    root = Path(basira.__file__).parent
    for path in sorted(root.rglob("*.py")):
        data = path.read_bytes()
        whole.update(f"{path.relative_to(root)}\0{len(data)}\0".encode())
        whole.update(data)
    return whole.hexdigest()
