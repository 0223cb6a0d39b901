import { decodeUtf8, Malformed } from "./strict";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** JSON in ASCII, keys sorted, no white space: the one encoding that entries and manifests have. */
function encode(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(encode).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
    return `{${fields.map(([key, inner]) => `${text(key)}:${encode(inner)}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Malformed("a number that is no integer");
  return typeof value === "string" ? text(value) : JSON.stringify(value);
}

function text(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Throws `Malformed` unless the bytes are the canonical encoding of an object. */
export function parseCanonical(bytes: Uint8Array): { [key: string]: Json } {
  const written = decodeUtf8(bytes);
  let value: Json;
  try {
    value = JSON.parse(written) as Json;
  } catch {
    throw new Malformed("not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Malformed("not an object");
  if (encode(value) !== written) throw new Malformed("not in its canonical encoding");
  return value;
}
