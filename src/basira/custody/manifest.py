"""What an evidence bundle holds: docs/custody-format.md is the prose.

Every file but the seal is named in ``manifest.json`` with its length and hash, and the log's own entry about the
export holds the hash of the manifest. So whoever changes a file has to change the log.
"""

from __future__ import annotations

import json
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from basira.base.identifiers import CameraId, SegmentKey, SiteId, StreamName
from basira.custody.entries import Count, Hash, Int
from basira.custody.strict import Malformed

MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
SEAL_ENTRY: Final = "seal/export.json"
SEAL_PROOF: Final = "seal/export.tlog-proof"
SEAL_TIMESTAMP: Final = "seal/manifest.tsr"
UNLISTED: Final = frozenset({MANIFEST, SUMS, SEAL_ENTRY, SEAL_PROOF, SEAL_TIMESTAMP})


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ListedFile(_Fields):
    bytes: Count
    sha256: Hash


class ListedCamera(_Fields):
    id: CameraId
    name: Annotated[str, Field(max_length=1000)]


class Manifest(_Fields):
    """``sizes`` is how much of the log, by generation, was searched for entries."""

    v: Literal[1] = 1
    kind: Literal["basira-evidence"] = "basira-evidence"
    origins: dict[str, str]
    sizes: dict[str, Count]
    site: SiteId
    site_name: Annotated[str, Field(max_length=1000)]
    cameras: tuple[ListedCamera, ...]
    stream: StreamName
    start_us: Int
    end_us: Int
    files: dict[str, ListedFile]

    def encode(self) -> bytes:
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def parse(cls, data: bytes) -> Manifest:
        """Raises :class:`Malformed` unless the bytes are exactly what :meth:`encode` would write."""
        try:
            manifest = cls.model_validate_json(data)
        except ValidationError as error:
            raise Malformed(f"not a manifest: {error.errors()[0]['msg']}") from error
        if manifest.encode() != data:
            raise Malformed("the manifest is not in its canonical encoding")
        return manifest


def video_name(key: SegmentKey) -> str:
    return f"video/{key.camera}/{key.stream}/{key.recording:08d}/{key.segment:06d}.mp4"


def entry_name(generation: int, index: int) -> str:
    return f"entries/{generation}/{index:012d}.json"


def proof_name(generation: int, index: int) -> str:
    return f"proofs/{generation}/{index:012d}.tlog-proof"


def quote_name(sha256: str) -> str:
    """A checkpoint that entries quote, by the hash they quote it with."""
    return f"checkpoints/{sha256}"


def encode_sums(sums: dict[str, str]) -> bytes:
    """As ``sha256sum`` writes and checks it."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()
