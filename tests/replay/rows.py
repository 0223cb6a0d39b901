"""Rows of the index without files behind them: enough for questions the index answers alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert

from basira.base.identifiers import StreamKey
from basira.recording.layout import Gop, pack_gops
from basira.recording.schema import recordings, segments
from tests.replay.store import Store

INIT_LENGTH = 1000


def gops_lasting(durations: Iterable[int], size: int = 10_000) -> list[Gop]:
    """Neighbouring GOPs of these durations, 1/90000 s."""
    gops: list[Gop] = []
    dts, offset = 0, INIT_LENGTH
    for duration in durations:
        gops.append(Gop(offset, size, dts, duration))
        dts, offset = dts + duration, offset + size
    return gops


def segment_row(stream: StreamKey, recording: int, segment: int, start_utc_ns: int, gops: list[Gop]) -> dict[str, Any]:
    length = gops[-1].dts + gops[-1].duration
    return {
        **stream._asdict(), "recording": recording, "segment": segment, "state": "closed",
        "path": f"{stream.camera}/{stream.stream}/{recording:08d}/{segment:06d}.mp4", "storage": "s",
        "start_utc_ns": start_utc_ns, "end_utc_ns": start_utc_ns + length * 100_000 // 9, "start_mono_ns": 0,
        "boot_id": "b", "bytes": gops[-1].offset + gops[-1].length, "init_length": INIT_LENGTH, "sha256": bytes(32),
        "fragments": len(gops), "gops": pack_gops(gops), "video_codec": "avc1.64001f", "audio_codec": None,
        "width": 640, "height": 360,
    }  # fmt: skip


def insert_segments(store: Store, rows: list[dict[str, Any]]) -> None:
    """Insert the rows and the recordings they name."""
    named = {(row["site"], row["camera"], row["stream"], row["recording"]) for row in rows}
    with store.index.begin() as connection:
        connection.execute(
            insert(recordings).prefix_with("OR IGNORE"),
            [
                {"site": site, "camera": camera, "stream": stream, "recording": recording, "start_utc_ns": 0,
                 "start_mono_ns": 0, "boot_id": "b", "reason": "start"}
                for site, camera, stream, recording in named
            ],
        )  # fmt: skip
        connection.execute(insert(segments), rows)
