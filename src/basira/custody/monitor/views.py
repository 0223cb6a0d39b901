"""What each witness shows everybody as its newest head of a log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from basira.custody.checkpoint import Checkpoint
from basira.custody.cosignature import timestamp_of
from basira.custody.note import Note
from basira.custody.witness_client import WitnessClient, WitnessUnreachable


@dataclass(frozen=True, slots=True)
class View:
    """``checkpoint`` None: the witness has none of this log, or (``problem``) did not answer."""

    witness: str
    checkpoint: Checkpoint | None
    note: bytes = b""
    cosigned_s: int | None = None
    problem: str = ""


def ask_witnesses(witnesses: Iterable[WitnessClient], origin: str) -> Sequence[View]:
    """To be called before the log itself is read: then no honest witness can be ahead of what the log shows."""
    views: list[View] = []
    for witness in witnesses:
        name = witness.address.name
        try:
            latest = witness.latest(origin)
        except WitnessUnreachable as error:
            views.append(View(name, None, problem=str(error) or "no answer"))
            continue
        if latest is None:
            views.append(View(name, None))
            continue
        checkpoint, note = latest
        views.append(View(name, checkpoint, note.encode(), _cosigned_s(note, witness)))
    return views


def _cosigned_s(note: Note, witness: WitnessClient) -> int | None:
    keys = {(key.name, key.id) for key in witness.address.keys}
    times = [timestamp_of(line.blob) for line in note.signatures if (line.name, line.key_id) in keys]
    return max(times, default=None)
