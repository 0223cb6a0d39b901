"""An export holds every recorded sample of its span byte for byte, in files that any player opens."""

from __future__ import annotations

import hashlib
import itertools
import json
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basira.base.clock import NS_PER_MS, NS_PER_S
from basira.base.errors import BasiraError
from basira.replay.export import ExportCancelled, ExportedFile, export_stream
from tests.recording.clips import decoded, demuxed
from tests.replay.store import GATE, START_NS, Store
from tests.streams import frame_number

RATE = 15
EVERYTHING = (START_NS - NS_PER_S, START_NS + 3600 * NS_PER_S)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "exported"
    made.mkdir()
    return made


def export(store: Store, folder: Path, span: tuple[int, int] = EVERYTHING) -> list[ExportedFile]:
    return list(export_stream(store.footage, GATE, *span, folder, title="البوابة"))


def probe(path: Path) -> tuple[dict[str, Any], str]:
    done = subprocess.run(
        ["ffprobe", "-v", "warning", "-of", "json", "-show_format", "-show_streams", "-show_packets", path],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found, done.stderr


def numbers(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [frame_number(frame) for frame in container.decode(video=0)]


@pytest.mark.parametrize("clip", ["six_seconds", "with_b_frames", "with_sound", "hevc"])
def test_every_sample_comes_out_byte_for_byte(
    clip: str, store: Store, folder: Path, request: pytest.FixtureRequest
) -> None:
    source: Path = request.getfixturevalue(clip)
    segments = store.record(source)
    (file,) = export(store, folder)
    path = folder / file.name
    assert demuxed(path) == [data for segment in segments for data in segment.video]
    # A sound that is over when the first picture is shown has no place in a file that begins with it.
    begin = segments[0].samples[0].pts
    heard = [s for segment in segments for s in segment.samples if not s.video and s.pts + s.duration > begin]
    assert demuxed(path, "audio") == [sample.data for sample in heard]
    assert decoded(path) == decoded(source)
    assert file.frames == len(demuxed(path))
    assert file.bytes == path.stat().st_size
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [left.name for left in folder.iterdir()] == [file.name]


@pytest.mark.parametrize("clip", ["six_seconds", "with_b_frames", "with_sound", "hevc"])
def test_frames_keep_their_distance_across_segments(
    clip: str, store: Store, folder: Path, request: pytest.FixtureRequest
) -> None:
    store.record(request.getfixturevalue(clip))
    (file,) = export(store, folder)
    found, warnings = probe(folder / file.name)
    assert warnings == ""
    shown = sorted(Fraction(packet["pts_time"]) for packet in found["packets"] if packet["codec_type"] == "video")
    assert shown[0] == 0
    for before, after in itertools.pairwise(shown):
        assert after - before == pytest.approx(1 / RATE, abs=2e-5)
    heard = [float(packet["pts_time"]) for packet in found["packets"] if packet["codec_type"] == "audio"]
    if heard:
        assert heard == sorted(heard)
        assert heard[0] == pytest.approx(0, abs=0.1) and heard[-1] == pytest.approx(float(shown[-1]), abs=0.2)


def test_a_file_says_what_it_is_and_when(store: Store, folder: Path, six_seconds: Path) -> None:
    store.record(six_seconds)
    (file,) = export(store, folder)
    found, _ = probe(folder / file.name)
    assert found["format"]["tags"]["title"] == "البوابة 2025-06-15T15:06:40.000Z"
    assert found["format"]["tags"]["creation_time"] == "2025-06-15T15:06:40.000000Z"
    assert file.name == "gate_main_20250615T150640Z.mp4"
    assert float(found["format"]["duration"]) == pytest.approx(6.0, abs=0.001)
    content = (folder / file.name).read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert (file.start_utc_ns, file.end_utc_ns) == (START_NS, START_NS + 6 * NS_PER_S)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start_ms=st.integers(-500, 6500), length_ms=st.integers(1, 7000))
@pytest.mark.parametrize("clip", ["six_seconds", "with_b_frames"])
def test_exactly_the_frames_from_the_keyframe_before_start_up_to_end(
    clip: str,
    start_ms: int,
    length_ms: int,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("span")
    store = Store(root)
    store.record(request.getfixturevalue(clip))
    span = (START_NS + start_ms * NS_PER_MS, START_NS + (start_ms + length_ms) * NS_PER_MS)
    files = export(store, root, span)
    times = {number: START_NS + number * NS_PER_S // RATE for number in range(90)}
    first = max(0, start_ms * RATE // 1000 // RATE * RATE)
    wanted = [number for number, at in times.items() if number >= first and at < span[1] and span[1] > START_NS]
    if not files:
        assert not wanted or span[0] >= START_NS + 6 * NS_PER_S
        store.close()
        return
    found = numbers(root / files[0].name)
    assert found == wanted
    assert files[0].frames == len(found)
    store.close()


def test_a_short_gap_holds_the_last_picture_so_that_positions_stay_true(
    store: Store, folder: Path, six_seconds: Path
) -> None:
    store.record(six_seconds)
    store.record(six_seconds, recording=2, start_utc_ns=START_NS + 9 * NS_PER_S)
    (file,) = export(store, folder)
    found, warnings = probe(folder / file.name)
    assert warnings == ""
    times = [float(packet["pts_time"]) for packet in found["packets"]]
    assert len(times) == 180
    assert times[89] == pytest.approx(89 / RATE, abs=1e-3) and times[90] == pytest.approx(9.0, abs=1e-3)


def test_a_long_gap_begins_a_new_file_that_says_its_own_time(store: Store, folder: Path, six_seconds: Path) -> None:
    store.record(six_seconds)
    store.record(six_seconds, recording=2, start_utc_ns=START_NS + 60 * NS_PER_S)
    first, second = export(store, folder)
    assert first.frames == second.frames == 90
    assert second.start_utc_ns == START_NS + 60 * NS_PER_S
    assert probe(folder / second.name)[0]["format"]["tags"]["creation_time"] == "2025-06-15T15:07:40.000000Z"


def test_a_clock_set_back_begins_a_new_file_and_loses_nothing(store: Store, folder: Path, six_seconds: Path) -> None:
    store.record(six_seconds, start_utc_ns=START_NS)
    store.record(six_seconds, recording=2, start_utc_ns=START_NS + 100 * NS_PER_MS)
    files = export(store, folder)
    assert sum(file.frames for file in files) == 180
    assert len({file.name for file in files}) == len(files)


def test_another_format_begins_a_new_file(
    store: Store, folder: Path, six_seconds: Path, larger: Path, hevc: Path
) -> None:
    for number, clip in enumerate((six_seconds, larger, hevc), 1):
        store.record(clip, recording=number, start_utc_ns=START_NS + 7 * (number - 1) * NS_PER_S)
    files = export(store, folder)
    shapes = [probe(folder / file.name)[0]["streams"][0] for file in files]
    assert [(shape["codec_name"], shape["width"]) for shape in shapes] == [("h264", 320), ("h264", 640), ("hevc", 320)]
    assert [file.frames for file in files] == [90, 30, 60]


def test_small_jitter_between_recordings_does_not_reorder_frames(store: Store, folder: Path, six_seconds: Path) -> None:
    store.record(six_seconds)
    store.record(six_seconds, recording=2, start_utc_ns=START_NS + 6 * NS_PER_S - 100 * NS_PER_MS)
    (file,) = export(store, folder)
    times = [float(packet["dts_time"]) for packet in probe(folder / file.name)[0]["packets"]]
    assert times == sorted(set(times)) and len(times) == 180


def test_a_recovered_segment_gives_what_it_kept(store: Store, folder: Path, six_seconds: Path) -> None:
    (segment,) = store.begin(six_seconds, GATE, 1, START_NS, 6)
    segment.append(40)
    with segment.path.open("ab") as file:
        file.write(b"torn")
    segment.end("recovered")
    (exported,) = export(store, folder)
    assert numbers(folder / exported.name) == list(range(exported.frames))
    assert exported.frames == round(segment.writer.duration * RATE / 90_000)


def test_cancelling_leaves_no_file(store: Store, folder: Path, six_seconds: Path) -> None:
    store.record(six_seconds)
    with pytest.raises(ExportCancelled):
        list(export_stream(store.footage, GATE, *EVERYTHING, folder, title="", progress=lambda _: False))
    assert list(folder.iterdir()) == []


def test_footage_deleted_under_an_export_is_said_and_leaves_no_file(
    store: Store, folder: Path, six_seconds: Path
) -> None:
    segments = store.record(six_seconds)

    def delete_the_last(_: int) -> bool:
        segments[-1].path.unlink(missing_ok=True)
        return True

    with pytest.raises(BasiraError, match="deleted"):
        list(export_stream(store.footage, GATE, *EVERYTHING, folder, title="", progress=delete_the_last))
    assert list(folder.iterdir()) == []


def test_nothing_recorded_is_no_file(store: Store, folder: Path) -> None:
    assert export(store, folder) == []


def test_a_damaged_segment_is_left_out_and_told_and_the_rest_is_exported(
    store: Store, folder: Path, six_seconds: Path
) -> None:
    segments = store.record(six_seconds)
    content = bytearray(segments[1].path.read_bytes())
    content[content.index(b"moof") + 4 :] = bytes(len(content) - content.index(b"moof") - 4)
    segments[1].path.write_bytes(content)
    with pytest.raises(BasiraError) as refused:
        export(store, folder)
    assert refused.value.code == "fragment_damaged"
    lost: list[str] = []
    (file,) = export_stream(
        store.footage, GATE, *EVERYTHING, folder, title="", on_loss=lambda segment, error: lost.append(error.code)
    )
    assert lost == ["fragment_damaged"]
    assert numbers(folder / file.name) == [*range(30), *range(60, 90)]
