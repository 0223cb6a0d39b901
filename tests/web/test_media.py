"""Recorded files over HTTP: byte for byte, in ranges, whatever strange things a browser asks for."""

from __future__ import annotations

import os

from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from basira.base.errors import BasiraError
from basira.web.file_answer import range_asked
from tests.replay.store import OpenSegment, Store

FIRST = "/api/media/gate/main/1/0.mp4"
OPEN = "/api/media/gate/main/1/2.mp4"


def test_a_whole_file_is_the_recorded_bytes(operator: TestClient, recorded: list[OpenSegment]) -> None:
    answer = operator.get(FIRST)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.content == recorded[0].path.read_bytes()


def test_a_range_is_those_very_bytes(operator: TestClient, recorded: list[OpenSegment]) -> None:
    whole = recorded[0].path.read_bytes()
    size = len(whole)
    ranges = {
        "bytes=0-0": (0, 1),
        "bytes=100-299": (100, 300),
        "bytes=-50": (size - 50, size),
        "bytes=500-": (500, size),
        "bytes=500-99999999": (500, size),
    }
    for asked, (start, end) in ranges.items():
        answer = operator.get(FIRST, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, whole[start:end]), asked
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"


def test_what_is_no_single_range_is_ignored(operator: TestClient, recorded: list[OpenSegment]) -> None:
    whole = recorded[0].path.read_bytes()
    odd = ["bytes=abc", "bytes=5-2", "lines=0-5", "bytes=0-1,5-6", "bytes=-", "", f"bytes={'9' * 400}-", "bytes=٠-٩"]
    for asked in odd:
        answer = operator.get(FIRST, headers={"Range": asked.encode()})
        assert (answer.status_code, answer.content) == (200, whole), asked


def test_a_range_outside_the_file_is_told_its_length(operator: TestClient, recorded: list[OpenSegment]) -> None:
    for asked in ("bytes=99999999-", "bytes=999999999999999-9999999999999999", "bytes=-0"):
        answer = operator.get(FIRST, headers={"Range": asked})
        assert answer.status_code == 416, asked
        assert answer.headers["content-range"] == f"bytes */{recorded[0].path.stat().st_size}"
        assert answer.json()["error"]["code"] == "range_not_satisfiable"


def test_a_changed_file_is_sent_whole_to_who_has_the_older(operator: TestClient, recorded: list[OpenSegment]) -> None:
    etag = operator.get(FIRST).headers["etag"]
    same = operator.get(FIRST, headers={"Range": "bytes=0-9", "If-Range": etag})
    other = operator.get(FIRST, headers={"Range": "bytes=0-9", "If-Range": '"older"'})
    assert (same.status_code, other.status_code) == (206, 200)


def test_of_a_file_being_written_only_what_is_committed_is_sent(
    operator: TestClient, recorded: list[OpenSegment]
) -> None:
    being_written = recorded[2].path
    committed = operator.get(OPEN).content
    with being_written.open("ab") as file:
        file.write(b"half a fragment")
    assert operator.get(OPEN).content == committed
    assert being_written.read_bytes().startswith(committed)
    assert operator.get(OPEN, headers={"Range": f"bytes={len(committed)}-"}).status_code == 416


def test_a_deleted_file_says_so(operator: TestClient, store: Store, recorded: list[OpenSegment]) -> None:
    store.delete(recorded[0].key)
    recorded[1].path.unlink()
    for gone in (FIRST, "/api/media/gate/main/1/1.mp4", "/api/media/gate/main/9/9.mp4"):
        answer = operator.get(gone)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "footage_deleted")


def test_a_file_that_has_become_shorter_is_no_shorter_recording(
    operator: TestClient, recorded: list[OpenSegment]
) -> None:
    length = recorded[0].path.stat().st_size
    os.truncate(recorded[0].path, length // 2)
    for lost in (f"bytes={length // 2}-", f"bytes={length // 2 - 100}-", "bytes=0-"):  # behind the end, and across it
        answer = operator.get(FIRST, headers={"Range": lost})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "footage_unreadable")
    kept = operator.get(FIRST, headers={"Range": "bytes=0-99"})
    assert (kept.status_code, kept.headers["content-range"]) == (206, f"bytes 0-99/{length}")


_HOSTILE = (
    "/api/media/../../catalogue.db",
    "/api/media/%2e%2e/%2e%2e/catalogue.db",
    "/api/media/..%2f..%2fkeys/main/1/0.mp4",
    "/api/media/gate/main/1/..%2f..%2f0.mp4",
    "/api/media/gate/main/1/0.mp4%00.mp4",
    "/api/media/gate/..%5c..%5cmain/1/0.mp4",
    "/api/media//etc/passwd",
    "/api/media/gate/main/-1/0.mp4",
    "/api/media/gate/main/99999999999999999999/0.mp4",
    "/api/exports/../../keys/files/credentials.key",
    "/api/exports/%2e%2e/files/%2e%2e%2fcredentials.key",
    "/assets/../../../../etc/passwd",
    "/assets/%2e%2e/%2e%2e/%2e%2e/app.py",
    "/..%2f..%2fapp.py",
    "/%2e%2e/app.py",
)


def test_hostile_paths_lead_nowhere(operator: TestClient, recorded: list[OpenSegment]) -> None:
    for path in _HOSTILE:
        answer = operator.get(path)
        is_the_page = answer.headers["content-type"].startswith("text/html")
        assert answer.status_code in (404, 422) or is_the_page, path
        assert b"root:" not in answer.content
        assert b"import annotations" not in answer.content
        assert b"SQLite format" not in answer.content


@given(st.one_of(st.none(), st.text(max_size=40), st.from_regex(r"bytes=\d{0,20}-\d{0,20}")), st.integers(0, 2**40))
def test_any_range_header_is_inside_the_file_or_ignored_or_refused(header: str | None, length: int) -> None:
    try:
        asked = range_asked(header, length)
    except BasiraError as error:
        assert error.code == "range_not_satisfiable"
    else:
        assert asked is None or 0 <= asked[0] < asked[1] <= length
