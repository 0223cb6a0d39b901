import { decodeDecimal, decodeHash, encodeUtf8, Malformed } from "./strict";

/** What a log says of itself at one size (C2SP tlog-checkpoint). */
export interface Checkpoint {
  origin: string;
  size: bigint;
  root: Uint8Array;
}

const LARGEST = 2n ** 63n - 1n;

/** Of a note's text. Says nothing about signatures. */
export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith("\n")) throw new Malformed("a checkpoint ends in a newline");
  const [origin, size, root, ...extensions] = text.slice(0, -1).split("\n");
  if (origin === undefined || size === undefined || root === undefined) {
    throw new Malformed("a checkpoint has at least three lines");
  }
  if (!origin || encodeUtf8(origin).length > 255) throw new Malformed("bad origin");
  if (extensions.includes("")) throw new Malformed("empty extension line");
  const number = decodeDecimal(size);
  if (number > LARGEST) throw new Malformed("decimal number too large");
  return { origin, size: number, root: decodeHash(root) };
}
