"""Whether the segments of one stream are what the log says, follow on from each other, and fill the span."""

from __future__ import annotations

import hashlib
import itertools
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from basira.base.errors import BasiraError
from basira.base.identifiers import SegmentKey
from basira.custody.entries import Camera, Cover, Deletion, Gap, Segment, Stream, microseconds
from basira.custody.findings import Finding
from basira.custody.logged import LoggedEntry
from basira.recording.layout import verify_commits

# The recorder writes a gap after five seconds of silence (settings.gap_after_s); less may pass between segments.
TOLERANCE_US: Final = 6_000_000
DIGEST_LENGTH: Final = 32
# By so much the node's clock may differ from the witnesses' before it is not believed.
CLOCK_SLACK_S: Final = 120

Report = Callable[[Finding], None]


def segment_text(key: SegmentKey) -> str:
    return f"{key.camera}/{key.stream} {key.recording}:{key.segment}"


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """What a bundle has of one stream, in the order of the log."""

    segments: Sequence[tuple[LoggedEntry, Segment]]
    covers: Sequence[tuple[LoggedEntry, Cover]]
    deletions: Sequence[tuple[LoggedEntry, Deletion]]
    gaps: Sequence[tuple[LoggedEntry, Gap]]
    cameras: Sequence[tuple[LoggedEntry, Camera]] = ()
    streams: Sequence[tuple[LoggedEntry, Stream]] = ()


def enrolled_us(record: StreamRecord) -> int | None:
    """When the stream, or else its camera, was added, where the log proves that nothing of it came before; else None.

    Three things together prove it: the log's first word about the stream (the camera) is that it was added; that word
    stands before every entry about the stream, and was cosigned when it says it was made; and the first segment is
    the stream's first, with nothing before it in the chain. So whoever takes away a stream's first segments is found:
    those that are left name one that is not there.
    """
    if not record.segments:
        return None
    _, first = min(record.segments, key=lambda pair: pair[1].key())
    if (first.recording, first.segment, first.previous) != (1, 0, None):
        return None
    of_stream = [logged.place for logged, _ in (*record.segments, *record.covers, *record.gaps)]
    words: list[tuple[LoggedEntry, Stream | Camera]] = [*record.streams[:1], *record.cameras[:1]]
    for added, enrolment in words:
        cosigned_s = added.bracket.not_after_s
        was_so = cosigned_s is None or enrolment.at_us // 1_000_000 <= cosigned_s + CLOCK_SLACK_S
        if enrolment.change == "added" and added.place <= min(of_stream) and was_so:
            return enrolment.at_us
    return None


def check_bytes(data: bytes, entry: Segment, covers: Sequence[Cover], report: Report) -> None:
    """The file against its entry, against itself, and against what was logged while it was being written."""
    where = segment_text(entry.key())
    if len(data) != entry.bytes or hashlib.sha256(data).hexdigest() != entry.sha256:
        report(Finding("segment_altered", where))
        return
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            verified = verify_commits(file)
        except BasiraError as error:
            report(Finding("segment_broken", where, str(error)))
            return
    header = verified.header
    if verified.torn_bytes:
        report(Finding("segment_broken", where, "a fragment's digest does not agree"))
    named = (header.key(), header.previous_sha256, microseconds(header.start_utc_ns), header.boot_id)
    if named != (entry.key(), entry.previous, entry.start_us, entry.boot):
        report(Finding("segment_misnamed", where))
    # From the shortest on, so that no byte is hashed twice however often the segment was covered.
    running, hashed = hashlib.sha256(), 0
    for cover in sorted(covers, key=lambda one: one.bytes):
        end = max(hashed, cover.bytes - DIGEST_LENGTH)
        running.update(memoryview(data)[hashed:end])
        hashed = end
        if cover.bytes > len(data) or running.hexdigest() != cover.digest:
            report(Finding("cover_mismatch", where, f"at {cover.bytes} bytes"))
            return


def check_chain(record: StreamRecord, report: Report, notice: Report) -> None:
    """Each segment names the hash of the one before it: where one does not, something is missing between the two."""
    by_key: dict[SegmentKey, tuple[LoggedEntry, Segment]] = {}
    for logged, entry in record.segments:
        other = by_key.get(entry.key())
        if other is not None and other[1].sha256 != entry.sha256:
            report(Finding("segment_twice", segment_text(entry.key()), f"{other[0].name} and {logged.name}"))
        by_key.setdefault(entry.key(), (logged, entry))
    ordered = [by_key[key] for key in sorted(by_key)]
    for (earlier, before), (later, after) in itertools.pairwise(ordered):
        if earlier.place > later.place:
            report(Finding("segment_order", segment_text(after.key())))
        follows = after.segment == before.segment + 1 if after.recording == before.recording else after.segment == 0
        if after.previous != before.sha256 or not follows:
            report(Finding("segment_missing", f"{segment_text(before.key())} … {segment_text(after.key())}"))
    for logged, cover in record.covers:
        closed = by_key.get(cover.key())
        if closed is not None and logged.place > closed[0].place:
            report(Finding("segment_order", segment_text(cover.key()), "a cover after the end"))
    for _, entry in ordered:
        if entry.state == "recovered":
            notice(Finding("segment_recovered", segment_text(entry.key())))


def check_coverage(
    record: StreamRecord, start_us: int, end_us: int, where: str, report: Report, notice: Report
) -> None:
    """Every instant of the span is in a segment or in a gap whose cause was logged."""
    known = [(entry.start_us, entry.end_us) for _, entry in record.segments]
    # The later of two entries about one gap tells its end.
    for gap in {gap.number: gap for _, gap in record.gaps}.values():
        gap_end_us = end_us if gap.end_us is None else gap.end_us
        known.append((gap.start_us, gap_end_us))
        if gap_end_us > start_us and gap.start_us < end_us:
            notice(Finding("gap_explained", where, f"{gap.start_us}–{gap_end_us} µs, {gap.cause}"))
    reached = start_us
    added_us = enrolled_us(record)
    if added_us is not None:
        # Until a camera was added nothing was owed. What was recorded in the seconds before the log took note counts.
        began_us = min(added_us, end_us, *(begin for begin, _ in known))
        if began_us - reached > TOLERANCE_US:
            notice(Finding("not_yet_recording", where, f"before {began_us} µs"))
        reached = max(reached, began_us)
    for begin, end in sorted(known):
        if begin - reached > TOLERANCE_US and reached < end_us:
            report(Finding("unexplained_gap", where, f"{reached}–{min(begin, end_us)} µs"))
        reached = max(reached, end)
    if end_us - reached > TOLERANCE_US:
        report(Finding("unexplained_gap", where, f"{reached}–{end_us} µs"))
