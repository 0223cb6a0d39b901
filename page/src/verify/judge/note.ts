import { hexOf } from "./bytes";
import { decodeBase64, decodeUtf8, Malformed } from "./strict";
import { isKeyName } from "./verifierKey";

/** One signature: who says to have made it, the ID of the key, and the bytes. */
export interface SignatureLine {
  name: string;
  keyId: string;
  blob: Uint8Array<ArrayBuffer>;
}

/** A signed note (C2SP signed-note). Nothing in the text is to be believed before its signatures are checked. */
export interface Note {
  text: string;
  signatures: SignatureLine[];
}

const LONGEST_BYTES = 1_000_000;
const MOST_SIGNATURES = 100;

function parseSignatureLine(line: string): SignatureLine {
  const parts = line.split(" ");
  const [dash, name, encoded] = parts;
  if (parts.length !== 3 || dash !== "—" || name === undefined || encoded === undefined) {
    throw new Malformed("not a signature line");
  }
  if (!isKeyName(name)) throw new Malformed("bad key name in a signature line");
  const bytes = decodeBase64(encoded);
  if (bytes.length <= 4) throw new Malformed("signature too short");
  return { name, keyId: hexOf(bytes.subarray(0, 4)), blob: bytes.slice(4) };
}

export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > LONGEST_BYTES) throw new Malformed("note too long");
  const whole = decodeUtf8(bytes);
  // eslint-disable-next-line no-control-regex
  if (/[\x00-\x09\x0b-\x1f\x7f]/.test(whole)) throw new Malformed("control character in a note");
  const split = whole.lastIndexOf("\n\n");
  if (split < 0) throw new Malformed("a note has a blank line before its signatures");
  if (!whole.endsWith("\n") || split + 2 >= whole.length) throw new Malformed("the last signature line does not end");
  const lines = whole.slice(split + 2, -1).split("\n");
  if (lines.length > MOST_SIGNATURES) throw new Malformed("too many signatures");
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}
