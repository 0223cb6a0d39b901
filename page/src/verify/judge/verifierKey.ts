import { hexOf, joined } from "./bytes";
import { sha256Of } from "./digest";
import { decodeBase64, encodeUtf8, Malformed } from "./strict";

/** The signature types of C2SP that this log uses. */
export const ED25519 = 0x01;
export const ED25519_COSIGNATURE = 0x04;
export const MLDSA44_COSIGNATURE = 0x06;
export type KeyKind = typeof ED25519 | typeof ED25519_COSIGNATURE | typeof MLDSA44_COSIGNATURE;

const PUBLIC_KEY_LENGTHS: Record<KeyKind, number> = { 0x01: 32, 0x04: 32, 0x06: 1312 };

export interface VerifierKey {
  name: string;
  kind: KeyKind;
  public: Uint8Array<ArrayBuffer>;
  /** Eight hex digits that tell one key of a name from another. */
  id: string;
}

/** Whether `name` may name a key: not empty, no white space of any kind, no `+`, no control character. */
export function isKeyName(name: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /^[^\s+\x00-\x20\x7f\x85]+$/u.test(name);
}

/** `name+hex ID+base64`, the form in which keys are published. */
export function parseVerifierKey(text: string): VerifierKey {
  const [name, id, ...rest] = text.split("+");
  if (name === undefined || id === undefined || rest.length === 0) {
    throw new Malformed("a verifier key has three parts");
  }
  const bytes = decodeBase64(rest.join("+"));
  const kind = bytes[0];
  if (kind !== ED25519 && kind !== ED25519_COSIGNATURE && kind !== MLDSA44_COSIGNATURE) {
    throw new Malformed("unknown key type");
  }
  if (!isKeyName(name)) throw new Malformed("bad key name");
  if (bytes.length !== 1 + PUBLIC_KEY_LENGTHS[kind]) throw new Malformed("public key of the wrong length");
  if (hexOf(sha256Of(joined(encodeUtf8(`${name}\n`), bytes)).subarray(0, 4)) !== id) {
    throw new Malformed("the key ID is not this key's");
  }
  return { name, kind, public: bytes.slice(1), id };
}
