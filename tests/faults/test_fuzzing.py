"""Every parser of what we wrote or what a camera sent, fed what it should never see: the documented error or none.

The fuzzing of custody's notes, checkpoints, policies, proofs, entries, tiles and containers is beside their tests
(tests/custody), that of byte ranges in tests/web/test_media.py.
"""

from __future__ import annotations

import json
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from basira.analysis.memory import pack_memory, unpack_memory
from basira.base.clock import SimulatedClock
from basira.base.errors import BasiraError
from basira.cameras.diagnosis import _judge
from basira.cameras.discovery import devices_of
from basira.cameras.onvif import onvif_host_and_port
from basira.cameras.parameter_sets import ParameterSets, VideoCodec
from basira.recording.control import _answer
from basira.recording.index import open_index, open_or_set_aside
from basira.recording.initialisation import initialisation_of
from basira.recording.layout import (
    Commit,
    CommitFlag,
    Sealer,
    SegmentHeader,
    read_header,
    verify_commits,
    walk_commits,
)
from basira.recording.nal import split_annex_b, split_length_prefixed
from basira.recording.paths import segment_path
from basira.recording.recovery import rebuild_index
from basira.recording.scrubber import _read as read_scrubber_state
from basira.replay.samples import read_samples, read_tracks
from tests.conftest import clip_of
from tests.faults.mutations import hold, metered, mutated
from tests.recording.clips import read_clip
from tests.recording.writing import write_segment
from tests.streams import make_numbered_clip

fuzzed = pytest.mark.parametrize(
    "examples", [25, pytest.param(5_000, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])], ids=["short", "long"]
)


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory, clips: Path) -> bytes:
    """A good segment file."""
    path = tmp_path_factory.mktemp("segment") / "000000.mp4"
    stream, packets = read_clip(make_numbered_clip(clips / "tiny.mp4", frames=30, size=(64, 48)))
    write_segment(path, stream, packets)
    return path.read_bytes()


@pytest.fixture(autouse=True)
def _bounded(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever it is fed, no parser asks for more than a little memory; the long run goes without the meter."""
    if request.node.get_closest_marker("slow"):
        yield
        return
    tracemalloc.start()
    yield
    tracemalloc.stop()


def _parts(segment: bytes, folder: Path) -> tuple[bytes, bytes]:
    """The initialisation section and the first fragment."""
    path = folder / "good.mp4"
    path.write_bytes(segment)
    with path.open("rb") as file:
        _, init_length = read_header(file)
        first = next(walk_commits(file, init_length))
    return segment[:init_length], segment[first.offset : first.offset + first.length]


@fuzzed
def test_initialisation_sections(segment: bytes, tmp_path: Path, examples: int) -> None:
    init, _ = _parts(segment, tmp_path)

    def claim(data: bytes) -> None:
        with suppress(ValueError):
            read_tracks(data)

    hold(examples, mutated(init[init.index(b"moov") - 4 :]), claim)
    hold(examples, mutated(init), claim)
    metered(claim, (b"\x00\x00\x00\x08moov" * 5000)[4:])
    nested = b""
    for _ in range(2000):
        nested = (len(nested) + 8).to_bytes(4, "big") + b"trak" + nested
    metered(claim, (len(nested) + 8).to_bytes(4, "big") + b"moov" + nested)


@fuzzed
def test_fragments(segment: bytes, tmp_path: Path, examples: int) -> None:
    init, fragment = _parts(segment, tmp_path)
    tracks = read_tracks(init)
    moof = fragment[: int.from_bytes(fragment[:4], "big")]

    def claim(data: bytes) -> None:
        with suppress(ValueError):
            read_samples(data, tracks)

    hold(examples, mutated(moof), claim)
    # A run of four thousand million samples of which nothing is said: no column, no bytes, no end.
    at = moof.index(b"trun") + 4
    metered(claim, moof[:at] + b"\x00\x00\x00\x00" + b"\xff\xff\xff\xff" + moof[at + 8 :])


@fuzzed
def test_segment_files(segment: bytes, tmp_path: Path, examples: int) -> None:
    path = tmp_path / "000000.mp4"

    def claim(data: bytes) -> None:
        path.write_bytes(data)
        with path.open("rb") as file, suppress(BasiraError):
            verified = verify_commits(file)
            assert not verified.commits or data[: verified.length] == segment[: verified.length]

    hold(examples, mutated(segment), claim)


_WIDE = st.one_of(st.integers(-(2**80), 2**80), st.integers(-(2**63), 2**63 - 1), st.none(), st.text(max_size=3))
_FIELDS = [
    "site", "camera", "recording", "segment", "start_utc_ns", "start_mono_ns", "clock_step_ns", "boot_id", "gaps",
    "tracks", "previous_sha256", "reason",
]  # fmt: skip
_GAPS = st.lists(st.fixed_dictionaries({"start_utc_ns": _WIDE, "end_utc_ns": _WIDE, "cause": st.text(max_size=5)}))


def _forged(segment: bytes, init: bytes, changes: dict[str, Any], dts: int, duration: int, utc_ns: int) -> bytes:
    """A file with right digests whose header and commit say anything at all."""
    start = init.index(b"moov") - 4
    header_start = int.from_bytes(init[:4], "big")
    values = json.loads(init[header_start + 24 : start]) | changes
    body = json.dumps(values).encode()
    box = (24 + len(body)).to_bytes(4, "big") + init[header_start + 4 : header_start + 24] + body
    head = init[:header_start] + box + init[start:]
    fragment = segment[len(init) :][: 8 + int.from_bytes(segment[len(init) : len(init) + 4], "big")]
    moof = int.from_bytes(fragment[:4], "big")
    mdat = int.from_bytes(segment[len(init) + moof : len(init) + moof + 4], "big")
    fragment = segment[len(init) : len(init) + moof + mdat]
    flags = CommitFlag.STARTS_WITH_KEYFRAME | CommitFlag.LAST_OF_SEGMENT
    commit = Commit(0, flags, dts, duration, len(head), len(fragment), utc_ns, utc_ns, 0)
    return head + fragment + Sealer(head).seal(fragment, commit)


@fuzzed
def test_recovery_of_the_index_from_files_whose_digests_are_right(
    segment: bytes, tmp_path: Path, examples: int
) -> None:
    """A forged file is adopted or refused; it keeps no other file from being adopted."""
    init, _ = _parts(segment, tmp_path)
    root, engine = tmp_path / "footage", open_index(tmp_path / "index.db")
    (root / "gate" / "main" / "00000001").mkdir(parents=True)
    good = root / "gate" / "main" / "00000001" / "000001.mp4"
    good.write_bytes(_forged(segment, init, {"segment": 1}, 0, 90_000, 0))
    forged = root / "gate" / "main" / "00000001" / "000000.mp4"

    def claim(said: tuple[dict[str, Any], list[Any], int, int, int]) -> None:
        changes, gaps, dts, duration, utc_ns = said
        forged.write_bytes(_forged(segment, init, changes | {"gaps": gaps}, dts, duration, utc_ns))
        rebuild_index(root, engine, "basra", "storage")
        with engine.begin() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM segments WHERE segment = 1").scalar() == 1
            for table in ("segments", "recordings", "gaps", "clock_steps"):
                connection.exec_driver_sql(f"DELETE FROM {table}")

    inputs = st.tuples(
        st.dictionaries(st.sampled_from(_FIELDS), _WIDE, max_size=3), _GAPS, st.integers(0, 2**64 - 1),
        st.integers(0, 2**32 - 1), st.integers(-(2**63), 2**63 - 1),
    )  # fmt: skip
    hold(min(examples, 2000), inputs, claim)
    engine.dispose()


def test_names_that_no_recorder_gives_are_passed_over(segment: bytes, tmp_path: Path) -> None:
    root, engine = tmp_path / "footage", open_index(tmp_path / "index.db")
    init, _ = _parts(segment, tmp_path)
    for name in ("9" * 200, "²", "-1", "٣", "00000001"):
        (root / "gate" / "main" / name).mkdir(parents=True)
        (root / "gate" / "main" / name / "000000.mp4").write_bytes(_forged(segment, init, {}, 0, 90_000, 0))
        (root / "gate" / "main" / name / ("9" * 100 + ".mp4")).write_bytes(b"")
    found = rebuild_index(root, engine, "basra", "storage")
    assert [row.path for row in found.adopted] == ["gate/main/00000001/000000.mp4"]
    engine.dispose()


@fuzzed
def test_an_index_of_damaged_pages(segment: bytes, tmp_path: Path, examples: int) -> None:
    """Opened, or set aside and begun anew; then filled from the files."""
    root, path, clock = tmp_path / "footage", tmp_path / "index.db", SimulatedClock()
    with_segment = root / segment_path(SegmentHeader.model_validate_json(_header_of(segment)).key())
    with_segment.parent.mkdir(parents=True)
    with_segment.write_bytes(segment)
    engine = open_index(path)
    rebuild_index(root, engine, "basra", "storage")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    good = path.read_bytes()

    def claim(data: bytes) -> None:
        for part in tmp_path.glob("index.db*"):
            part.unlink()
        path.write_bytes(data)
        opened = open_or_set_aside(path, clock)
        opened.dispose()

    metered(claim, good[:47] + b"\xff" + good[48:])  # a file format that no SQLite knows yet
    # The page cache of SQLite is not Python's memory; pages are damaged from the first on, header and schema too.
    hold(min(examples, 1000) // 4, mutated(good, edits=8), claim)


def _header_of(segment: bytes) -> bytes:
    start = int.from_bytes(segment[:4], "big")
    return segment[start + 24 : start + int.from_bytes(segment[start : start + 4], "big")]


@fuzzed
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_parameter_sets_and_units(clips: Path, codec: VideoCodec, examples: int) -> None:
    stream, packets = read_clip(clip_of(clips, "h264" if codec == "h264" else "h265", frames=30))
    sets = b"".join(b"\x00\x00\x00\x01" + unit for unit in _sets_of(stream.video.extradata, codec))
    assert ParameterSets(codec, sets).is_complete

    def claim(data: bytes) -> None:
        found = ParameterSets(codec)
        found.update(data)
        for read in (found.picture, found.codec_string):
            with suppress(ValueError):
                read()
        split_annex_b(data)
        with suppress(ValueError):
            split_length_prefixed(data, 1 + len(data) % 4)

    hold(examples, mutated(sets, edits=8), claim)
    hold(examples, mutated(packets[0].data[:2000]), claim)

    def record(data: bytes) -> None:
        with suppress(BasiraError):
            initialisation_of(type(stream)(type(stream.video)("video", codec, stream.video.time_base, data)))

    hold(examples, st.one_of(mutated(sets, edits=8), mutated(stream.video.extradata, edits=8)), record)
    metered(record, b"\x00\x00\x00\x01\x67\x42\x00\x1e" + b"\x55" * 70_000 + b"\x00\x00\x00\x01\x68\xce\x3c\x80")


def _sets_of(extradata: bytes, codec: VideoCodec) -> list[bytes]:
    """The units inside an avcC or hvcC."""
    found: list[bytes] = []
    if codec == "h264":
        at = 6
        for count in (extradata[5] & 31, -1):
            if count < 0:
                count, at = extradata[at], at + 1
            for _ in range(count):
                length = int.from_bytes(extradata[at : at + 2], "big")
                found.append(extradata[at + 2 : at + 2 + length])
                at += 2 + length
        return found
    at = 23
    for _ in range(extradata[22]):
        count, at = int.from_bytes(extradata[at + 1 : at + 3], "big"), at + 3
        for _ in range(count):
            length = int.from_bytes(extradata[at : at + 2], "big")
            found.append(extradata[at + 2 : at + 2 + length])
            at += 2 + length
    return found


_RTSP = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n"


@fuzzed
def test_answers_of_cameras(examples: int) -> None:
    hold(examples, mutated(_RTSP), lambda answer: _judge(answer, "gate", 554))
    assert _judge(b"RTSP/1.0 " + b"2" * 9000 + b" OK\r\n\r\n", "gate", 554) is not None
    texts = st.one_of(st.text(), st.text(":/[]@%?#.0123456789ahtps", max_size=40))
    scopes = st.lists(st.one_of(texts, texts.map(lambda text: "onvif://www.onvif.org/name/" + text)), max_size=8)
    urls = st.lists(st.one_of(texts, texts.map(lambda text: "http://" + text)), max_size=4)

    def devices(answers: Iterable[tuple[list[str], list[str]]]) -> None:
        for device in devices_of(answers):
            assert len(device.name) <= 200 and all(len(scope) <= 200 for scope in device.scopes)

    hold(examples, st.lists(st.tuples(urls, scopes), max_size=8), devices)

    def address(text: str) -> None:
        with suppress(BasiraError):
            onvif_host_and_port(text)

    hold(examples, texts, address)


@fuzzed
def test_what_processes_keep_and_say_to_each_other(tmp_path: Path, examples: int) -> None:
    good = pack_memory({"taken": 1, "x": [1.5, "a"]}, {"mean": np.arange(600, dtype=np.uint16).reshape(20, 30)})
    unpacked = zlib.decompress(good)

    def memory(data: bytes) -> None:
        with suppress(ValueError, zlib.error):
            unpack_memory(data)

    hold(examples, mutated(good), memory)
    hold(examples, mutated(unpacked).map(zlib.compress), memory)
    bomb, mebibyte = zlib.compressobj(1), bytes(1 << 20)
    metered(memory, b"".join([*(bomb.compress(mebibyte) for _ in range(200)), bomb.flush()]))
    state = tmp_path / "scrubber.json"
    kept = b'{"cursor": ["a", "b", "main", 1, 2], "passes": 1, "pass_began_utc_ns": 1, "bytes_read": 5, "damaged": {}}'

    def scrubber(data: bytes) -> None:
        state.write_bytes(data)
        read_scrubber_state(state)

    hold(examples, mutated(kept), scrubber)
    operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"status": lambda _: {}}
    hold(examples, mutated(b'{"op": "status", "more": [1, {"a": null}]}'), lambda line: _answer(operations, line))
    assert _answer(operations, b"[" * 60_000) == {"error": "bad_request"}
