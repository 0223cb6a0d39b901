"""What a segment file vouches for is exactly its whole fragments, wherever it was cut or damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basira.base.errors import BasiraError
from basira.recording.layout import (
    COMMIT_LENGTH,
    Commit,
    CommitFlag,
    Gop,
    SegmentHeader,
    decode_commit,
    pack_gops,
    read_header,
    unpack_gops,
    verify_commits,
    walk_commits,
)
from tests.recording.clips import read_clip
from tests.recording.writing import write_segment
from tests.streams import make_numbered_clip

u32 = st.integers(0, 2**32 - 1)
u64 = st.integers(0, 2**64 - 1)
i64 = st.integers(-(2**63), 2**63 - 1)
commits = st.builds(
    Commit, u32, st.integers(0, 31).map(CommitFlag), u64, u32, u64, u32, i64, i64, i64, st.integers(0, 255)
)


@pytest.fixture(scope="module")
def segment(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small closed segment of six fragments."""
    clip = make_numbered_clip(clips / "tiny.mp4", frames=36, gop=12, size=(64, 48))
    stream, packets = read_clip(clip)
    path = tmp_path_factory.mktemp("segment") / "000000.mp4"
    write_segment(path, stream, packets)
    return path


@given(commits, st.binary(min_size=32, max_size=32))
def test_a_commit_box_says_what_was_put_into_it(commit: Commit, digest: bytes) -> None:
    box = commit.encode_prefix() + digest
    assert len(box) == COMMIT_LENGTH
    assert decode_commit(box) == (commit, digest)


@given(st.binary(max_size=200))
def test_other_bytes_are_no_commit_box(data: bytes) -> None:
    with pytest.raises(ValueError, match="commit"):
        decode_commit(data)


@given(st.lists(st.builds(Gop, u32, u32, u32, u32)))
def test_groups_of_pictures_come_back_from_the_index(gops: list[Gop]) -> None:
    assert unpack_gops(pack_gops(gops)) == gops


def test_cut_at_every_byte_a_segment_vouches_for_its_whole_fragments(segment: Path, tmp_path: Path) -> None:
    whole = segment.read_bytes()
    with segment.open("rb") as file:
        good = verify_commits(file)
    assert len(good.commits) >= 5
    copy = tmp_path / "cut.mp4"
    copy.write_bytes(whole)
    with copy.open("r+b") as file:
        for length in range(len(whole), good.init_length - 1, -1):
            os.ftruncate(file.fileno(), length)
            expected = [commit for commit in good.commits if commit.end <= length]
            if length in {commit.end for commit in good.commits} or length % 37 == 0:
                verified = verify_commits(file)
                assert list(verified.commits) == expected
                assert verified.torn_bytes == length - verified.length
            else:
                assert list(walk_commits(file, good.init_length)) == expected
        for length in range(good.init_length - 1, -1, -7):
            os.ftruncate(file.fileno(), length)
            with pytest.raises(BasiraError):
                read_header(file)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_flipped_bit_ends_what_the_file_vouches_for(segment: Path, data: st.DataObject) -> None:
    whole = bytearray(segment.read_bytes())
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    damaged = segment.with_name("damaged.mp4")
    damaged.write_bytes(whole)
    with segment.open("rb") as file:
        good = verify_commits(file)
    with damaged.open("rb") as file:
        try:
            verified = verify_commits(file)
        except BasiraError:
            assert bit // 8 < good.init_length
            return
    assert list(verified.commits) == [commit for commit in good.commits if commit.end <= bit // 8] or (
        bit // 8 < good.init_length and not verified.commits
    )


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_a_foreign_file_is_refused_with_a_message(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "foreign.mp4"
    path.write_bytes(data)
    with path.open("rb") as file, pytest.raises(BasiraError) as error:
        verify_commits(file)
    assert error.value.code == "segment_header_damaged"


def test_a_header_is_sorted_json_without_white_space() -> None:
    header = SegmentHeader(
        site="basra", camera="gate", stream="sub", recording=7, segment=3, reason="length", start_utc_ns=1,
        start_mono_ns=2, boot_id="ab", previous_sha256=None, tracks=(), writer="w",
    )  # fmt: skip
    body = header.encode()[24:]
    assert b" " not in body and body.index(b'"boot_id"') < body.index(b'"camera"') < body.index(b'"writer"')
    assert SegmentHeader.model_validate_json(body) == header
