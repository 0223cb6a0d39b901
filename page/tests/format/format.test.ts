import { describe, expect, it } from "vitest";

import { localeOf, makeFormat } from "../../src/format/format";

const AT_US = Date.UTC(2026, 10, 21, 18, 30, 5) * 1000;
const arabic = makeFormat(localeOf({ language: "ar", digits: "arab" }), "Asia/Baghdad");
const arabicLatin = makeFormat(localeOf({ language: "ar", digits: "latn" }), "Asia/Baghdad");
const english = makeFormat(localeOf({ language: "en", digits: "arab" }), "Asia/Baghdad");

describe("times", () => {
  it("are those of the site, in 24 hours, in the chosen digits", () => {
    expect(arabic.time(AT_US)).toBe("٢١:٣٠:٠٥");
    expect(arabicLatin.time(AT_US)).toBe("21:30:05");
    expect(english.time(AT_US)).toBe("21:30:05");
  });

  it("are those of UTC on demand", () => {
    expect(makeFormat("en-GB-u-nu-latn", "UTC").time(AT_US)).toBe("18:30:05");
  });

  it("name months as they are named in Iraq", () => {
    expect(arabic.date(AT_US)).toContain("تشرين الثاني");
  });
});

describe("spans", () => {
  it("show their two largest units", () => {
    expect(english.duration(3725)).toBe("1 hr 2 mins");
    expect(english.duration(90_061)).toBe("1 day 1 hr");
    expect(english.duration(75)).toBe("1 min 15 secs");
    expect(english.duration(0.4)).toBe("0.4 secs");
  });

  it("show one unit when the next is nothing", () => {
    expect(english.duration(3600)).toBe("1 hr");
  });
});

describe("sizes", () => {
  it("are in steps of a thousand", () => {
    expect(english.bytes(1_500_000)).toBe("1.5 MB");
    expect(english.bytes(0)).toBe("0 byte");
    expect(english.bitRate(2_100_000)).toBe("2.1 Mb/s");
  });
});
