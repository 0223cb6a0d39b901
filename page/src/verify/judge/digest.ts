import { sha256 } from "@noble/hashes/sha2.js";

/**
 * SHA-256 in one piece. Small pieces and the running digests below are hashed by @noble/hashes: a browser offers
 * neither running digests nor, to a page that came over plain HTTP, any digest at all.
 */
export function sha256Of(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

const NATIVE_FROM_BYTES = 16_384;

/** SHA-256 of a large piece, by the browser's own code where there is any: several times as fast. */
export async function sha256OfLarge(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const native = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (bytes.length < NATIVE_FROM_BYTES || !native) return sha256(bytes);
  return new Uint8Array(await native.digest("SHA-256", bytes));
}

/** SHA-256 of bytes that come piece by piece; `digest` may be asked for on the way. */
export class RunningSha256 {
  private readonly hash = sha256.create();

  update(bytes: Uint8Array): void {
    this.hash.update(bytes);
  }

  digest(): Uint8Array {
    return this.hash.clone().digest();
  }
}

// Four tables: four bytes a step (“slicing by four”).
const TABLES = makeTables();

function makeTables(): Uint32Array[] {
  const tables = Array.from({ length: 4 }, () => new Uint32Array(256));
  const [first] = tables as [Uint32Array];
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    first[byte] = value;
  }
  for (let byte = 0; byte < 256; byte++) {
    let value = first[byte] as number;
    for (const table of tables.slice(1)) {
      value = (value >>> 8) ^ (first[value & 255] as number);
      table[byte] = value;
    }
  }
  return tables;
}

/** CRC-32 as ZIP has it; `before` is the sum of the bytes before these. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [one, two, three, four] = TABLES as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let sum = ~before;
  let at = 0;
  for (const end = bytes.length - 3; at < end; at += 4) {
    sum ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    sum =
      (four[sum & 255] as number) ^
      (three[(sum >>> 8) & 255] as number) ^
      (two[(sum >>> 16) & 255] as number) ^
      (one[sum >>> 24] as number);
  }
  for (; at < bytes.length; at++) sum = (sum >>> 8) ^ (one[(sum ^ (bytes[at] as number)) & 255] as number);
  return ~sum >>> 0;
}
