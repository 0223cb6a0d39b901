import { indexOfBytes } from "./bytes";
import { decodeBase64, decodeDecimal, decodeHash, decodeUtf8, Malformed } from "./strict";

/** A proof that stands alone (C2SP tlog-proof): an index, an inclusion path and the checkpoint it leads to. */
export interface TlogProof {
  index: bigint;
  path: Uint8Array[];
  /** The signed note, verbatim. */
  checkpoint: Uint8Array;
}

const LONGEST_PATH = 63;

export function parseTlogProof(bytes: Uint8Array): TlogProof {
  const blank = indexOfBytes(bytes, Uint8Array.of(10, 10));
  if (blank < 0) throw new Malformed("a proof has a blank line before its checkpoint");
  const head = bytes.subarray(0, blank);
  if (head.some((byte) => byte > 126)) throw new Malformed("a proof is ASCII up to its checkpoint");
  const lines = decodeUtf8(head).split("\n");
  if (lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Malformed("not a tlog-proof");
  // `extra` is vouched for by nobody: it is read past.
  if (lines[0]?.startsWith("extra ")) decodeBase64((lines.shift() as string).slice("extra ".length));
  const index = lines.shift();
  if (!index?.startsWith("index ")) throw new Malformed("a proof has an index");
  if (lines.length > LONGEST_PATH) throw new Malformed("inclusion path too long");
  return {
    index: decodeDecimal(index.slice("index ".length)),
    path: lines.map(decodeHash),
    checkpoint: bytes.subarray(blank + 2),
  };
}
