"""Making an evidence bundle: a span of some cameras with everything in the log that bears on it, sealed by the log.

Deterministic but for signatures and time: what the files hold follows from the request, the footage and the log up
to the sizes named in the manifest.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Engine, select

from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.base.identifiers import SegmentKey, StreamKey, StreamName
from basira.catalogue import schema as catalogue
from basira.catalogue.store import Catalogue
from basira.custody.acts.spool import Act, ActSpool
from basira.custody.container import StagedFiles, write_container
from basira.custody.entries import Access, Cover, Heartbeat, Segment, decode_entry, microseconds
from basira.custody.findings import Verdict
from basira.custody.home import CustodyHome, policy_text
from basira.custody.journal import CosignedNote, Journal, Place
from basira.custody.manifest import (
    MANIFEST,
    SEAL_ENTRY,
    SEAL_PROOF,
    SEAL_TIMESTAMP,
    SUMS,
    ListedCamera,
    ListedFile,
    Manifest,
    encode_sums,
    entry_name,
    proof_name,
    quote_name,
    video_name,
)
from basira.custody.policy import parse_policy
from basira.custody.proof import TlogProof
from basira.custody.tiles import TileReader
from basira.custody.verify import judge_recording
from basira.recording import schema as index_schema
from basira.replay.export import ExportCancelled, export_stream
from basira.replay.footage import Footage, StoredSegment, reading

# Decisions count from whenever they were made; the rest belongs to the span.
_DECISIONS: Final = ("camera", "stream", "retention")
_OF_SPAN: Final = ("gap", "clock_step", "software", "hold", "hold_lifted", "access")
_COPY_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class EvidenceRequest:
    """Which footage, and who asks for it."""

    cameras: tuple[str, ...]
    stream: StreamName
    start_utc_ns: int
    end_utc_ns: int
    user: str

    @property
    def file_name(self) -> str:
        others = len(self.cameras) - 1
        more = f"_and_{others}" if others else ""
        stamp = datetime.fromtimestamp(self.start_utc_ns // NS_PER_S, UTC).strftime("%Y%m%dT%H%M%SZ")
        return f"evidence_{self.cameras[0]}{more}_{stamp}.zip"


@dataclass(frozen=True, slots=True)
class EvidenceSources:
    """What a bundle is made of. ``advance`` lets the log make progress, or waits for it; it raises when it cannot."""

    home: CustodyHome
    journal: Journal
    acts: ActSpool
    index: Engine
    catalogue: Catalogue
    footage: Footage
    advance: Callable[[], None]


Decorator = Callable[[Path, "Collected"], None]
Stamper = Callable[[bytes], bytes]
Progress = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Collected:
    """What a decorator (report, C2PA) may use. ``folder`` is the staged bundle, ``result`` a verifier's."""

    folder: Path
    site_name: str
    cameras: tuple[ListedCamera, ...]
    request: EvidenceRequest
    entries: Sequence[tuple[Place, bytes]]
    segments: Sequence[StoredSegment]
    playable: Sequence[Path]
    result: Verdict


def make_evidence(
    sources: EvidenceSources,
    request: EvidenceRequest,
    target: Path,
    *,
    decorators: Sequence[Decorator] = (),
    stamper: Stamper | None = None,
    progress: Progress = lambda _: True,
) -> Manifest:
    """Write the bundle to ``target``, whole or not at all.

    The request itself is logged, and nothing is handed out before a quorum has cosigned that. Raises BasiraError
    ``nothing_recorded``, ``evidence_still_recording``, or whatever ``advance`` raises; ExportCancelled when
    ``progress``, which is told of bytes written, says not to go on.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".evidence-") as folder:
        staged = _Staging(sources, request, Path(folder), progress)
        manifest = staged.make(decorators)
        staged.seal(manifest, stamper)
        packed = Path(folder) / "bundle"
        write_container(packed, staged.files(), staged.wrote)
        packed.replace(target)
    return manifest


class _Staging:
    def __init__(self, sources: EvidenceSources, request: EvidenceRequest, folder: Path, progress: Progress) -> None:
        self._sources, self._request, self._progress = sources, request, progress
        self._folder = folder / "staged"
        self._folder.mkdir()
        self._readers: dict[int, TileReader] = {}

    def wrote(self, count: int) -> None:
        """Raises ExportCancelled when it is not wanted any more."""
        if not self._progress(count):
            raise ExportCancelled

    def files(self) -> dict[str, Path]:
        found = (path for path in self._folder.rglob("*") if path.is_file())
        return {path.relative_to(self._folder).as_posix(): path for path in found}

    def _write(self, name: str, data: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    # -- what goes in ------------------------------------------------------------------------------------------

    def make(self, decorators: Sequence[Decorator]) -> Manifest:
        segments = [segment for camera in self._request.cameras for segment in self._segments(camera)]
        deleted = [key for camera in self._request.cameras for key in self._deleted(camera)]
        if not segments and not deleted:
            raise BasiraError("nothing_recorded", status=404)
        sizes = self._sizes_covering([segment.key for segment in segments])
        places = self._places([*(segment.key for segment in segments), *deleted], sizes)
        entries = [(place, self._entry(place)) for place in places]
        for segment in segments:
            self._copy_video(segment)
        for place, data in entries:
            self._write(entry_name(place.generation, place.index), data)
            self._write(proof_name(place.generation, place.index), self._proof(place))
            self._quote(place.generation, data)
        collected = Collected(
            self._folder, self._sources.catalogue.site_name(), self._cameras(), self._request, entries, segments,
            self._playable(), self._result(sizes),
        )  # fmt: skip
        for decorate in decorators:
            decorate(self._folder, collected)
        manifest = self._manifest(sizes, self._listed())
        self._write(MANIFEST, manifest.encode())
        return manifest

    def _stream(self, camera: str) -> StreamKey:
        return StreamKey(self._sources.catalogue.site, camera, self._request.stream)

    def _segments(self, camera: str) -> list[StoredSegment]:
        start, end = self._request.start_utc_ns, self._request.end_utc_ns
        found = [
            segment
            for segment in self._sources.footage.segments(self._stream(camera), start, end)
            if segment.state == "open" or (segment.start_utc_ns < end and segment.end_utc_ns > start)
        ]
        if any(segment.state == "open" for segment in found):
            raise BasiraError("evidence_still_recording", status=409, camera=camera)
        return sorted(found, key=lambda segment: segment.key)

    def _deleted(self, camera: str) -> list[SegmentKey]:
        table = index_schema.tombstones
        key = self._stream(camera)
        with self._sources.index.connect() as connection:
            rows = connection.execute(
                select(table.c.recording, table.c.segment).where(
                    table.c.site == key.site, table.c.camera == camera, table.c.stream == key.stream,
                    table.c.start_utc_ns < self._request.end_utc_ns, table.c.end_utc_ns > self._request.start_utc_ns,
                )
            )  # fmt: skip
            return [SegmentKey(*key, row.recording, row.segment) for row in rows]

    def _sizes_covering(self, keys: Sequence[SegmentKey]) -> dict[int, int]:
        """Cosigned size of each generation, once every segment has an entry below it."""
        while True:
            sizes: dict[int, int] = {}
            for generation in range(1, int(self._sources.journal.note("generation") or 1) + 1):
                last = self._sources.journal.last_cosigned(generation)
                if last is not None:
                    sizes[generation] = last.size
            if all(self._is_logged(key, sizes) for key in keys):
                return sizes
            self._sources.advance()

    def _is_logged(self, key: SegmentKey, sizes: dict[int, int]) -> bool:
        places = self._sources.journal.places_of_segments(key.camera, key.stream, [(key.recording, key.segment)], sizes)
        return any(place.kind == "segment" for place in places)

    def _places(self, keys: Iterable[SegmentKey], sizes: dict[int, int]) -> list[Place]:
        journal, request = self._sources.journal, self._request
        start_us, end_us = microseconds(request.start_utc_ns), microseconds(request.end_utc_ns)
        found: set[Place] = set()
        for key in keys:
            found |= set(journal.places_of_segments(key.camera, key.stream, [(key.recording, key.segment)], sizes))
        found |= set(journal.places_of_span(_OF_SPAN, request.cameras, start_us, end_us, sizes))
        found |= set(journal.places_of_span(_DECISIONS, request.cameras, -(2**53), 2**53, sizes))
        ordered = sorted(found, key=lambda place: (place.generation, place.index))
        return [place for place in ordered if place.kind != "access" or self._is_access_to_these(place)]

    def _is_access_to_these(self, place: Place) -> bool:
        entry = decode_entry(self._entry(place))
        return isinstance(entry, Access) and not set(entry.cameras).isdisjoint(self._request.cameras)

    # -- entries and proofs ------------------------------------------------------------------------------------

    def _reader(self, generation: int) -> TileReader:
        if generation not in self._readers:
            last = self._sources.journal.last_cosigned(generation)
            assert last is not None
            self._readers[generation] = TileReader(self._sources.home.tiles_path(generation), last.size)
        return self._readers[generation]

    def _entry(self, place: Place) -> bytes:
        return self._reader(place.generation).entry(place.index)

    def _proof(self, place: Place) -> bytes:
        cosigned = self._sources.journal.first_cosigned(place.generation, place.index)
        assert cosigned is not None
        return self._proof_under(place, cosigned)

    def _proof_under(self, place: Place, cosigned: CosignedNote) -> bytes:
        path = self._reader(place.generation).inclusion(place.index, cosigned.size)
        return TlogProof(place.index, tuple(path), cosigned.note).encode()

    def _quote(self, generation: int, data: bytes) -> None:
        """Put the checkpoint that the entry quotes beside it."""
        entry = decode_entry(data)
        seen = entry.seen if isinstance(entry, Segment | Cover | Heartbeat) else None
        if seen is not None and not (self._folder / quote_name(seen.sha256)).exists():
            note = self._sources.journal.cosigned_at(generation, seen.size)
            if note is not None:
                self._write(quote_name(seen.sha256), note.note)

    # -- pictures ----------------------------------------------------------------------------------------------

    def _copy_video(self, segment: StoredSegment) -> None:
        """The part of the file that its commits vouch for, byte for byte."""
        target = self._folder / video_name(segment.key)
        target.parent.mkdir(parents=True, exist_ok=True)
        with reading(segment.path):
            source = segment.path.open("rb")
        with source, target.open("wb") as copy:
            left = segment.bytes
            while left and (chunk := _read_footage(source, segment.path, min(left, _COPY_BYTES))):
                copy.write(chunk)
                self.wrote(len(chunk))
                left -= len(chunk)

    def _playable(self) -> list[Path]:
        folder = self._folder / "playable"
        folder.mkdir()
        request = self._request
        made = [
            folder / file.name
            for camera in request.cameras
            for file in export_stream(
                self._sources.footage, self._stream(camera), request.start_utc_ns, request.end_utc_ns, folder,
                title=camera, progress=self._progress,
            )
        ]  # fmt: skip
        if not made:
            shutil.rmtree(folder)
        return made

    def _cameras(self) -> tuple[ListedCamera, ...]:
        table = catalogue.cameras
        with self._sources.catalogue.read() as connection:
            names = {row.id: row.name for row in connection.execute(select(table.c.id, table.c.name))}
        return tuple(ListedCamera(id=camera, name=names.get(camera, "")) for camera in self._request.cameras)

    # -- the seal ----------------------------------------------------------------------------------------------

    def _result(self, sizes: dict[int, int]) -> Verdict:
        """What the verifier will say of the recording, by the node's own policy."""
        policy = parse_policy(policy_text(self._sources.home).encode())
        return judge_recording(StagedFiles(self._folder), self._manifest(sizes, {}), policy)

    def _listed(self) -> dict[str, ListedFile]:
        return {
            name: ListedFile(bytes=path.stat().st_size, sha256=_sha256(path)) for name, path in self.files().items()
        }

    def _manifest(self, sizes: dict[int, int], files: dict[str, ListedFile]) -> Manifest:
        return Manifest(
            origins={str(generation): self._sources.home.origin(generation) for generation in sizes},
            sizes={str(generation): size for generation, size in sizes.items()},
            site=self._sources.catalogue.site, site_name=self._sources.catalogue.site_name(),
            cameras=self._cameras(), stream=self._request.stream,
            start_us=microseconds(self._request.start_utc_ns), end_us=microseconds(self._request.end_utc_ns),
            files=files,
        )  # fmt: skip

    def seal(self, manifest: Manifest, stamper: Stamper | None) -> None:
        """Log the export with the manifest's hash, wait for the quorum, and put the proof in."""
        digest = hashlib.sha256(manifest.encode()).digest()
        request = self._request
        self._sources.acts.record(
            Act("evidence", request.user, request.cameras, request.stream, request.start_utc_ns,
                request.end_utc_ns, digest)
        )  # fmt: skip
        generation = max(int(number) for number in manifest.sizes)
        index, data, cosigned = self._await_act(generation, manifest.sizes[str(generation)], digest.hex())
        self._readers.pop(generation, None)
        self._write(SEAL_ENTRY, data)
        self._write(SEAL_PROOF, self._proof_under(Place(generation, index, "access"), cosigned))
        if stamper is not None:
            self._write(SEAL_TIMESTAMP, stamper(manifest.encode()))
        sums = {name: _sha256(path) for name, path in self.files().items()}
        self._write(SUMS, encode_sums(sums))

    def _await_act(self, generation: int, from_index: int, manifest: str) -> tuple[int, bytes, CosignedNote]:
        """Where the log has this export, and the first cosigned checkpoint over it."""
        while True:
            last = self._sources.journal.last_cosigned(generation)
            if last is not None and last.size > from_index:
                reader = TileReader(self._sources.home.tiles_path(generation), last.size)
                for index, data in reader.entries(from_index):
                    entry = decode_entry(data)
                    if isinstance(entry, Access) and entry.manifest == manifest:
                        cosigned = self._sources.journal.first_cosigned(generation, index)
                        assert cosigned is not None
                        return index, data, cosigned
                from_index = last.size
            self._sources.advance()


def _read_footage(source: BinaryIO, path: Path, size: int) -> bytes:
    """The next bytes of a segment. Raises BasiraError ``footage_unreadable``."""
    with reading(path):
        return source.read(size)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
