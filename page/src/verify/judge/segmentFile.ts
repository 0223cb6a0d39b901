import { sameBytes, viewOf } from "./bytes";
import type { Container, Measure } from "./container";
import type { Member } from "./containerForm";
import { decodeUtf8, Malformed } from "./strict";

/** What a segment file says of itself in its SEGMENT box (docs/recording-format.md). */
export interface SegmentHeader {
  site: unknown;
  camera: unknown;
  stream: unknown;
  recording: unknown;
  segment: unknown;
  previous_sha256?: unknown;
  start_us: number;
  boot_id: unknown;
}

export type SegmentFile = ({ fault: string; header: null } | { fault: null; header: SegmentHeader }) & {
  /** How many bytes the COMMIT boxes vouch for. */
  sealed: number;
  measure: Measure;
};

interface Box {
  kind: string;
  size: number;
}

const MOST_BOXES_BEFORE_FRAGMENTS = 8;
const LONGEST_HEADER = 65_536;
const COMMIT_LENGTH = 112;
const DIGEST_LENGTH = 32;
// "basira^segment" and "basira^commit", each with its version.
const SEGMENT_BOX = Uint8Array.from([
  0x62, 0x61, 0x73, 0x69, 0x72, 0x61, 0x5e, 0x73, 0x65, 0x67, 0x6d, 0x65, 0x6e, 0x74, 0, 1,
]);
const COMMIT_BOX = Uint8Array.from([
  0x62, 0x61, 0x73, 0x69, 0x72, 0x61, 0x5e, 0x63, 0x6f, 0x6d, 0x6d, 0x69, 0x74, 0, 0, 1,
]);

async function boxAt(container: Container, member: Member, offset: number): Promise<Box | null> {
  const left = member.size - offset;
  if (left < 8) return null;
  const view = viewOf(await container.readPart(member, offset, Math.min(16, left)));
  let size = view.getUint32(0);
  if (size === 1 && left >= 16) size = Number(view.getBigUint64(8));
  if (size < 8 || size > left) return null;
  return { kind: String.fromCharCode(...[4, 5, 6, 7].map((at) => view.getUint8(at))), size };
}

async function readHeader(container: Container, member: Member): Promise<[SegmentHeader, number]> {
  let header: SegmentHeader | null = null;
  let offset = 0;
  for (let boxes = 0; boxes < MOST_BOXES_BEFORE_FRAGMENTS; boxes++) {
    const box = await boxAt(container, member, offset);
    if (!box) throw new Malformed("it ends before its first fragment");
    if (box.kind === "uuid" && box.size <= LONGEST_HEADER) {
      const body = await container.readPart(member, offset, box.size);
      if (sameBytes(body.subarray(8, 24), SEGMENT_BOX)) header = parseHeader(body.subarray(24));
    }
    offset += box.size;
    if (box.kind === "moov") {
      if (!header) throw new Malformed("no segment header before moov");
      return [header, offset];
    }
  }
  throw new Malformed("no moov box");
}

// Strings, and numbers outside them.
const JSON_TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Nanoseconds are more than a JavaScript number holds exactly: long integers are read as texts. */
function parseHeader(bytes: Uint8Array): SegmentHeader {
  const text = decodeUtf8(bytes).replace(JSON_TOKENS, (token) => (/^-?\d{16,19}$/.test(token) ? `"${token}"` : token));
  let value: Record<string, unknown> | null;
  try {
    value = JSON.parse(text) as Record<string, unknown> | null;
  } catch {
    throw new Malformed("bad header");
  }
  const start = value?.["start_utc_ns"];
  if (typeof start !== "number" && typeof start !== "string") throw new Malformed("bad header");
  if (!/^-?\d+$/.test(String(start))) throw new Malformed("bad header");
  const start_ns = BigInt(start);
  const start_us = Number((start_ns - (((start_ns % 1000n) + 1000n) % 1000n)) / 1000n);
  return { ...value, start_us } as SegmentHeader;
}

/** Where the commits' digests stand, by box lengths alone. */
async function commitsOf(container: Container, member: Member, initLength: number): Promise<number[]> {
  const digests: number[] = [];
  let offset = initLength;
  for (;;) {
    const moof = await boxAt(container, member, offset);
    if (moof?.kind !== "moof") return digests;
    const mdat = await boxAt(container, member, offset + moof.size);
    if (mdat?.kind !== "mdat") return digests;
    const length = moof.size + mdat.size;
    const at = offset + length;
    if (member.size - at < COMMIT_LENGTH) return digests;
    const box = viewOf(await container.readPart(member, at, COMMIT_LENGTH));
    const isCommit =
      box.getUint32(0) === COMMIT_LENGTH &&
      box.getUint32(4) === 0x75756964 &&
      COMMIT_BOX.every((byte, place) => box.getUint8(8 + place) === byte) &&
      box.getUint8(24) === 1 &&
      box.getUint32(28) === digests.length &&
      box.getBigUint64(44) === BigInt(offset) &&
      box.getUint32(52) === length;
    if (!isCommit) return digests;
    offset = at + COMMIT_LENGTH;
    digests.push(offset - DIGEST_LENGTH);
  }
}

/**
 * Reads a segment once: its own hash, its header, and how far its commits vouch for it. `lengths` asks for the hashes
 * of beginnings besides. Throws `Malformed` when the container does not hold all of it.
 */
export async function readSegment(
  container: Container,
  member: Member,
  lengths: readonly number[],
): Promise<SegmentFile> {
  let header: SegmentHeader;
  let sealed: number;
  let digests: number[];
  try {
    [header, sealed] = await readHeader(container, member);
    digests = await commitsOf(container, member, sealed);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { fault: error.message, header: null, sealed: 0, measure: await container.measure(member) };
  }
  const measure = await container.measure(member, [...digests, ...lengths]);
  for (const at of digests) {
    const written = await container.readPart(member, at, DIGEST_LENGTH);
    if (!sameBytes(written, measure.beginnings.get(at) ?? new Uint8Array())) break;
    sealed = at + DIGEST_LENGTH;
  }
  return { fault: null, header, sealed, measure };
}
