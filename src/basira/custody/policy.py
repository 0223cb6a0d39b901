"""Trust policies (C2SP tlog-policy): which logs are believed, and how many of which witnesses must have cosigned.

A policy comes to the verifier from outside, on paper or from a publisher it trusts; never with the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from basira.custody.checkpoint import Checkpoint
from basira.custody.cosignature import SignatureVerifier, timestamp_of
from basira.custody.note import BadSignature, Note, NoteVerifier, verify
from basira.custody.strict import Malformed, decode_decimal
from basira.custody.vkey import KeyType, VerifierKey

NONE: Final = "none"
MAX_DEFINITIONS: Final = 1000
_ALLOWED = re.compile(rb"[\x09\x0a\x20-\x7e\x80-\xff]*")
_LOG_KINDS = frozenset(KeyType)
_WITNESS_KINDS = frozenset({KeyType.ED25519_COSIGNATURE, KeyType.MLDSA44_COSIGNATURE})


def default_quorum(witnesses: int) -> int:
    """How many of ``witnesses`` must cosign: 1 + ⌊2n/3⌋, and 0 of 0.

    Two histories can be shown to two people only if two quorums exist without an honest witness in common.
    With n witnesses of which f are dishonest, quorums of k overlap in an honest one when 2k - n > f; k must
    also be reachable by the n - f honest ones alone. The smallest k for the largest f is 1 + ⌊2n/3⌋: 3 of 3,
    3 of 4, 4 of 5, 5 of 7. A bare majority is not enough.
    """
    return 1 + 2 * witnesses // 3 if witnesses else 0


@dataclass(frozen=True, slots=True)
class LogLine:
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class WitnessLine:
    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint that satisfies a policy: the log has signed it and a quorum of witnesses has cosigned it.

    ``cosigned_s`` maps the policy's names of witnesses to the POSIX seconds they put in their cosignatures.
    """

    checkpoint: Checkpoint
    log_keys: tuple[str, ...]
    cosigned_s: Mapping[str, int]
    not_after_s: int | None
    not_before_s: int | None


@dataclass(frozen=True, slots=True)
class Policy:
    """What a policy file says. Names are opaque text; two spellings are two names."""

    logs: tuple[LogLine, ...]
    witnesses: tuple[WitnessLine, ...]
    groups: tuple[Group, ...]
    quorum: str
    _by_name: dict[str, Group] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {group.name: group for group in self.groups})

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.key.name for line in self.logs))

    def satisfied(self, cosigners: Iterable[str]) -> bool:
        """Whether these witnesses, by their names in the policy, make a quorum."""
        if self.quorum == NONE:
            return True
        have = set(cosigners)

        def counts(name: str) -> bool:
            group = self._by_name.get(name)
            if group is None:
                return name in have
            return sum(counts(member) for member in group.members) >= group.threshold

        return counts(self.quorum)

    def verifiers(self, origin: str) -> list[NoteVerifier]:
        """Every key of the policy that may sign a checkpoint of ``origin``."""
        logs: list[NoteVerifier] = [SignatureVerifier(line.key) for line in self.logs if line.key.name == origin]
        return logs + [SignatureVerifier(line.key) for line in self.witnesses]

    def judge(self, note_bytes: bytes) -> Cosigned:
        """Check a signed checkpoint against the policy.

        Raises :class:`Malformed`, or :class:`BadSignature` when the log is not one of the policy's, when a
        signature by any of the policy's keys fails, or when the witnesses that signed are no quorum.
        """
        note = Note.parse(note_bytes)
        checkpoint = Checkpoint.parse(note.text)
        if checkpoint.origin not in self.origins:
            raise BadSignature(f"the policy knows no log {checkpoint.origin}")
        verified = verify(note, self.verifiers(checkpoint.origin))
        log_ids = {(line.key.name, line.key.id) for line in self.logs if line.key.name == checkpoint.origin}
        log_keys = tuple(
            signature.line.key_id.hex()
            for signature in verified
            if (signature.line.name, signature.line.key_id) in log_ids
        )
        if not log_keys:
            raise BadSignature(f"the log {checkpoint.origin} has not signed")
        names = {(line.key.name, line.key.id): line.name for line in self.witnesses}
        cosigned: dict[str, int] = {}
        for signature in verified:
            name = names.get((signature.line.name, signature.line.key_id))
            if name is not None:
                cosigned[name] = timestamp_of(signature.line.blob)
        if not self.satisfied(cosigned):
            raise BadSignature(f"{len(cosigned)} known cosignatures are no quorum")
        return Cosigned(checkpoint, log_keys, cosigned, self._not_after(cosigned), self._not_before(cosigned))

    def _not_after(self, cosigned: Mapping[str, int]) -> int | None:
        """The earliest time by which a whole quorum had signed."""
        return self._first_quorum(sorted(cosigned.items(), key=lambda item: item[1]))

    def _not_before(self, cosigned: Mapping[str, int]) -> int | None:
        """The latest time such that a whole quorum signed at or after it."""
        return self._first_quorum(sorted(cosigned.items(), key=lambda item: -item[1]))

    def _first_quorum(self, ordered: Sequence[tuple[str, int]]) -> int | None:
        if self.quorum == NONE:
            return None
        have: list[str] = []
        for name, seconds in ordered:
            have.append(name)
            if self.satisfied(have):
                return seconds
        return None

    def quorum_size(self) -> tuple[int, int]:
        """The fewest witnesses that can make a quorum, and how many there are."""
        if self.quorum == NONE:
            return 0, len(self.witnesses)

        def fewest(name: str) -> int:
            group = self._by_name.get(name)
            return 1 if group is None else sum(sorted(fewest(member) for member in group.members)[: group.threshold])

        return fewest(self.quorum), len(self.witnesses)

    def explain(self) -> str:
        """One English sentence on what the quorum means."""
        if self.quorum == NONE:
            return "No witness is required: the log's own signature is all there is."
        group = self._by_name.get(self.quorum)
        if group is None:
            return f"Witness {self.quorum} must have cosigned."
        return f"At least {group.threshold} of {len(group.members)} ({', '.join(group.members)}) must have cosigned."


def parse_policy(data: bytes) -> Policy:
    """Raises :class:`Malformed`, saying the line."""
    if not _ALLOWED.fullmatch(data):
        raise Malformed("control character in the policy")
    return _PolicyReader().read(data.decode("utf-8", "surrogateescape"))


class _PolicyReader:
    def __init__(self) -> None:
        self.logs: list[LogLine] = []
        self.witnesses: list[WitnessLine] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self.defined: set[str] = set()
        self.used: set[str] = set()
        self.public_keys: set[tuple[str, bytes]] = set()

    def read(self, text: str) -> Policy:
        if text and not text.endswith("\n"):
            raise Malformed("the last line does not end")
        for number, line in enumerate(text.split("\n")[:-1], start=1):
            words = [word for word in re.split(r"[ \t]+", line) if word]
            if not words or words[0].startswith("#"):
                continue
            try:
                self._line(words)
            except Malformed as error:
                raise Malformed(f"policy line {number}: {error}") from error
        if self.quorum is None:
            raise Malformed("the policy has no quorum line")
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)

    def _line(self, words: list[str]) -> None:
        keyword, *rest = words
        if keyword == "log" and len(rest) in (1, 2):
            self.logs.append(LogLine(self._key("log", rest[0], _LOG_KINDS), *rest[1:]))
        elif keyword == "witness" and len(rest) in (2, 3):
            self._define(rest[0])
            self.witnesses.append(WitnessLine(rest[0], self._key("witness", rest[1], _WITNESS_KINDS), *rest[2:]))
        elif keyword == "group" and len(rest) >= 3:
            self._group(rest[0], rest[1], rest[2:])
        elif keyword == "quorum" and len(rest) == 1:
            if self.quorum is not None:
                raise Malformed("second quorum line")
            if rest[0] != NONE and rest[0] not in self.defined:
                raise Malformed("quorum of an undefined name")
            self.quorum = rest[0]
        else:
            raise Malformed("not a line of a policy")
        if len(self.logs) + len(self.defined) > MAX_DEFINITIONS:
            raise Malformed("too many definitions")

    def _define(self, name: str) -> None:
        if name == NONE or name in self.defined:
            raise Malformed("name already taken")
        self.defined.add(name)

    def _key(self, what: str, text: str, kinds: frozenset[KeyType]) -> VerifierKey:
        key = VerifierKey.parse(text)
        if key.kind not in kinds:
            raise Malformed(f"a key of this kind cannot be a {what}'s")
        if (what, key.public) in self.public_keys:
            raise Malformed("the same public key twice")
        self.public_keys.add((what, key.public))
        return key

    def _group(self, name: str, threshold: str, members: list[str]) -> None:
        for member in members:
            if member not in self.defined:
                raise Malformed("group of an undefined name")
            if member in self.used:
                raise Malformed("a name is in at most one group")
            self.used.add(member)
        k = {"any": 1, "all": len(members)}.get(threshold)
        if k is None:
            k = decode_decimal(threshold)
        if not 1 <= k <= len(members):
            raise Malformed("threshold out of range")
        self._define(name)
        self.groups.append(Group(name, k, tuple(members)))


def write_policy(logs: Sequence[LogLine], witnesses: Sequence[WitnessLine], threshold: int | None = None) -> str:
    """A policy file in which ``threshold`` witnesses must agree; by default :func:`default_quorum` of them."""
    lines = [" ".join(filter(None, ("log", log.key.encode(), log.url))) for log in logs]
    if not witnesses:
        return "\n".join([*lines, "quorum none", ""])
    k = default_quorum(len(witnesses)) if threshold is None else threshold
    lines += [" ".join(filter(None, ("witness", w.name, w.key.encode(), w.url))) for w in witnesses]
    lines.append(f"# {k} of {len(witnesses)}: any two sets of {k} have an honest witness in common")
    lines.append(f"group witnesses {k} {' '.join(w.name for w in witnesses)}")
    return "\n".join([*lines, "quorum witnesses", ""])
