import { type Json, parseCanonical } from "./canonical";
import {
  type Check,
  count,
  demand,
  flag,
  hash,
  identifier,
  integer,
  listOf,
  oneOf,
  orNull,
  positive,
  pseudonym,
  record,
  streamName,
  text,
  word,
} from "./shape";
import { Malformed } from "./strict";

/** The last checkpoint that a quorum had cosigned when an entry was made. */
export interface Seen {
  size: number;
  sha256: string;
}

interface OfStream {
  site: string;
  camera: string;
  stream: string;
}

interface OfSegment extends OfStream {
  recording: number;
  segment: number;
}

export interface SegmentEntry extends OfSegment {
  kind: "segment";
  state: "closed" | "recovered";
  bytes: number;
  sha256: string;
  previous: string | null;
  start_us: number;
  end_us: number;
  boot: string;
  seen: Seen | null;
}

export interface CoverEntry extends OfSegment {
  kind: "cover";
  bytes: number;
  digest: string;
  seen: Seen | null;
}

export interface GapEntry extends OfStream {
  kind: "gap";
  number: number;
  start_us: number;
  end_us: number | null;
  cause: string;
}

export interface DeletionEntry extends OfSegment {
  kind: "deletion";
  start_us: number;
  end_us: number;
  why: string;
  deleted_us: number;
}

export interface CameraEntry {
  kind: "camera";
  at_us: number;
  camera: string;
  change: "added" | "changed" | "removed";
  retention_us: number | null;
}

export interface StreamEntry extends OfStream {
  kind: "stream";
  at_us: number;
  change: "added" | "removed";
}

export interface HoldEntry {
  kind: "hold" | "hold_lifted";
  hold: string;
  camera: string;
  start_us: number;
  end_us: number;
}

const ACTS = ["login", "login_refused", "live", "playback", "search", "snapshot", "export", "evidence"] as const;
export type Act = (typeof ACTS)[number];

export interface AccessEntry {
  kind: "access";
  at_us: number;
  act: Act;
  user: string;
  cameras: string[];
  start_us: number | null;
  end_us: number | null;
  manifest: string | null;
}

export type Entry =
  | SegmentEntry
  | CoverEntry
  | GapEntry
  | DeletionEntry
  | HoldEntry
  | AccessEntry
  | { kind: "clock_step"; step_us: number }
  | { kind: "software"; digest: string }
  | CameraEntry
  | StreamEntry
  | { kind: "retention"; retention_us: number }
  | { kind: "heartbeat"; seen: Seen | null }
  | { kind: "log_start" | "account" | "alarm" };

const seen = orNull(record({ size: count, sha256: hash }));
const ofStream = { site: identifier, camera: identifier, stream: streamName };
const ofSegment = { ...ofStream, recording: positive, segment: count };
const span = { start_us: integer, end_us: integer };
const ofHold = { hold: word, site: identifier, camera: identifier, ...span, by: pseudonym };
const head = record({ origin: text(255, 1), size: count, root: hash });

/** The fields of each kind, besides version, kind and time (docs/custody-format.md). */
const KINDS: Record<Entry["kind"], Record<string, Check>> = {
  log_start: {
    origin: text(255, 1),
    site: identifier,
    keys: listOf(text(Infinity)),
    continues: orNull(head),
    why: word,
  },
  segment: {
    ...ofSegment,
    ...span,
    state: oneOf("closed", "recovered"),
    bytes: count,
    sha256: hash,
    previous: orNull(hash),
    start_mono_us: integer,
    boot: word,
    seen,
  },
  cover: { ...ofSegment, bytes: count, digest: hash, fragments: count, last_us: integer, seen },
  gap: { ...ofStream, number: count, start_us: integer, end_us: orNull(integer), cause: word, detail: word },
  clock_step: { site: identifier, utc_us: integer, mono_us: integer, boot: word, step_us: integer },
  software: { version: word, digest: word, boot: word },
  camera: {
    site: identifier,
    camera: identifier,
    change: oneOf("added", "changed", "removed"),
    source: word,
    enabled: flag,
    record_audio: flag,
    retention_us: orNull(count),
    retention_bytes: orNull(count),
  },
  stream: { ...ofStream, change: oneOf("added", "removed") },
  retention: { retention_us: count },
  account: { user: pseudonym, change: oneOf("created", "disabled", "enabled", "password", "removed") },
  hold: { ...ofHold, reason: hash },
  hold_lifted: ofHold,
  deletion: { ...ofSegment, ...span, bytes: count, sha256: orNull(hash), why: word, deleted_us: integer },
  access: {
    act: oneOf(...ACTS),
    user: pseudonym,
    cameras: listOf(identifier),
    stream: orNull(streamName),
    start_us: orNull(integer),
    end_us: orNull(integer),
    manifest: orNull(hash),
  },
  alarm: { code: word, camera: orNull(identifier), raised: flag },
  heartbeat: { boot: word, mono_us: integer, seen },
};

/** Throws `Malformed` unless the bytes are the one encoding of an entry of a known kind. */
export function parseEntry(bytes: Uint8Array): Entry {
  const value = parseCanonical(bytes);
  const kind: Json | undefined = value["kind"];
  if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind)) throw new Malformed("an entry of an unknown kind");
  const fields = KINDS[kind as Entry["kind"]];
  demand(record({ ...fields, v: oneOf(1), kind: oneOf(kind), at_us: integer }), value);
  return value as unknown as Entry;
}
