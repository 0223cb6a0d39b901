"""The verifier: a bundle and a policy in, a verdict out. No network, no server, no clock.

The policy must come from elsewhere than the bundle. Everything in the bundle is untrusted until a quorum-cosigned
checkpoint vouches for it: the log's own entry about the export vouches for the manifest, the manifest for every file.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from basira.base.identifiers import SegmentKey
from basira.custody.container import Container, StagedFiles
from basira.custody.entries import (
    Access,
    Camera,
    ClockStep,
    Cover,
    Deletion,
    Gap,
    Segment,
    Software,
    Stream,
    decode_entry,
)
from basira.custody.findings import Bracket, Finding, Verdict
from basira.custody.logged import LoggedEntry, ProofReader, of_kind, read_entries
from basira.custody.manifest import (
    MANIFEST,
    SEAL_ENTRY,
    SEAL_PROOF,
    SEAL_TIMESTAMP,
    SUMS,
    UNLISTED,
    Manifest,
    encode_sums,
    video_name,
)
from basira.custody.note import BadSignature
from basira.custody.policy import NONE, Policy
from basira.custody.proof import TlogProof
from basira.custody.recording_rules import (
    CLOCK_SLACK_S,
    StreamRecord,
    check_bytes,
    check_chain,
    check_coverage,
    segment_text,
)
from basira.custody.retention_rules import check_deletions
from basira.custody.strict import Malformed


def verify_bundle(path: Path, policy: Policy) -> Verdict:
    """Judge the bundle file. Raises OSError when it cannot be opened."""
    with path.open("rb") as file:
        try:
            container = Container(file)
        except Malformed as error:
            return Verdict(wrong=[Finding("bundle_unreadable", path.name, str(error))])
        return _Verifier(container, policy).verdict()


def judge_recording(files: StagedFiles, manifest: Manifest, policy: Policy) -> Verdict:
    """What a verifier will find about the recording itself in a bundle that is not sealed yet."""
    verifier = _Verifier(files, policy)
    verifier.judge_recording(ProofReader(policy, manifest.origins), manifest, set())
    return verifier.found


class _Verifier:
    def __init__(self, container: Container | StagedFiles, policy: Policy) -> None:
        self._files = container
        self._policy = policy
        self._verdict = Verdict()
        self._hashes: dict[str, str] = {}

    def _report(self, finding: Finding) -> None:
        self._verdict.wrong.append(finding)

    def _notice(self, finding: Finding) -> None:
        self._verdict.notices.append(finding)

    def verdict(self) -> Verdict:
        try:
            manifest_bytes = self._files.read(MANIFEST)
            manifest = Manifest.parse(manifest_bytes)
        except KeyError:
            self._report(Finding("file_missing", MANIFEST))
        except Malformed as error:
            self._report(Finding("manifest_malformed", MANIFEST, str(error)))
        else:
            self._judge(manifest, hashlib.sha256(manifest_bytes).hexdigest())
        for flaw in self._files.flaws():
            self._report(Finding("container_altered", "container", flaw))
        return self._verdict

    def _judge(self, manifest: Manifest, manifest_sha256: str) -> None:
        reader = ProofReader(self._policy, manifest.origins)
        self._check_seal(reader, manifest, manifest_sha256)
        logged = read_entries(self._files, list(self._files.members), reader, self._report)
        altered = self._check_files(manifest)
        self._judge_entries(manifest, logged, altered)
        for name in sorted(altered):
            self._report(Finding("file_altered", name))
        self._check_sums()

    @property
    def found(self) -> Verdict:
        return self._verdict

    def judge_recording(self, reader: ProofReader, manifest: Manifest, altered: set[str]) -> None:
        """All but the manifest, the seal and the container."""
        logged = read_entries(self._files, list(self._files.members), reader, self._report)
        self._judge_entries(manifest, logged, altered)

    def _judge_entries(self, manifest: Manifest, logged: list[LoggedEntry], altered: set[str]) -> None:
        self._verdict.entries = len(logged)
        self._check_recording(manifest, logged, altered)
        check_deletions(logged, self._report, self._notice)
        self._tell(logged)

    # -- the seal ----------------------------------------------------------------------------------------------

    def _check_seal(self, reader: ProofReader, manifest: Manifest, manifest_sha256: str) -> None:
        """The log's own entry about this export, which holds the hash of the manifest."""
        try:
            data = self._files.read(SEAL_ENTRY)
            entry = decode_entry(data)
            proof = TlogProof.parse(self._files.read(SEAL_PROOF))
            generation = max((int(number) for number in manifest.origins), default=0)
            judged = reader.prove(data, proof, generation)
        except KeyError as error:
            self._report(Finding("file_missing", str(error.args[0])))
            return
        except (Malformed, BadSignature, ValueError) as error:
            self._report(Finding("seal_unproven", SEAL_ENTRY, str(error)))
            return
        if not isinstance(entry, Access) or entry.act != "evidence" or entry.manifest != manifest_sha256:
            self._report(Finding("manifest_not_logged", MANIFEST))
        self._verdict.sealed_s = judged.not_after_s
        if self._policy.quorum == NONE:
            self._notice(Finding("no_witnesses", "policy"))
        if SEAL_TIMESTAMP in self._files.members:
            self._notice(Finding("timestamp_unchecked", SEAL_TIMESTAMP))

    # -- the files ---------------------------------------------------------------------------------------------

    def _check_files(self, manifest: Manifest) -> set[str]:
        """Names of listed files whose bytes are not the listed ones; what is missing or added is reported."""
        altered: set[str] = set()
        for name in sorted(manifest.files.keys() - self._files.members.keys()):
            if not name.startswith("video/"):  # a missing segment is reported as that
                self._report(Finding("file_missing", name))
        for name in sorted(self._files.members.keys() - manifest.files.keys() - UNLISTED):
            self._report(Finding("file_added", name))
        for name in sorted(manifest.files.keys() & self._files.members.keys()):
            listed = manifest.files[name]
            try:
                if self._sha256(name) != listed.sha256 or self._files.members[name].size != listed.bytes:
                    altered.add(name)
            except Malformed:
                altered.add(name)
        return altered

    def _sha256(self, name: str) -> str:
        """Of a file's bytes, read once."""
        if name not in self._hashes:
            digest = hashlib.sha256()
            self._files.copy(name, digest.update)
            self._hashes[name] = digest.hexdigest()
        return self._hashes[name]

    def _check_sums(self) -> None:
        if SUMS not in self._files.members:
            self._report(Finding("file_missing", SUMS))
            return
        try:
            sums = {name: self._sha256(name) for name in self._files.members if name != SUMS}
            agrees = self._files.read(SUMS) == encode_sums(sums)
        except Malformed:
            agrees = False
        if not agrees:
            self._report(Finding("sums_wrong", SUMS))

    # -- the recording -----------------------------------------------------------------------------------------

    def _check_recording(self, manifest: Manifest, logged: list[LoggedEntry], altered: set[str]) -> None:
        claimed: set[str] = set()
        for camera in manifest.cameras:
            record = _record_of(logged, camera.id, manifest.stream)
            check_chain(record, self._report, self._notice)
            self._check_segments(record, claimed)
            check_coverage(
                record, manifest.start_us, manifest.end_us, f"{camera.id}/{manifest.stream}",
                self._report, self._notice,
            )  # fmt: skip
        for name in sorted(self._files.members):
            if name.startswith("video/") and name not in claimed:
                self._report(Finding("segment_unlogged", name))
        altered -= claimed
        brackets = list(self._verdict.segments.values())
        if brackets:
            earliest = [b.not_before_s for b in brackets]
            latest = [b.not_after_s for b in brackets]
            self._verdict.bracket = Bracket(
                None if None in earliest else min(s for s in earliest if s is not None),
                None if None in latest else max(s for s in latest if s is not None),
            )

    def _check_segments(self, record: StreamRecord, claimed: set[str]) -> None:
        deleted = {entry.key() for _, entry in record.deletions}
        covers: dict[SegmentKey, list[Cover]] = {}
        for _, cover in record.covers:
            covers.setdefault(cover.key(), []).append(cover)
        for logged, entry in record.segments:
            name = video_name(entry.key())
            claimed.add(name)
            self._verdict.segments[segment_text(entry.key())] = logged.bracket
            self._compare_clock(entry, logged.bracket)
            try:
                data = self._files.read(name)
            except KeyError:
                if entry.key() not in deleted:
                    self._report(Finding("segment_absent", segment_text(entry.key())))
                continue
            except Malformed as error:
                self._report(Finding("segment_altered", segment_text(entry.key()), str(error)))
                continue
            check_bytes(data, entry, covers.get(entry.key(), []), self._report)

    def _compare_clock(self, entry: Segment, bracket: Bracket) -> None:
        """The node's clock is a claim. One that contradicts the bracket is told, and the bracket is what counts."""
        end_s = entry.end_us // 1_000_000
        too_late = bracket.not_after_s is not None and end_s > bracket.not_after_s + CLOCK_SLACK_S
        if too_late:
            self._notice(Finding("clock_outside_bracket", segment_text(entry.key()), f"the clock says {end_s}"))

    def _tell(self, logged: list[LoggedEntry]) -> None:
        for one, step in of_kind(logged, ClockStep):
            self._notice(Finding("clock_step", one.name, f"{step.step_us} µs"))
        digests = [entry.digest for _, entry in of_kind(logged, Software)]
        if len(set(digests)) > 1:
            self._notice(Finding("software_changed", "software"))
        self._verdict.accesses = [(entry.at_us, entry.act, entry.user) for _, entry in of_kind(logged, Access)]


def _record_of(logged: list[LoggedEntry], camera: str, stream: str) -> StreamRecord:
    def mine(entry: Segment | Cover | Deletion | Gap | Stream) -> bool:
        return (entry.camera, entry.stream) == (camera, stream)

    return StreamRecord(
        [pair for pair in of_kind(logged, Segment) if mine(pair[1])],
        [pair for pair in of_kind(logged, Cover) if mine(pair[1])],
        [pair for pair in of_kind(logged, Deletion) if mine(pair[1])],
        [pair for pair in of_kind(logged, Gap) if mine(pair[1])],
        [pair for pair in of_kind(logged, Camera) if pair[1].camera == camera],
        [pair for pair in of_kind(logged, Stream) if mine(pair[1])],
    )
