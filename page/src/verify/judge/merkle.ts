import { joined, sameBytes } from "./bytes";
import { sha256Of } from "./digest";

/** RFC 6962: a leaf and a node are hashed with different first bytes, so that neither can pass for the other. */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256Of(joined(Uint8Array.of(0), entry));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256Of(joined(Uint8Array.of(1), left, right));
}

/** Whether `path` proves that `leaf` is entry `index` of the tree of `size` with this `root` (RFC 9162, 2.1.3.2). */
export function verifyInclusion(
  index: bigint,
  size: bigint,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (index >= size) return false;
  let at = index;
  let last = size - 1n;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      hash = nodeHash(sibling, hash);
      while (at && !(at & 1n)) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n && sameBytes(hash, root);
}
