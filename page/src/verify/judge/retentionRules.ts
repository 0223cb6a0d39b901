import type { DeletionEntry, HoldEntry } from "./entries";
import type { LoggedEntry } from "./loggedEntries";
import { type Findings, segmentText } from "./recordingRules";

const SPACE_REASONS = new Set(["size", "floor"]);
const DAY_US = 86_400_000_000;

/** A segment's entry, and the retention that was in force when it was logged. */
interface Made {
  logged: LoggedEntry | null;
  required_us: number | null;
}

/**
 * Every deletion among the entries, which are in the order of the log, against the holds and the retention among
 * them. A change of policy is not retroactive: the rule that counts is the one in force when the segment was logged.
 */
export function checkDeletions(logged: readonly LoggedEntry[], findings: Findings): void {
  let general_us: number | null = null;
  const own_us = new Map<string, number | null>();
  const holds = new Map<string, HoldEntry>();
  const made = new Map<string, Made>();
  const requiredOf = (camera: string) => own_us.get(camera) ?? general_us;
  for (const one of logged) {
    const { entry } = one;
    if (entry.kind === "retention") general_us = entry.retention_us;
    else if (entry.kind === "camera") own_us.set(entry.camera, entry.retention_us);
    else if (entry.kind === "hold") holds.set(entry.hold, entry);
    else if (entry.kind === "hold_lifted") holds.delete(entry.hold);
    else if (entry.kind === "segment" && !made.has(segmentText(entry))) {
      made.set(segmentText(entry), { logged: one, required_us: requiredOf(entry.camera) });
    } else if (entry.kind === "deletion") {
      const of = made.get(segmentText(entry)) ?? { logged: null, required_us: requiredOf(entry.camera) };
      judgeDeletion(one as LoggedEntry<DeletionEntry>, of, [...holds.values()], findings);
    }
  }
}

function judgeDeletion(
  deletion: LoggedEntry<DeletionEntry>,
  { logged, required_us }: Made,
  holds: readonly HoldEntry[],
  { report, notice }: Findings,
): void {
  const { camera, start_us, end_us, why } = deletion.entry;
  const where = segmentText(deletion.entry);
  const held = holds.find((hold) => hold.camera === camera && hold.start_us < end_us && hold.end_us > start_us);
  if (held) report("held_deletion", where, `hold ${held.hold}`);
  else if (SPACE_REASONS.has(why)) notice("deleted_for_space", where, why);
  else if (required_us !== null && isTooEarly(deletion, logged, required_us)) {
    report("early_deletion", where, `retention ${Math.floor(required_us / DAY_US)} days`);
  } else notice("segment_deleted", where, why);
}

/** By the node's clock, and by the witnesses' brackets, which the node cannot move. */
function isTooEarly(deletion: LoggedEntry<DeletionEntry>, made: LoggedEntry | null, required_us: number): boolean {
  if (deletion.entry.deleted_us - deletion.entry.end_us < required_us) return true;
  const notBefore_s = made?.bracket.notBefore_s ?? null;
  const { notAfter_s } = deletion.bracket;
  if (notBefore_s === null || notAfter_s === null) return false;
  // The segment was committed after notBefore, its deletion before notAfter: it cannot have been older than this.
  return (notAfter_s - notBefore_s) * 1_000_000 < required_us;
}
