import { joined, joinedAll } from "./bytes";
import { encodeUtf8 } from "./strict";

/** One file in the container; `offset` is of its local header. */
export interface Member {
  name: string;
  size: number;
  crc: number;
  offset: number;
}

const MAX32 = 0xffffffff;
const MAX16 = 0xffff;
const UTF8 = 0x0800;
const EARLIEST_DATE = 0x0021;
const MODE = 0o100644 * 65536;

/** Little-endian fields, each with its width in bytes. */
function fields(...rows: [width: 2 | 4 | 8, value: number][]): Uint8Array {
  const view = new DataView(new ArrayBuffer(rows.reduce((length, [width]) => length + width, 0)));
  let at = 0;
  for (const [width, value] of rows) {
    if (width === 2) view.setUint16(at, value, true);
    else if (width === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += width;
  }
  return new Uint8Array(view.buffer);
}

function magic(last: number, type: number): Uint8Array {
  return Uint8Array.of(0x50, 0x4b, last, type);
}

/** The one local header that a file of this name, size and checksum can have. */
export function localHeader({ name, size, crc }: Member): Uint8Array {
  const large = size >= MAX32;
  const short = large ? MAX32 : size;
  const extra = large ? fields([2, 1], [2, 16], [8, size], [8, size]) : new Uint8Array();
  const fixed = fields(
    [2, large ? 45 : 20],
    [2, UTF8],
    [2, 0],
    [2, 0],
    [2, EARLIEST_DATE],
    [4, crc],
    [4, short],
    [4, short],
    [2, name.length],
    [2, extra.length],
  );
  return joined(magic(3, 4), fixed, encodeUtf8(name), extra);
}

function centralHeader({ name, size, crc, offset }: Member): Uint8Array {
  const large = size >= MAX32;
  const far = offset >= MAX32;
  const wide: [8, number][] = [];
  if (large) wide.push([8, size], [8, size]);
  if (far) wide.push([8, offset]);
  const extra = wide.length > 0 ? fields([2, 1], [2, 8 * wide.length], ...wide) : new Uint8Array();
  const version = wide.length > 0 ? 45 : 20;
  const short = large ? MAX32 : size;
  const fixed = fields(
    [2, 0x0300 + version],
    [2, version],
    [2, UTF8],
    [2, 0],
    [2, 0],
    [2, EARLIEST_DATE],
    [4, crc],
    [4, short],
    [4, short],
    [2, name.length],
    [2, extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, MODE],
    [4, far ? MAX32 : offset],
  );
  return joined(magic(1, 2), fixed, encodeUtf8(name), extra);
}

/** The one central directory, with the records after it, that these files can have. */
export function centralDirectory(members: readonly Member[], start: number): Uint8Array {
  const body = joinedAll(members.map(centralHeader));
  const count = members.length;
  const zip64 = count >= MAX16 || start >= MAX32 || body.length >= MAX32;
  const end = (short: number, size: number, offset: number) =>
    joined(magic(5, 6), fields([2, 0], [2, 0], [2, short], [2, short], [4, size], [4, offset], [2, 0]));
  if (!zip64) return joined(body, end(count, body.length, start));
  const record = fields(
    [8, 44],
    [2, 0x032d],
    [2, 45],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, body.length],
    [8, start],
  );
  const locator = fields([4, 0], [8, start + body.length], [4, 1]);
  return joined(body, magic(6, 6), record, magic(6, 7), locator, end(MAX16, MAX32, MAX32));
}
