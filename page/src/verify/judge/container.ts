import { sameBytes, viewOf } from "./bytes";
import { crc32, RunningSha256, sha256OfLarge } from "./digest";
import { centralDirectory, localHeader, type Member } from "./containerForm";
import { decodeUtf8, Malformed } from "./strict";

export type Bytes = Uint8Array<ArrayBuffer>;

const PIECE_BYTES = 4 << 20;
const WINDOW_BYTES = 256 << 10;
const MOST_WINDOWS = 16;
const MOST_FILES = 10_000_000;
const LARGEST_DIRECTORY_BYTES = 2 ** 31 - 1;
const LARGEST_READ_BYTES = 512 << 20;
const MAX32 = 0xffffffff;

/** Checksum and hash of a file's bytes, and the hash of its beginnings, by their length. */
export interface Measure {
  crc: number;
  sha256: Uint8Array;
  beginnings: Map<number, Uint8Array>;
}

function isSafeName(name: string): boolean {
  if (!/^[\x20-\x7e]+$/.test(name) || /[\\:]/.test(name)) return false;
  return name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function numberOf(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Malformed("the container is cut short");
  return Number(value);
}

/**
 * A bundle being read, never whole in memory. Files are found by the directory; `flaws` says what else is not as it
 * must be: the container is a ZIP in one form only (docs/custody-format.md), so every byte of it can be foretold.
 */
export class Container {
  readonly members = new Map<string, Member>();
  private order: Member[] = [];
  private directoryStart = 0;
  private readonly windows = new Map<number, Promise<Bytes>>();
  private readonly measures = new Map<string, Measure>();

  private constructor(
    private readonly file: Blob,
    private readonly onMeasured: (bytes: number) => void,
  ) {}

  /** Throws `Malformed` when there is no central directory to read by. `onMeasured` is told of bytes checked. */
  static async open(file: Blob, onMeasured: (bytes: number) => void = () => undefined): Promise<Container> {
    const container = new Container(file, onMeasured);
    const [start, count, size] = await container.endRecord();
    if (size > LARGEST_DIRECTORY_BYTES) throw new Malformed("too many files");
    container.directoryStart = start;
    container.readDirectory(await container.at(start, size), count);
    return container;
  }

  /** Bytes of the container; throws `Malformed` when it ends before them. */
  async at(offset: number, size: number): Promise<Bytes> {
    if (offset < 0 || size < 0 || offset + size > this.file.size) throw new Malformed("the container is cut short");
    const window = Math.floor(offset / WINDOW_BYTES);
    if (offset + size > (window + 1) * WINDOW_BYTES) {
      return new Uint8Array(await this.file.slice(offset, offset + size).arrayBuffer());
    }
    let found = this.windows.get(window);
    if (!found) {
      const slice = this.file.slice(window * WINDOW_BYTES, (window + 1) * WINDOW_BYTES);
      found = slice.arrayBuffer().then((buffer) => new Uint8Array(buffer));
      this.windows.set(window, found);
      const [oldest] = this.windows.keys();
      if (this.windows.size > MOST_WINDOWS && oldest !== undefined) this.windows.delete(oldest);
    }
    const from = offset - window * WINDOW_BYTES;
    return (await found).slice(from, from + size);
  }

  /** Whether the bundle has a file of this name. */
  has(name: string): boolean {
    return this.members.has(name);
  }

  /** A small file's bytes, whatever its checksum says; null when there is none of this name. */
  async read(name: string): Promise<Bytes | null> {
    const member = this.members.get(name);
    if (!member) return null;
    if (member.size > LARGEST_READ_BYTES) throw new Malformed("a file is too large for what it is");
    return this.at(this.startOf(member), member.size);
  }

  /** Some bytes of a file. */
  readPart(member: Member, from: number, size: number): Promise<Bytes> {
    return this.at(this.startOf(member) + from, size);
  }

  /** Where a file's own bytes begin in the container. */
  startOf(member: Member): number {
    return member.offset + localHeader(member).length;
  }

  /** Reads the file once, in pieces. `lengths` asks for the hash of the beginnings of these lengths, too. */
  async measure(member: Member, lengths: readonly number[] = []): Promise<Measure> {
    const known = this.measures.get(member.name);
    if (known && lengths.every((length) => known.beginnings.has(length))) return known;
    const measured = await (member.size <= PIECE_BYTES && lengths.length === 0
      ? this.measureWhole(member)
      : this.measurePieces(member, lengths));
    if (!known) this.onMeasured(member.size);
    this.measures.set(member.name, measured);
    return measured;
  }

  private async measureWhole(member: Member): Promise<Measure> {
    const bytes = await this.readPart(member, 0, member.size);
    return { crc: crc32(bytes), sha256: await sha256OfLarge(bytes), beginnings: new Map() };
  }

  private async measurePieces(member: Member, lengths: readonly number[]): Promise<Measure> {
    const running = new RunningSha256();
    const beginnings = new Map<number, Uint8Array>();
    let crc = 0;
    let done = 0;
    const wanted = [...new Set(lengths)].filter((length) => length <= member.size).toSorted((a, b) => a - b);
    for (const stop of [...wanted, member.size]) {
      while (done < stop) {
        const piece = await this.readPart(member, done, Math.min(PIECE_BYTES, stop - done));
        crc = crc32(piece, crc);
        running.update(piece);
        done += piece.length;
      }
      beginnings.set(stop, running.digest());
    }
    return { crc, sha256: running.digest(), beginnings };
  }

  /** What is not as a bundle's maker writes it. */
  async flaws(): Promise<string[]> {
    const found: string[] = [];
    const names = this.order.map((member) => member.name);
    if (names.toSorted().some((name, at) => name !== names[at])) found.push("the files are not in order");
    let expected = 0;
    for (const member of this.order) {
      const header = localHeader(member);
      try {
        if (member.offset !== expected || !sameBytes(await this.at(member.offset, header.length), header)) {
          found.push(`the header of ${member.name} is not as it must be`);
        }
        if ((await this.measure(member)).crc !== member.crc) {
          found.push(`the checksum of ${member.name} does not agree`);
        }
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
        found.push(`${member.name}: ${error.message}`);
      }
      expected = member.offset + header.length + member.size;
    }
    const tail = centralDirectory(this.order, expected);
    if (this.directoryStart !== expected || this.file.size !== expected + tail.length) {
      found.push("there are bytes that belong to no file");
    } else if (!sameBytes(await this.at(expected, tail.length), tail)) {
      found.push("the directory is not as it must be");
    }
    return found;
  }

  /** Offset of the directory, number of files, size of the directory. */
  private async endRecord(): Promise<[number, number, number]> {
    if (this.file.size < 22) throw new Malformed("too short for a container");
    const end = viewOf(await this.at(this.file.size - 22, 22));
    if (end.getUint32(0) !== 0x504b0506) throw new Malformed("no end record where it must be");
    if (end.getUint32(16, true) !== MAX32) {
      return [end.getUint32(16, true), end.getUint16(10, true), end.getUint32(12, true)];
    }
    const locator = viewOf(await this.at(this.file.size - 42, 20));
    if (locator.getUint32(0) !== 0x504b0607) throw new Malformed("no ZIP64 locator where it must be");
    const wide = viewOf(await this.at(numberOf(locator.getBigUint64(8, true)), 56));
    if (wide.getUint32(0) !== 0x504b0606) throw new Malformed("no ZIP64 record where it must be");
    const count = numberOf(wide.getBigUint64(32, true));
    return [numberOf(wide.getBigUint64(48, true)), count, numberOf(wide.getBigUint64(40, true))];
  }

  private readDirectory(bytes: Bytes, count: number): void {
    if (count > MOST_FILES) throw new Malformed("too many files");
    const view = viewOf(bytes);
    let place = 0;
    for (let row = 0; row < count; row++) {
      if (place + 46 > bytes.length) throw new Malformed("the directory is cut short");
      if (view.getUint32(place) !== 0x504b0102) throw new Malformed("not a directory entry");
      const nameEnd = place + 46 + view.getUint16(place + 28, true);
      const end = nameEnd + view.getUint16(place + 30, true);
      if (end > bytes.length) throw new Malformed("the directory is cut short");
      const wide: number[] = [];
      for (let at = nameEnd + 4; (end - nameEnd) % 8 === 4 && at < end; at += 8) {
        wide.push(numberOf(view.getBigUint64(at, true)));
      }
      let size = view.getUint32(place + 24, true);
      let offset = view.getUint32(place + 42, true);
      if (size === MAX32 && wide.length >= 2) [size = MAX32] = wide.splice(0, 2);
      if (offset === MAX32 && wide[0] !== undefined) offset = wide[0];
      const name = decodeUtf8(bytes.subarray(place + 46, nameEnd));
      if (!isSafeName(name)) throw new Malformed("a file's name is not safe");
      if (this.members.has(name)) throw new Malformed(`two files are named ${name}`);
      const member = { name, size, crc: view.getUint32(place + 16, true), offset };
      this.members.set(name, member);
      this.order.push(member);
      place = end;
    }
  }
}
