import { describe, expect, it } from "vitest";

import { ar } from "../../src/words/ar";
import { en } from "../../src/words/en";

const ARABIC_PLURALS = ["zero", "one", "two", "few", "many", "other"];

function flat(words: object, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [inner, text] of flat(value as object, `${prefix}${key}.`)) found.set(inner, text);
  }
  return found;
}

const english = flat(en);
const arabic = flat(ar);

function placeholders(text: string): string[] {
  return [...text.matchAll(/{{(\w+)/g)].map((match) => match[1] ?? "").toSorted();
}

function expectedArabicKeys(): string[] {
  return [...english.keys()].flatMap((key) => {
    if (key.endsWith("_one")) return [];
    if (!key.endsWith("_other")) return [key];
    const base = key.slice(0, -"_other".length);
    return ARABIC_PLURALS.map((form) => `${base}_${form}`);
  });
}

describe("the words of the page", () => {
  it("are all there in both languages, with every plural form Arabic needs", () => {
    expect([...arabic.keys()].toSorted()).toEqual(expectedArabicKeys().toSorted());
  });

  it("are never empty", () => {
    for (const [key, text] of [...english, ...arabic]) expect(text.trim(), key).not.toBe("");
  });

  it("fill in the same values in both languages", () => {
    for (const [key, text] of arabic) {
      const plural = /^(.*)_(zero|one|two|few|many)$/.exec(key);
      if (plural) continue;
      expect(placeholders(text), key).toEqual(placeholders(english.get(key) ?? ""));
    }
  });

  it("are Arabic in Arabic", () => {
    for (const [key, text] of arabic)
      expect(text, key).toMatch(key === "frame.switchLanguage" ? /English/ : /[\u0600-\u06ff]/);
  });
});
