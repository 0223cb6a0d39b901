import type { DeletionEntry, HoldEntry, SegmentEntry } from "./entries";
import { byPlace, type LoggedEntry, ofKind } from "./loggedEntries";
import { type Findings, segmentText } from "./recordingRules";

const SPACE_REASONS = new Set(["size", "floor"]);
const DAY_US = 86_400_000_000;

/**
 * Every deletion among the entries against the holds and the retention among them. A change of policy is not
 * retroactive: the rule that counts is the one in force when the segment was logged.
 */
export function checkDeletions(logged: readonly LoggedEntry[], { report, notice }: Findings): void {
  const segments = new Map(ofKind(logged, "segment").map((one) => [segmentText(one.entry), one]));
  for (const deletion of ofKind(logged, "deletion")) {
    const { entry } = deletion;
    const where = segmentText(entry);
    const hold = holdOver(logged, deletion);
    if (hold) {
      report("held_deletion", where, `hold ${hold.hold}`);
      continue;
    }
    const made = segments.get(where);
    const required_us = retentionAt(logged, made ?? deletion, entry.camera);
    if (SPACE_REASONS.has(entry.why)) {
      notice("deleted_for_space", where, entry.why);
    } else if (required_us !== null && isTooEarly(deletion, made, required_us)) {
      report("early_deletion", where, `retention ${Math.floor(required_us / DAY_US)} days`);
    } else {
      notice("segment_deleted", where, entry.why);
    }
  }
}

/** A hold that was in force over the segment when its deletion was logged. */
function holdOver(logged: readonly LoggedEntry[], deletion: LoggedEntry<DeletionEntry>): HoldEntry | null {
  const held = new Map<string, HoldEntry>();
  for (const one of logged) {
    if (byPlace(one, deletion) >= 0) break;
    if (one.entry.kind === "hold") held.set(one.entry.hold, one.entry);
    else if (one.entry.kind === "hold_lifted") held.delete(one.entry.hold);
  }
  const { camera, start_us, end_us } = deletion.entry;
  const covers = (hold: HoldEntry) => hold.camera === camera && hold.start_us < end_us && hold.end_us > start_us;
  return [...held.values()].find(covers) ?? null;
}

/** What was in force at a place in the log: the camera's own rule, else the node's. */
function retentionAt(logged: readonly LoggedEntry[], place: LoggedEntry, camera: string): number | null {
  let own: number | null = null;
  let general: number | null = null;
  for (const one of logged) {
    if (byPlace(one, place) > 0) break;
    if (one.entry.kind === "retention") general = one.entry.retention_us;
    if (one.entry.kind === "camera" && one.entry.camera === camera) own = one.entry.retention_us;
  }
  return own ?? general;
}

/** By the node's clock, and by the witnesses' brackets, which the node cannot move. */
function isTooEarly(
  deletion: LoggedEntry<DeletionEntry>,
  made: LoggedEntry<SegmentEntry> | undefined,
  required_us: number,
): boolean {
  if (deletion.entry.deleted_us - deletion.entry.end_us < required_us) return true;
  const notBefore_s = made?.bracket.notBefore_s ?? null;
  const { notAfter_s } = deletion.bracket;
  if (notBefore_s === null || notAfter_s === null) return false;
  // The segment was committed after notBefore, its deletion before notAfter: it cannot have been older than this.
  return (notAfter_s - notBefore_s) * 1_000_000 < required_us;
}
