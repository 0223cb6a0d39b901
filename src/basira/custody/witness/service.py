"""What a witness answers: the table of C2SP tlog-witness, without any HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from basira.base.clock import NS_PER_S, Clock
from basira.custody.checkpoint import Checkpoint
from basira.custody.cosignature import SignatureVerifier, Signer
from basira.custody.merkle import verify_consistency
from basira.custody.note import BadSignature, Note, verify
from basira.custody.strict import Malformed
from basira.custody.submission import SIZE_CONTENT_TYPE, Submission
from basira.custody.vkey import VerifierKey
from basira.custody.witness.memory import Head, Refusal, WitnessMemory

log = structlog.get_logger(__name__)

TEXT: Final = "text/plain; charset=utf-8"
# A log that signs more forks than this has been caught often enough; the count keeps its database from growing.
MAX_REFUSALS_PER_LOG: Final = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    content_type: str = TEXT


def _no(status: int, reason: str) -> Answer:
    return Answer(status, reason.encode() + b"\n")


class Witness:
    """Cosigns one history of each trusted log. Thread-safe: the memory decides between two requests at once."""

    def __init__(
        self,
        signers: Sequence[Signer],
        trusted: Mapping[str, Sequence[VerifierKey]],
        memory: WitnessMemory,
        clock: Clock,
    ) -> None:
        """``trusted`` maps each origin to the keys of that log."""
        self._signers = tuple(signers)
        self._trusted = {origin: [SignatureVerifier(key) for key in keys] for origin, keys in trusted.items()}
        self._memory = memory
        self._clock = clock

    @property
    def keys(self) -> list[VerifierKey]:
        return [signer.vkey for signer in self._signers]

    @property
    def origins(self) -> list[str]:
        return list(self._trusted)

    def heads(self) -> Sequence[Head]:
        return self._memory.heads()

    def refusals(self) -> Sequence[Refusal]:
        return self._memory.refusals()

    def latest(self, origin_sha256: str) -> Answer:
        """The monitoring GET: the latest cosigned checkpoint of the log whose origin has this hash."""
        head = self._memory.head_by_hash(origin_sha256)
        return _no(404, "nothing cosigned for this log") if head is None else Answer(200, head.note)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a submission. A 200 is given only after the new head is on the disk."""
        try:
            submission = Submission.parse(body)
            note = Note.parse(submission.note)
            checkpoint = Checkpoint.parse(note.text)
        except Malformed as error:
            return _no(400, str(error))
        verifiers = self._trusted.get(checkpoint.origin)
        if verifiers is None:
            return _no(404, "this witness does not follow this log")
        try:
            by_log = tuple(signature.line for signature in verify(note, verifiers))
        except BadSignature as error:
            return _no(403, str(error))
        if submission.old_size > checkpoint.size:
            return _no(400, "the old size is larger than the checkpoint")
        return self._compare(submission, Note(note.text, by_log), checkpoint)

    def _compare(self, submission: Submission, note: Note, checkpoint: Checkpoint) -> Answer:
        head = self._memory.head(checkpoint.origin)
        latest = Checkpoint(checkpoint.origin, 0, b"") if head is None else head.checkpoint
        if submission.old_size != latest.size:
            if checkpoint.size < latest.size:
                self._refuse("rollback", submission, note, head)
            elif checkpoint.size == latest.size and checkpoint.root != latest.root:
                # Two heads of one size prove a fork, whatever old size came with the second.
                self._refuse("fork", submission, note, head)
            return Answer(409, f"{latest.size}\n".encode(), SIZE_CONTENT_TYPE)
        if not checkpoint.is_sane():
            self._refuse("empty_root", submission, note, head)
            return _no(422, "an empty log has another root")
        if head is None or latest.size == 0:
            if submission.proof:
                return _no(422, "a proof from an empty log is empty")
        elif not verify_consistency(latest.size, checkpoint.size, submission.proof, latest.root, checkpoint.root):
            reason = "fork" if latest.size == checkpoint.size else "inconsistent"
            self._refuse(reason, submission, note, head)
            return _no(422, "this checkpoint does not continue the one cosigned before")
        return self._cosign(note, checkpoint, head)

    def _cosign(self, note: Note, checkpoint: Checkpoint, head: Head | None) -> Answer:
        now_s = self._clock.utc_ns() // NS_PER_S
        if head is not None and now_s < head.cosigned_s:
            # A later head must not look older than an earlier one, and a time the clock does not show is a lie.
            return _no(503, "this witness's clock is behind its last cosignature")
        own = tuple(signer.sign(note.text, now_s) for signer in self._signers)
        new = Head(checkpoint, Note(note.text, note.signatures + own).encode(), now_s)
        if not self._memory.advance(head, new):
            current = self._memory.head(checkpoint.origin)
            size = 0 if current is None else current.checkpoint.size
            return Answer(409, f"{size}\n".encode(), SIZE_CONTENT_TYPE)
        return Answer(200, "".join(line.encode() for line in own).encode())

    def _refuse(self, reason: str, submission: Submission, note: Note, head: Head | None) -> None:
        origin = Checkpoint.parse(note.text).origin
        log.warning("checkpoint_refused", origin=origin, reason=reason)
        if self._memory.refusal_count(origin) >= MAX_REFUSALS_PER_LOG:
            return
        # Only the log's own signatures are kept: anybody can add lines, and would fill the disk with them.
        kept = Submission(submission.old_size, submission.proof, note.encode())
        self._memory.remember_refusal(
            origin, reason, note.text.encode(), kept.encode(), b"" if head is None else head.note,
            self._clock.utc_ns() // NS_PER_S,
        )  # fmt: skip
