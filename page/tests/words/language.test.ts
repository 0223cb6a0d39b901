import { describe, expect, it } from "vitest";

import { localise } from "../../src/words/language";

const message = { ar: "الكاميرا 192.168.1.64 متأخرة 79 ثانية بترميز H.265", en: "79 seconds" };

describe("a message of the recorder", () => {
  it("has its numbers in the chosen digits, but not those inside names and addresses", () => {
    expect(localise(message, { language: "ar", digits: "arab" })).toBe(
      "الكاميرا 192.168.1.64 متأخرة ٧٩ ثانية بترميز H.265",
    );
    expect(localise(message, { language: "ar", digits: "latn" })).toBe(message.ar);
    expect(localise(message, { language: "en", digits: "arab" })).toBe("79 seconds");
  });

  it("keeps a file's name and a library's words whole", () => {
    const unreadable = {
      ar: "لا يُرجع القرص (\u2068000000.mp4\u2069: \u2068ends 60992 bytes early\u2069) منذ 5 ثوانٍ",
      en: "",
    };
    expect(localise(unreadable, { language: "ar", digits: "arab" })).toBe(
      "لا يُرجع القرص (\u2068000000.mp4\u2069: \u2068ends 60992 bytes early\u2069) منذ ٥ ثوانٍ",
    );
    expect(localise({ ar: "الملف 000000.mp4", en: "" }, { language: "ar", digits: "arab" })).toBe("الملف 000000.mp4");
  });
});
