import { ed25519 } from "@noble/curves/ed25519.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";

import { joined, uint64, viewOf } from "./bytes";
import { parseCheckpoint } from "./checkpoint";
import { encodeUtf8, isRefusal, Malformed } from "./strict";
import { ED25519, MLDSA44_COSIGNATURE, type VerifierKey } from "./verifierKey";

const LENGTHS = { 0x01: 64, 0x04: 8 + 64, 0x06: 8 + 2420 };
const LATEST = 2n ** 63n - 1n;

/** What a key of this kind signs for a note with this text (C2SP signed-note, tlog-cosignature). */
function signedBytes(key: VerifierKey, text: string, time_s: bigint): Uint8Array<ArrayBuffer> {
  if (key.kind === ED25519) return encodeUtf8(text);
  if (key.kind !== MLDSA44_COSIGNATURE) return encodeUtf8(`cosignature/v1\ntime ${time_s}\n${text}`);
  const checkpoint = parseCheckpoint(text);
  const name = encodeUtf8(key.name);
  const origin = encodeUtf8(checkpoint.origin);
  if (name.length > 255) throw new Malformed("cosigner name too long");
  return joined(
    encodeUtf8("subtree/v1\n\0"),
    Uint8Array.of(name.length),
    name,
    uint64(time_s),
    Uint8Array.of(origin.length),
    origin,
    uint64(0n),
    uint64(checkpoint.size),
    checkpoint.root,
  );
}

/** By the browser's own code where it knows Ed25519, by @noble/curves where it does not. */
async function ed25519Verifies(
  publicKey: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const native = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (native) {
    try {
      const key = await native.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
      return await native.verify("Ed25519", key, signature, message);
    } catch (error) {
      // A browser that knows no Ed25519, or a key that is no point of the curve: the library tells them apart.
      if (!(error instanceof DOMException)) throw error;
    }
  }
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}

/**
 * The POSIX time that a signature over a note's text holds, in seconds; 0 for the log's own, which holds none. Null
 * when it does not verify.
 */
export async function signatureTime(
  key: VerifierKey,
  text: string,
  blob: Uint8Array<ArrayBuffer>,
): Promise<number | null> {
  if (blob.length !== LENGTHS[key.kind]) return null;
  const timed = key.kind !== ED25519;
  const time_s = timed ? viewOf(blob).getBigUint64(0) : 0n;
  // 0 would mean a subtree signature, which says nothing about time.
  if (timed && (time_s === 0n || time_s > LATEST)) return null;
  const signature = timed ? blob.slice(8) : blob;
  let verifies: boolean;
  try {
    const message = signedBytes(key, text, time_s);
    verifies =
      key.kind === MLDSA44_COSIGNATURE
        ? ml_dsa44.verify(signature, message, key.public)
        : await ed25519Verifies(key.public, signature, message);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return null;
  }
  return verifies ? Number(time_s) : null;
}
