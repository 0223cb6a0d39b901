// @vitest-environment node
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import { afterEach, describe, expect, it, vi } from "vitest";

import { hexOf, joined, uint64 } from "../../src/verify/judge/bytes";
import { sha256Of } from "../../src/verify/judge/digest";
import { parseNote } from "../../src/verify/judge/note";
import { Policy } from "../../src/verify/judge/policy";
import { encodeUtf8, Malformed, Unproven } from "../../src/verify/judge/strict";
import { CHECKPOINT, LOG_KEY, POLICY, WITNESS_KEY, WITNESSED_S } from "./vectors";

const policyOf = (text: string) => Policy.parse(encodeUtf8(text));
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

afterEach(() => vi.unstubAllGlobals());

describe("a checkpoint", () => {
  it.each(["the browser's own Ed25519", "the library's"])("is judged by %s", async (which) => {
    if (which === "the library's") vi.stubGlobal("crypto", undefined);
    const judged = await policyOf(POLICY).judge(encodeUtf8(CHECKPOINT));
    expect(judged.checkpoint).toMatchObject({ origin: "node01.gov.example/log", size: 300n });
    expect([judged.notBefore_s, judged.notAfter_s]).toEqual([WITNESSED_S, WITNESSED_S]);
  });

  it.each(["the browser's own Ed25519", "the library's"])(
    "is refused by %s when anything is changed",
    async (which) => {
      if (which === "the library's") vi.stubGlobal("crypto", undefined);
      const policy = policyOf(POLICY);
      for (const [from, to] of [
        ["300", "301"],
        ["rrsCf", "rrsCg"],
        ["nh/YGAAAAABp", "nh/YGAAAAABq"],
        ["L1ZjgiOi", "L1ZjgiOj"],
      ] as const) {
        await expect(policy.judge(encodeUtf8(CHECKPOINT.replace(from, to))), to).rejects.toThrow(Unproven);
      }
    },
  );

  it("needs the log's signature and the quorum's", async () => {
    const [text, log, witness] = [CHECKPOINT.split("\n\n")[0], ...CHECKPOINT.split("\n").slice(4, 6)];
    await expect(policyOf(POLICY).judge(encodeUtf8(`${text}\n\n${log}\n`))).rejects.toThrow("no quorum");
    await expect(policyOf(POLICY).judge(encodeUtf8(`${text}\n\n${witness}\n`))).rejects.toThrow("has not signed");
    const alone = await policyOf(`log ${LOG_KEY}\nquorum none\n`).judge(encodeUtf8(`${text}\n\n${log}\n`));
    expect(alone.notAfter_s).toBeNull();
  });

  it("is believed under an ML-DSA-44 cosignature, and not under a changed one", async () => {
    const { publicKey, secretKey } = ml_dsa44.keygen(new Uint8Array(32).fill(7));
    const name = "w2.example";
    const key = joined(Uint8Array.of(6), publicKey);
    const id = sha256Of(joined(encodeUtf8(`${name}\n`), key)).subarray(0, 4);
    const origin = encodeUtf8("node01.gov.example/log");
    const root = Uint8Array.from(atob("rrsCfVw90Ihx7lJXemH8gxItDRQ1J5GUNjm9TBLTaUM="), (c) => c.charCodeAt(0));
    const head = [encodeUtf8("subtree/v1\n\0"), Uint8Array.of(name.length), encodeUtf8(name), uint64(99n)];
    const message = joined(...head, Uint8Array.of(origin.length), origin, uint64(0n), uint64(300n), root);
    const blob = joined(id, uint64(99n), ml_dsa44.sign(message, secretKey));
    const policy = policyOf(
      `log ${LOG_KEY}\nwitness w1 ${WITNESS_KEY}\nwitness w2 ${name}+${hexOf(id)}+${base64(key)}\ngroup both all w1 w2\nquorum both\n`,
    );
    const judged = await policy.judge(encodeUtf8(`${CHECKPOINT}— ${name} ${base64(blob)}\n`));
    expect([judged.notBefore_s, judged.notAfter_s]).toEqual([99, WITNESSED_S]);
    blob[2000] = (blob[2000] ?? 0) ^ 1;
    await expect(policy.judge(encodeUtf8(`${CHECKPOINT}— ${name} ${base64(blob)}\n`))).rejects.toThrow(Unproven);
  });
});

describe("a note", () => {
  it("has one form", () => {
    for (const bad of [
      CHECKPOINT.slice(0, -1),
      CHECKPOINT.replace("— w1", "- w1"),
      CHECKPOINT.replace("— w1.example ", "— w1 example "),
      CHECKPOINT.replace("\n300", "\r\n300"),
      CHECKPOINT.split("\n\n")[0] ?? "",
      "",
    ]) {
      expect(() => parseNote(encodeUtf8(bad))).toThrow(Malformed);
    }
    expect(() => parseNote(Uint8Array.of(0xff, 10, 10, 10))).toThrow(Malformed);
  });
});

describe("a policy", () => {
  it("says how many witnesses must agree", () => {
    expect(policyOf(POLICY).threshold).toEqual({ least: 1, of: 1 });
    expect(policyOf(`log ${LOG_KEY}\nquorum none\n`).needsNoWitness).toBe(true);
  });

  it.each([
    ["no quorum", `log ${LOG_KEY}\n`],
    ["a quorum of nobody", `log ${LOG_KEY}\nquorum w9\n`],
    ["two quorums", `${POLICY}quorum w1\n`],
    ["one witness twice", `log ${LOG_KEY}\nwitness a ${WITNESS_KEY}\nwitness b ${WITNESS_KEY}\nquorum a\n`],
    ["a log's key as a witness's", `witness a ${LOG_KEY}\nquorum a\n`],
    ["another key under this ID", POLICY.replace("9e1fd818", "9e1fd819")],
    ["a threshold of none", POLICY.replace("quorum w1", "group g 0 w1\nquorum g")],
    ["a threshold out of reach", POLICY.replace("quorum w1", "group g 2 w1\nquorum g")],
    ["a name in two groups", POLICY.replace("quorum w1", "group g any w1\ngroup h any w1\nquorum g")],
    ["another system's line ends", POLICY.replaceAll("\n", "\r\n")],
    ["an unfinished line", POLICY.slice(0, -1)],
    ["an unknown word", `${POLICY}trust everybody\n`],
  ])("with %s is refused", (_what, text) => {
    expect(() => policyOf(text)).toThrow(Malformed);
  });
});
