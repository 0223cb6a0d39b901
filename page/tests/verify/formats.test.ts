// @vitest-environment node
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseCanonical } from "../../src/verify/judge/canonical";
import { crc32, RunningSha256, sha256Of, sha256OfLarge } from "../../src/verify/judge/digest";
import { parseEntry } from "../../src/verify/judge/entries";
import { leafHash, nodeHash, verifyInclusion } from "../../src/verify/judge/merkle";
import { decodeBase64, decodeDecimal, decodeHash, encodeUtf8, Malformed } from "../../src/verify/judge/strict";
import { parseTlogProof } from "../../src/verify/judge/tlogProof";
import { CHECKPOINT, INDEX, PATH } from "./vectors";

describe("numbers and bytes", () => {
  it("have one spelling", () => {
    for (const text of ["", "00", "01", "+1", "1 ", "1e3", "-1"]) expect(() => decodeDecimal(text)).toThrow(Malformed);
    for (const text of ["AA", "AB==", " AA==", "AA==\n", "A-==", "A"]) {
      expect(() => decodeBase64(text), text).toThrow(Malformed);
    }
    expect([...decodeBase64("AA==")]).toEqual([0]);
  });
});

describe("digests", () => {
  it("are those of the standards", async () => {
    expect(crc32(encodeUtf8("123456789"))).toBe(0xcbf43926);
    const empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    expect(sha256Of(new Uint8Array())).toEqual(decodeHash(empty));
    expect(await sha256OfLarge(new Uint8Array())).toEqual(decodeHash(empty));
  });

  it("do not depend on how the bytes are cut up", async () => {
    const large = fc.uint8Array({ minLength: 16_000, maxLength: 40_000 });
    await fc.assert(
      fc.asyncProperty(large, fc.nat(40_000), async (bytes, cut) => {
        const running = new RunningSha256();
        running.update(bytes.subarray(0, cut));
        expect(running.digest()).toEqual(sha256Of(bytes.subarray(0, cut)));
        running.update(bytes.subarray(cut));
        expect(running.digest()).toEqual(sha256Of(bytes));
        expect(await sha256OfLarge(bytes.slice())).toEqual(sha256Of(bytes));
        expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crc32(bytes));
      }),
      { numRuns: 20 },
    );
  });
});

describe("the tree", () => {
  const root = decodeHash("rrsCfVw90Ihx7lJXemH8gxItDRQ1J5GUNjm9TBLTaUM=");
  const proof = parseTlogProof(encodeUtf8(`c2sp.org/tlog-proof@v1\nindex ${INDEX}\n${PATH}\n${CHECKPOINT}`));
  const leaf = leafHash(encodeUtf8(`entry-${INDEX}`));

  it("proves the entry that is in it", () => {
    expect(verifyInclusion(proof.index, 300n, leaf, proof.path, root)).toBe(true);
  });

  it("proves no other entry, place, size or path", () => {
    expect(verifyInclusion(proof.index, 300n, leafHash(encodeUtf8("entry-124")), proof.path, root)).toBe(false);
    expect(verifyInclusion(124n, 300n, leaf, proof.path, root)).toBe(false);
    expect(verifyInclusion(300n, 300n, leaf, proof.path, root)).toBe(false);
    expect(verifyInclusion(proof.index, 299n, leaf, proof.path.slice(1), root)).toBe(false);
    expect(verifyInclusion(proof.index, 300n, leaf, proof.path.slice(0, -1), root)).toBe(false);
    expect(verifyInclusion(proof.index, 300n, leaf, [...proof.path, root], root)).toBe(false);
  });

  it("proves each leaf of a small tree", () => {
    const leaves = ["a", "b", "c"].map((text) => leafHash(encodeUtf8(text)));
    const [a, b, c] = leaves as [Uint8Array, Uint8Array, Uint8Array];
    const small = nodeHash(nodeHash(a, b), c);
    expect(verifyInclusion(0n, 3n, a, [b, c], small)).toBe(true);
    expect(verifyInclusion(1n, 3n, b, [a, c], small)).toBe(true);
    expect(verifyInclusion(2n, 3n, c, [nodeHash(a, b)], small)).toBe(true);
    expect(verifyInclusion(0n, 1n, a, [], a)).toBe(true);
  });
});

describe("the canonical encoding", () => {
  const refused = ['{"b":1,"a":2}', '{"a": 1}', '{"a":1.0}', '{"a":1.5}', '{"a":-0}', '{"a":9007199254740992}'];
  refused.push('{"a":1e2}', '{"a":1,"a":1}', '{"a":"é"}', '{"a":"\\u00E9"}', '{"a":"\\/"}', "[]", "1", "null", "", "{");

  it.each(refused)("refuses %s", (text) => {
    expect(() => parseCanonical(encodeUtf8(text))).toThrow(Malformed);
  });

  it("is read back exactly", () => {
    const text = '{"a":[null,true,-1,9007199254740991],"b":{"c":"\\u0628\\ud83d\\ude00\\u007f\\n\\""}}';
    expect(parseCanonical(encodeUtf8(text))).toEqual({
      a: [null, true, -1, Number.MAX_SAFE_INTEGER],
      b: { c: 'ب😀\u007f\n"' },
    });
  });
});

describe("an entry", () => {
  const entry = '{"at_us":5,"kind":"retention","retention_us":7,"v":1}';

  it("has the fields of its kind and no others", () => {
    expect(parseEntry(encodeUtf8(entry))).toMatchObject({ kind: "retention", retention_us: 7 });
    for (const [from, to] of [
      ['"v":1', '"v":2'],
      [',"retention_us":7', ""],
      ['"retention_us":7', '"retention_us":-7'],
      ['"v":1', '"v":1,"x":1'],
      ['"kind":"retention"', '"kind":"toString"'],
      ['"at_us":5,', ""],
    ] as const) {
      expect(() => parseEntry(encodeUtf8(entry.replace(from, to))), to).toThrow(Malformed);
    }
  });
});
