import type { Act } from "./entries";

/** The words of a judgement. The codes are those of src/basira/custody/findings.py: every verifier says the same. */
export const WRONG = [
  "bundle_unreadable",
  "manifest_malformed",
  "manifest_not_logged",
  "seal_unproven",
  "file_missing",
  "file_added",
  "file_altered",
  "segment_altered",
  "segment_absent",
  "segment_unlogged",
  "segment_misnamed",
  "segment_broken",
  "segment_twice",
  "segment_missing",
  "segment_order",
  "cover_mismatch",
  "entry_malformed",
  "entry_unproven",
  "proof_stray",
  "quote_unproven",
  "unexplained_gap",
  "early_deletion",
  "held_deletion",
  "sums_wrong",
  "container_altered",
] as const;

export const NOTICES = [
  "gap_explained",
  "not_yet_recording",
  "segment_deleted",
  "deleted_for_space",
  "segment_recovered",
  "clock_step",
  "clock_outside_bracket",
  "no_witnesses",
  "timestamp_unchecked",
  "c2pa_unchecked",
  "software_changed",
] as const;

export type WrongCode = (typeof WRONG)[number];
export type NoticeCode = (typeof NOTICES)[number];

/** `where` names a file, a segment, an entry or a stream; `detail` is technical, and in English. */
export interface Finding<Code extends string = WrongCode | NoticeCode> {
  code: Code;
  where: string;
  detail: string;
  /** The span it is about, where it is about one. */
  span?: { start_us: number; end_us: number };
  /** Why there is no recording, where that was logged. */
  cause?: string;
}

/** POSIX seconds that witnesses vouch for. Null: nobody vouches. */
export interface Bracket {
  notBefore_s: number | null;
  notAfter_s: number | null;
}

export interface Access {
  at_us: number;
  act: Act;
  user: string;
  span: { start_us: number; end_us: number } | null;
}

/** Video of the bundle joined for playing, and where it lies in the bundle. */
export interface Enclosure {
  name: string;
  offset: number;
  bytes: number;
}

/** What a verifier found. `wrong` is in the order of recording as far as that can be told. */
export interface Verdict {
  wrong: Finding<WrongCode>[];
  notices: Finding<NoticeCode>[];
  segments: { name: string; bracket: Bracket }[];
  bracket: Bracket;
  accesses: Access[];
  entries: number;
  /** When a quorum had cosigned the export's own entry, POSIX seconds. */
  sealed_s: number | null;
  /** What the bundle says it is about; null when it cannot be read. */
  about: {
    site: string;
    cameras: { id: string; name: string }[];
    stream: string;
    start_us: number;
    end_us: number;
  } | null;
  enclosures: Enclosure[];
}

export function emptyVerdict(): Verdict {
  return {
    wrong: [],
    notices: [],
    segments: [],
    bracket: { notBefore_s: null, notAfter_s: null },
    accesses: [],
    entries: 0,
    sealed_s: null,
    about: null,
    enclosures: [],
  };
}
