/** The only spellings of numbers and bytes that the log's formats allow; everything else is `Malformed`. */

/** Bytes that are not what their format says. The message says which rule was broken. */
export class Malformed extends Error {
  override name = "Malformed";
}

/** A signature by a known key does not verify, no known key has signed, or a proof leads elsewhere. */
export class Unproven extends Error {
  override name = "Unproven";
}

/** Whether a step of the judgement failed by what the bundle holds, and not by a fault of ours. */
export function isRefusal(error: unknown): error is Malformed | Unproven {
  return error instanceof Malformed || error instanceof Unproven;
}

/** Standard alphabet, padded, canonical (RFC 4648 §4): what decodes must encode to the same characters. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new Malformed("not base64");
  }
  if (btoa(binary) !== text) throw new Malformed("base64 is not canonical");
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** A SHA-256 value in base64. */
export function decodeHash(text: string): Uint8Array {
  const hash = decodeBase64(text);
  if (hash.length !== 32) throw new Malformed("a hash is not 32 bytes");
  return hash;
}

/** ASCII digits without leading zeros (`0` itself is allowed). */
export function decodeDecimal(text: string): bigint {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text)) throw new Malformed("not a decimal number");
  return BigInt(text);
}

/** Strict UTF-8, a byte order mark being a character like any other. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed("not UTF-8");
  }
}

export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
