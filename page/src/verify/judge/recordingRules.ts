import { hexOf } from "./bytes";
import type { Container } from "./container";
import type { Member } from "./containerForm";
import type { CameraEntry, CoverEntry, DeletionEntry, GapEntry, SegmentEntry, StreamEntry } from "./entries";
import type { Finding, NoticeCode, WrongCode } from "./findings";
import { byPlace, type LoggedEntry, ofKind } from "./loggedEntries";
import { readSegment } from "./segmentFile";
import { isRefusal } from "./strict";

// The recorder writes a gap after five seconds of silence; less may pass between segments.
const TOLERANCE_US = 6_000_000;
const DIGEST_LENGTH = 32;
// By so much the node's clock may differ from the witnesses' before it is not believed.
export const CLOCK_SLACK_S = 120;

export interface Findings {
  report: (code: WrongCode, where: string, detail?: string, more?: Partial<Finding>) => void;
  notice: (code: NoticeCode, where: string, detail?: string, more?: Partial<Finding>) => void;
}

type SegmentKey = Pick<SegmentEntry, "camera" | "stream" | "recording" | "segment">;

export function segmentText(key: SegmentKey): string {
  return `${key.camera}/${key.stream} ${key.recording}:${key.segment}`;
}

/** What a bundle has of one stream, in the order of the log. */
export interface StreamRecord {
  segments: LoggedEntry<SegmentEntry>[];
  covers: LoggedEntry<CoverEntry>[];
  deletions: LoggedEntry<DeletionEntry>[];
  gaps: LoggedEntry<GapEntry>[];
  cameras: LoggedEntry<CameraEntry>[];
  streams: LoggedEntry<StreamEntry>[];
}

export function recordOf(logged: readonly LoggedEntry[], camera: string, stream: string): StreamRecord {
  const isMine = ({ entry }: { entry: { camera: string; stream: string } }) =>
    entry.camera === camera && entry.stream === stream;
  return {
    segments: ofKind(logged, "segment").filter(isMine),
    covers: ofKind(logged, "cover").filter(isMine),
    deletions: ofKind(logged, "deletion").filter(isMine),
    gaps: ofKind(logged, "gap").filter(isMine),
    cameras: ofKind(logged, "camera").filter(({ entry }) => entry.camera === camera),
    streams: ofKind(logged, "stream").filter(isMine),
  };
}

function byNumbers({ entry: one }: LoggedEntry<SegmentEntry>, { entry: other }: LoggedEntry<SegmentEntry>): number {
  return one.recording - other.recording || one.segment - other.segment;
}

/** Each segment names the hash of the one before it: where one does not, something is missing between the two. */
export function checkChain(record: StreamRecord, { report, notice }: Findings): void {
  const byKey = new Map<string, LoggedEntry<SegmentEntry>>();
  for (const logged of record.segments) {
    const text = segmentText(logged.entry);
    const other = byKey.get(text);
    if (!other) byKey.set(text, logged);
    else if (other.entry.sha256 !== logged.entry.sha256) {
      report("segment_twice", text, `${other.name} and ${logged.name}`);
    }
  }
  const ordered = [...byKey.values()].toSorted(byNumbers);
  let earlier: LoggedEntry<SegmentEntry> | null = null;
  for (const later of ordered) {
    if (earlier) checkPair(earlier, later, report);
    earlier = later;
  }
  for (const cover of record.covers) {
    const closed = byKey.get(segmentText(cover.entry));
    if (closed && byPlace(cover, closed) > 0) {
      report("segment_order", segmentText(cover.entry), "a cover after the end");
    }
  }
  for (const { entry } of ordered) if (entry.state === "recovered") notice("segment_recovered", segmentText(entry));
}

function checkPair(
  earlier: LoggedEntry<SegmentEntry>,
  later: LoggedEntry<SegmentEntry>,
  report: Findings["report"],
): void {
  const [before, after] = [earlier.entry, later.entry];
  if (byPlace(earlier, later) > 0) report("segment_order", segmentText(after));
  const follows = after.recording === before.recording ? after.segment === before.segment + 1 : after.segment === 0;
  if (after.previous !== before.sha256 || !follows) {
    report("segment_missing", `${segmentText(before)} … ${segmentText(after)}`);
  }
}

/** The file against its entry, against itself, and against what was logged while it was being written. */
export async function checkSegment(
  container: Container,
  member: Member,
  entry: SegmentEntry,
  covers: readonly CoverEntry[],
  report: Findings["report"],
): Promise<void> {
  const where = segmentText(entry);
  const coverLengths = covers.map((cover) => Math.max(0, cover.bytes - DIGEST_LENGTH));
  let file;
  try {
    file = await readSegment(container, member, coverLengths);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    report("segment_altered", where, error.message);
    return;
  }
  if (member.size !== entry.bytes || hexOf(file.measure.sha256) !== entry.sha256) {
    report("segment_altered", where);
    return;
  }
  if (file.fault !== null) {
    report("segment_broken", where, file.fault);
    return;
  }
  const { header } = file;
  if (file.sealed !== member.size) report("segment_broken", where, "a fragment's digest does not agree");
  const isNamed =
    (["site", "camera", "stream", "recording", "segment"] as const).every((name) => header[name] === entry[name]) &&
    (header.previous_sha256 ?? null) === entry.previous &&
    header.start_us === entry.start_us &&
    header.boot_id === entry.boot;
  if (!isNamed) report("segment_misnamed", where);
  const off = covers.find((cover, at) => {
    const digest = file.measure.beginnings.get(coverLengths[at] ?? 0);
    return cover.bytes > member.size || !digest || hexOf(digest) !== cover.digest;
  });
  if (off) report("cover_mismatch", where, `at ${off.bytes} bytes`);
}

/**
 * When the stream, or else its camera, was added, where the log proves that nothing of it came before; else null. The
 * log's first word about it is that it was added, before every entry about the stream, and the first segment has
 * nothing before it in the chain: whoever takes away a stream's first segments is found by those that are left.
 */
function enrolled_us({ cameras, streams, segments, covers, gaps }: StreamRecord): number | null {
  const first = segments.toSorted(byNumbers)[0]?.entry;
  if (first?.recording !== 1 || first.segment !== 0 || first.previous !== null) return null;
  const ofStream = [...segments, ...covers, ...gaps];
  const proven = [...streams.slice(0, 1), ...cameras.slice(0, 1)].find((added) => {
    const { notAfter_s } = added.bracket;
    const wasSo = notAfter_s === null || Math.floor(added.entry.at_us / 1_000_000) <= notAfter_s + CLOCK_SLACK_S;
    return added.entry.change === "added" && wasSo && ofStream.every((one) => byPlace(one, added) >= 0);
  });
  return proven?.entry.at_us ?? null;
}

/** Every instant of the span is in a segment or in a gap whose cause was logged. */
export function checkCoverage(
  record: StreamRecord,
  span: { start_us: number; end_us: number },
  where: string,
  { report, notice }: Findings,
): void {
  const known = record.segments.map(({ entry }): [number, number] => [entry.start_us, entry.end_us]);
  // The later of two entries about one gap tells its end.
  const gaps = new Map(record.gaps.map(({ entry }) => [entry.number, entry]));
  for (const gap of gaps.values()) {
    const end_us = gap.end_us ?? span.end_us;
    known.push([gap.start_us, end_us]);
    if (end_us > span.start_us && gap.start_us < span.end_us) {
      const more = { span: { start_us: gap.start_us, end_us }, cause: gap.cause };
      notice("gap_explained", where, "", more);
    }
  }
  const unexplained = (start_us: number, end_us: number) =>
    report("unexplained_gap", where, "", { span: { start_us, end_us } });
  let reached = span.start_us;
  const added_us = enrolled_us(record);
  if (added_us !== null) {
    // Until a camera was added nothing was owed. What was recorded in the seconds before the log took note counts.
    const end_us = known.reduce((first, [begin]) => Math.min(first, begin), Math.min(added_us, span.end_us));
    if (end_us - reached > TOLERANCE_US) {
      notice("not_yet_recording", where, "", { span: { start_us: reached, end_us } });
    }
    reached = Math.max(reached, end_us);
  }
  for (const [begin, end] of known.toSorted(([one, first], [two, second]) => one - two || first - second)) {
    if (begin - reached > TOLERANCE_US && reached < span.end_us) unexplained(reached, Math.min(begin, span.end_us));
    reached = Math.max(reached, end);
  }
  if (span.end_us - reached > TOLERANCE_US) unexplained(reached, span.end_us);
}
