import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { civilDayStart, DAY_US, fromCivil, HOUR_US, offsetOf, toCivil, weekdayOf } from "../../src/timeline/zoneTime";

const ZONES = ["Asia/Baghdad", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"];
const zone = fc.constantFrom(...ZONES);
const instant = fc.integer({ min: Date.UTC(2001, 0, 1) * 1000, max: Date.UTC(2039, 0, 1) * 1000 });

describe("civil time", () => {
  it("is three hours ahead of UTC in Baghdad, summer and winter", () => {
    expect(offsetOf(Date.UTC(2026, 0, 1) * 1000, "Asia/Baghdad")).toBe(3 * HOUR_US);
    expect(offsetOf(Date.UTC(2026, 6, 1) * 1000, "Asia/Baghdad")).toBe(3 * HOUR_US);
  });

  it("comes back to the same instant, or to the first of two with the same reading", () => {
    fc.assert(
      fc.property(instant, zone, (us, name) => {
        const back = fromCivil(toCivil(us, name), name);
        expect(back).toBeLessThanOrEqual(us);
        expect(us - back).toBeLessThanOrEqual(HOUR_US);
        expect(toCivil(back, name)).toEqual(toCivil(us, name));
      }),
    );
  });

  it("starts each day at or before its instants, and days are 23 to 25 hours", () => {
    fc.assert(
      fc.property(instant, zone, (us, name) => {
        const start = civilDayStart(us, name);
        const next = civilDayStart(us, name, 1);
        expect(start).toBeLessThanOrEqual(us);
        expect(next).toBeGreaterThan(us);
        expect(Math.abs(next - start - DAY_US)).toBeLessThanOrEqual(HOUR_US);
      }),
    );
  });

  it("puts a skipped hour after the change", () => {
    const skipped = { year: 2026, month: 3, day: 29, hour: 2, minute: 30, second: 0, us: 0 };
    expect(toCivil(fromCivil(skipped, "Europe/Berlin"), "Europe/Berlin").hour).toBe(3);
  });

  it("knows weekdays by the site's clock", () => {
    expect(weekdayOf(Date.UTC(2026, 10, 20, 22) * 1000, "Asia/Baghdad")).toBe(6);
    expect(weekdayOf(Date.UTC(2026, 10, 20, 22) * 1000, "UTC")).toBe(5);
  });
});
