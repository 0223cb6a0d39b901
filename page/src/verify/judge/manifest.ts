import { parseCanonical } from "./canonical";
import {
  count,
  demand,
  hash,
  identifier,
  integer,
  listOf,
  mapOf,
  matching,
  oneOf,
  record,
  streamName,
  text,
} from "./shape";

export const MANIFEST = "manifest.json";
export const SUMS = "SHA256SUMS";
export const SEAL_ENTRY = "seal/export.json";
export const SEAL_PROOF = "seal/export.tlog-proof";
export const SEAL_TIMESTAMP = "seal/manifest.tsr";
/** What the manifest does not name: itself, and what was made after it. */
export const UNLISTED: ReadonlySet<string> = new Set([MANIFEST, SUMS, SEAL_ENTRY, SEAL_PROOF, SEAL_TIMESTAMP]);

export interface ListedFile {
  bytes: number;
  sha256: string;
}

/** What a bundle holds. Nobody vouches for it but the log's own entry about the export, which has its hash. */
export interface Manifest {
  origins: Map<string, string>;
  site: string;
  siteName: string;
  cameras: { id: string; name: string }[];
  stream: string;
  start_us: number;
  end_us: number;
  files: Map<string, ListedFile>;
}

const SHAPE = record({
  v: oneOf(1),
  kind: oneOf("basira-evidence"),
  origins: mapOf(matching(/^/, "not a text")),
  sizes: mapOf(count),
  site: identifier,
  site_name: text(1000),
  cameras: listOf(record({ id: identifier, name: text(1000) })),
  stream: streamName,
  start_us: integer,
  end_us: integer,
  files: mapOf(record({ bytes: count, sha256: hash })),
});

/** Throws `Malformed` unless the bytes are the one encoding of a manifest. */
export function parseManifest(bytes: Uint8Array): Manifest {
  const value = parseCanonical(bytes);
  demand(SHAPE, value);
  const { origins, files, site_name, ...rest } = value as unknown as Omit<
    Manifest,
    "origins" | "files" | "siteName"
  > & { origins: Record<string, string>; files: Record<string, ListedFile>; site_name: string };
  return {
    ...rest,
    siteName: site_name,
    origins: new Map(Object.entries(origins)),
    files: new Map(Object.entries(files)),
  };
}

export function videoName(key: { camera: string; stream: string; recording: number; segment: number }): string {
  const recording = String(key.recording).padStart(8, "0");
  return `video/${key.camera}/${key.stream}/${recording}/${String(key.segment).padStart(6, "0")}.mp4`;
}

export function entryName(generation: number, index: number): string {
  return `entries/${generation}/${String(index).padStart(12, "0")}.json`;
}

export function proofName(generation: number, index: number): string {
  return `proofs/${generation}/${String(index).padStart(12, "0")}.tlog-proof`;
}

/** A checkpoint that entries quote, by the hash they quote it with. */
export function quoteName(sha256: string): string {
  return `checkpoints/${sha256}`;
}
