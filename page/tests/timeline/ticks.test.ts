import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_SPAN_US, MIN_US_PER_PX, type View } from "../../src/timeline/view";
import { stepFor, ticksOf } from "../../src/timeline/ticks";
import { DAY_US, fromCivil, HOUR_US, toCivil } from "../../src/timeline/zoneTime";

const ZONES = ["Asia/Baghdad", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"];
const view: fc.Arbitrary<View> = fc.record({
  start_us: fc.integer({ min: Date.UTC(2024, 0, 1) * 1000, max: Date.UTC(2028, 0, 1) * 1000 }),
  us_per_px: fc.double({ min: MIN_US_PER_PX, max: MAX_SPAN_US / 1500, noNaN: true }),
  width_px: fc.integer({ min: 300, max: 1500 }),
  direction: fc.constantFrom("ltr", "rtl"),
});

describe("the ruler", () => {
  it("marks instants in order, a readable distance apart, and covers the view", () => {
    fc.assert(
      fc.property(view, fc.constantFrom(...ZONES), (drawn, zone) => {
        const ticks = ticksOf(drawn, zone);
        const labelled = ticks.filter((tick) => tick.labelled);
        for (const [before, after] of pairs(ticks)) expect(after.us).toBeGreaterThan(before.us);
        // An hour lost to daylight saving may bring two labels nearer.
        for (const [before, after] of pairs(labelled))
          expect((after.us - before.us + HOUR_US) / drawn.us_per_px).toBeGreaterThanOrEqual(84 - 1e-6);
        expect(labelled.length).toBeGreaterThan(0);
        expect(ticks.length).toBeLessThan(drawn.width_px);
      }),
    );
  });

  it("labels only round readings of the site's clock", () => {
    fc.assert(
      fc.property(view, fc.constantFrom(...ZONES), (drawn, zone) => {
        const step = stepFor(drawn.us_per_px, 84);
        for (const tick of ticksOf(drawn, zone).filter((each) => each.labelled)) {
          const civil = toCivil(tick.us, zone);
          expect(civil.us).toBe(0);
          if (step >= HOUR_US) expect([civil.minute, civil.second]).toEqual([0, 0]);
          if (step >= DAY_US) expect(civil.hour).toBe(0);
          if (tick.kind === "day") expect([civil.hour, civil.minute]).toEqual([0, 0]);
        }
      }),
    );
  });

  it("marks every hour once on the days when the clocks change", () => {
    const zone = "Europe/Berlin";
    const dayOf = (month: number, day: number): View => ({
      start_us: fromCivil({ year: 2026, month, day, hour: 0, minute: 0, second: 0, us: 0 }, zone),
      us_per_px: HOUR_US / 100,
      width_px: 2600,
      direction: "ltr",
    });
    const hours = (drawn: View, length: number): number[] =>
      ticksOf(drawn, zone)
        .filter((tick) => tick.labelled && tick.us >= drawn.start_us && tick.us < drawn.start_us + length * HOUR_US)
        .map((tick) => toCivil(tick.us, zone).hour);
    expect(hours(dayOf(3, 29), 23)).toEqual([0, 1, ...Array.from({ length: 21 }, (_, at) => at + 3)]);
    expect(new Set(hours(dayOf(10, 25), 25)).size).toBe(24);
  });
});

function pairs<T>(items: readonly T[]): [T, T][] {
  return items.slice(1).map((item, at) => [items[at]!, item]);
}
