"""A sealed bundle over a day of many cameras without its video: every segment's entry, each with its proof."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from basira.base.clock import NS_PER_S
from basira.custody.checkpoint import Checkpoint
from basira.custody.container import write_container
from basira.custody.entries import Access, Entry, Seen, Segment, encode_entry
from basira.custody.manifest import (
    MANIFEST,
    SEAL_ENTRY,
    SEAL_PROOF,
    SUMS,
    ListedCamera,
    ListedFile,
    Manifest,
    encode_sums,
    entry_name,
    proof_name,
    quote_name,
)
from basira.custody.merkle import Frontier, LeafList, inclusion_proof, leaf_hash
from basira.custody.note import Note
from basira.custody.proof import TlogProof
from basira.custody.vkey import KeyType
from tests.custody.node import START_NS, Node

_MINUTES: Final = 24 * 60
_MINUTE_US: Final = 60_000_000
_START_US: Final = START_NS // 1000


class SealedDay:
    """A segment a minute of each camera; a checkpoint a minute, signed by the node's log and cosigned by its witnesses.

    Each entry quotes the checkpoint of the minute before and is proven under that of its own minute.
    """

    def __init__(self, node: Node, folder: Path, cameras: int) -> None:
        self._node, self._folder = node, folder
        self._cameras = [f"camera-{number}" for number in range(cameras)]
        self._origin = node.home.origin(1)
        witnesses = [signer for home in node.witnesses.homes.values() for signer in home.signers()]
        cosigners = [signer for signer in witnesses if signer.kind is KeyType.ED25519_COSIGNATURE]
        self._signers = [*node.keys.signers(self._origin, 1), *cosigners]
        self._frontier, self._leaves = Frontier(), list[bytes]()
        self._seen: Seen | None = None
        self._previous: dict[str, str] = {}
        self._files: dict[str, ListedFile] = {}

    def write(self, target: Path) -> Path:
        """The bundle, as an export writes it."""
        notes = [self._minute(number) for number in range(_MINUTES)]
        leaves = LeafList(self._leaves)
        for index in range(len(self._leaves)):
            size = (index // len(self._cameras) + 1) * len(self._cameras)
            path = tuple(inclusion_proof(leaves, index, size))
            self._write(proof_name(1, index), TlogProof(index, path, notes[index // len(self._cameras)]).encode())
        manifest = self._manifest().encode()
        self._write(MANIFEST, manifest)
        self._seal(hashlib.sha256(manifest).hexdigest())
        self._write(SUMS, encode_sums({name: listed.sha256 for name, listed in self._files.items()}))
        write_container(target, {name: self._folder / name for name in self._files})
        return target

    def _write(self, name: str, data: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self._files[name] = ListedFile(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())

    def _minute(self, number: int) -> bytes:
        """Log the minute's segments; gives the checkpoint over them."""
        for camera in self._cameras:
            self._log(self._segment(camera, number), entry_name(1, len(self._leaves)))
        note = self._cosigned((_START_US + (number + 1) * _MINUTE_US) // 1_000_000)
        sha256 = hashlib.sha256(note).hexdigest()
        self._seen = Seen(size=len(self._leaves), sha256=sha256)
        if number < _MINUTES - 1:
            self._write(quote_name(sha256), note)
        return note

    def _log(self, entry: Entry, name: str) -> None:
        data = encode_entry(entry)
        self._leaves.append(leaf_hash(data))
        self._frontier.append(self._leaves[-1])
        self._write(name, data)

    def _cosigned(self, at_s: int) -> bytes:
        text = Checkpoint(self._origin, len(self._leaves), self._frontier.root()).encode()
        return Note(text, tuple(signer.sign(text, at_s) for signer in self._signers)).encode()

    def _segment(self, camera: str, minute: int) -> Segment:
        start_us = _START_US + minute * _MINUTE_US
        sha256 = hashlib.sha256(f"{camera} {minute}".encode()).hexdigest()
        previous, self._previous[camera] = self._previous.get(camera), sha256
        return Segment(
            at_us=start_us + _MINUTE_US, site=self._node.site, camera=camera, stream="main", recording=1,
            segment=minute, state="closed", bytes=18_750_000, sha256=sha256, previous=previous, start_us=start_us,
            end_us=start_us + _MINUTE_US, start_mono_us=minute * _MINUTE_US, boot="boot", seen=self._seen,
        )  # fmt: skip

    def _manifest(self) -> Manifest:
        return Manifest(
            origins={"1": self._origin}, sizes={"1": len(self._leaves)}, site=self._node.site, site_name="a site",
            cameras=tuple(ListedCamera(id=camera, name=camera) for camera in self._cameras), stream="main",
            start_us=_START_US, end_us=_START_US + _MINUTES * _MINUTE_US, files=self._files,
        )  # fmt: skip

    def _seal(self, manifest: str) -> None:
        end_us, index = _START_US + _MINUTES * _MINUTE_US, len(self._leaves)
        act = Access(
            at_us=end_us, act="evidence", user=self._node.keys.pseudonym("officer"), cameras=tuple(self._cameras),
            stream="main", start_us=_START_US, end_us=end_us, manifest=manifest,
        )  # fmt: skip
        self._log(act, SEAL_ENTRY)
        note = self._cosigned((end_us + 30 * NS_PER_S // 1000) // 1_000_000)
        path = tuple(inclusion_proof(LeafList(self._leaves), index, len(self._leaves)))
        self._write(SEAL_PROOF, TlogProof(index, path, note).encode())
