// @vitest-environment node
import { describe, expect, it } from "vitest";

import { joined, sameBytes } from "../../src/verify/judge/bytes";
import { Container } from "../../src/verify/judge/container";
import { centralDirectory, localHeader, type Member } from "../../src/verify/judge/containerForm";
import { crc32, sha256Of } from "../../src/verify/judge/digest";
import { encodeUtf8, Malformed } from "../../src/verify/judge/strict";

function packed(files: Record<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const members: Member[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const member = { name, size: bytes.length, crc: crc32(bytes), offset };
    members.push(member);
    parts.push(localHeader(member), bytes);
    offset += localHeader(member).length + bytes.length;
  }
  return joined(...parts, centralDirectory(members, offset));
}

const FILES = { a: encodeUtf8("first"), "b/c": new Uint8Array(600_000).fill(3), d: new Uint8Array() };
const open = (bytes: Uint8Array<ArrayBuffer>) => Container.open(new Blob([bytes]));

describe("a container", () => {
  it("gives back its files and has no flaw", async () => {
    const container = await open(packed(FILES));
    expect(await container.flaws()).toEqual([]);
    for (const [name, bytes] of Object.entries(FILES))
      expect(sameBytes((await container.read(name)) as Uint8Array, bytes)).toBe(true);
    expect(await container.read("e")).toBeNull();
  });

  it("measures a file once, and its beginnings", async () => {
    let measured = 0;
    const container = await Container.open(new Blob([packed(FILES)]), (bytes) => (measured += bytes));
    const member = container.members.get("b/c") as Member;
    const { sha256, crc, beginnings } = await container.measure(member, [0, 5, 700_000]);
    expect(sha256).toEqual(sha256Of(FILES["b/c"]));
    expect(crc).toBe(member.crc);
    expect(beginnings.get(5)).toEqual(sha256Of(FILES["b/c"].subarray(0, 5)));
    expect(beginnings.has(700_000)).toBe(false);
    await container.flaws();
    expect(measured).toBe(600_005);
  });

  it("has a flaw wherever a byte outside every file is changed", async () => {
    const good = packed({ a: FILES.a });
    const content = localHeader({ name: "a", size: 5, crc: 0, offset: 0 }).length;
    for (let at = 0; at < good.length; at++) {
      if (at >= content && at < content + FILES.a.length) continue;
      const bad = good.slice();
      bad[at] = (bad[at] as number) ^ 4;
      const flaws = await open(bad).then(
        (container) => container.flaws(),
        (error: Error) => [error.message],
      );
      expect(flaws, `byte ${at}`).not.toEqual([]);
    }
  });

  it.each(["/a", "../a", "a//b", "a\\b", "c:", "a\u0001", "ب"])("refuses a file named %s", async (name) => {
    await expect(open(packed({ [name]: FILES.a }))).rejects.toThrow(Malformed);
  });

  it("refuses what is cut short, out of order, or more than its files", async () => {
    const good = packed(FILES);
    await expect(open(good.slice(0, -1))).rejects.toThrow(Malformed);
    await expect(open(new Uint8Array())).rejects.toThrow(Malformed);
    const disordered = await open(packed({ b: FILES.a, a: FILES.a }));
    expect(await disordered.flaws()).toEqual(["the files are not in order"]);
    await expect(open(joined(Uint8Array.of(0), good))).rejects.toThrow(Malformed);
  });
});
