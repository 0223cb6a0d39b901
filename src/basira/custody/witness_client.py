"""Asking a witness to cosign (C2SP tlog-witness, the client's side)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from basira.custody.checkpoint import Checkpoint, origin_hash
from basira.custody.cosignature import SignatureVerifier
from basira.custody.note import BadSignature, Note, SignatureLine, parse_signature_lines, verify
from basira.custody.strict import Malformed, decode_decimal
from basira.custody.submission import SIZE_CONTENT_TYPE, Submission
from basira.custody.tiles import TileReader
from basira.custody.vkey import VerifierKey


class WitnessUnreachable(Exception):
    """No answer, or one that makes no sense: try again later. Recording goes on."""


class WitnessRefused(Exception):
    """The witness will not cosign: it does not follow this log (404), does not trust its key (403), or has
    cosigned another history (422)."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status


class WitnessAhead(Exception):
    """The witness has cosigned a larger head of this log than there is here: this log has lost its end."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the witness has cosigned size {size}")
        self.size = size


@dataclass(frozen=True, slots=True)
class WitnessAddress:
    """A witness as a policy names it. ``url`` is its submission prefix, and its monitoring prefix too."""

    name: str
    url: str
    keys: tuple[VerifierKey, ...]


class WitnessClient:
    """One witness. Keeps in memory which size it last cosigned; unknown at first, then the witness tells."""

    def __init__(self, address: WitnessAddress, http: httpx.Client) -> None:
        self.address = address
        self._http = http
        self._verifiers = [SignatureVerifier(key) for key in address.keys]
        self._known_size = 0

    def _url(self, path: str) -> str:
        return f"{self.address.url.rstrip('/')}/{path}"

    def latest(self, origin: str) -> tuple[Checkpoint, Note] | None:
        """What the witness shows everybody as its latest head of ``origin``, checked against its key.

        None when it has none. Raises :class:`WitnessUnreachable`.
        """
        try:
            answer = self._http.get(self._url(f"{origin_hash(origin)}/checkpoint"))
        except httpx.HTTPError as error:
            raise WitnessUnreachable(str(error)) from error
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise WitnessUnreachable(f"HTTP status {answer.status_code}")
        try:
            note = Note.parse(answer.content)
            verify(note, self._verifiers)
            checkpoint = Checkpoint.parse(note.text)
        except (Malformed, BadSignature) as error:
            raise WitnessUnreachable(str(error)) from error
        if checkpoint.origin != origin:
            raise WitnessUnreachable("the checkpoint is of another log")
        return checkpoint, note

    def cosign(self, note: Note, tree: TileReader) -> Sequence[SignatureLine]:
        """The witness's cosignatures of ``note``, a checkpoint of ``tree`` that the log has signed.

        They are verified; lines by keys that the address does not name are dropped. Raises
        :class:`WitnessUnreachable`, :class:`WitnessRefused` or :class:`WitnessAhead`.
        """
        size = Checkpoint.parse(note.text).size
        for _ in range(3):
            old_size = min(self._known_size, size)
            proof = tree.consistency(old_size, size)
            answer = self._post(Submission(old_size, tuple(proof), note.encode()))
            if answer.status_code == 200:
                lines = self._verified(note, answer.content)
                self._known_size = size
                return lines
            if answer.status_code != 409:
                break
            self._known_size = self._told_size(answer)
            if self._known_size > size:
                raise WitnessAhead(self._known_size)
        if answer.status_code in (403, 404, 422):
            raise WitnessRefused(answer.status_code, answer.text.strip()[:200])
        raise WitnessUnreachable(f"HTTP status {answer.status_code}")

    def _post(self, submission: Submission) -> httpx.Response:
        try:
            return self._http.post(self._url("add-checkpoint"), content=submission.encode())
        except httpx.HTTPError as error:
            raise WitnessUnreachable(str(error)) from error

    def _told_size(self, answer: httpx.Response) -> int:
        if answer.headers.get("content-type", "").split(";")[0].strip() != SIZE_CONTENT_TYPE:
            raise WitnessUnreachable("conflict without a size")
        try:
            return decode_decimal(answer.text.removesuffix("\n"))
        except Malformed as error:
            raise WitnessUnreachable(f"conflict with a bad size: {error}") from error

    def _verified(self, note: Note, body: bytes) -> Sequence[SignatureLine]:
        try:
            lines = parse_signature_lines(body.decode("utf-8"))
            verified = verify(Note(note.text, lines), self._verifiers)
        except (UnicodeDecodeError, Malformed, BadSignature) as error:
            raise WitnessUnreachable(f"bad cosignature: {error}") from error
        return [signature.line for signature in verified]
