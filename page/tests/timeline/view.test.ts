import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  centredOn,
  dragBy,
  endOf,
  following,
  MAX_SPAN_US,
  MIN_US_PER_PX,
  resized,
  rightwards,
  spanning,
  spanOf,
  timeAt,
  type View,
  withinBounds,
  xOf,
  zoomAround,
} from "../../src/timeline/view";

const NOW = 1_795_000_000_000_000;
const view: fc.Arbitrary<View> = fc.record({
  start_us: fc.integer({ min: NOW - 1e13, max: NOW }),
  us_per_px: fc.double({ min: MIN_US_PER_PX, max: MAX_SPAN_US / 4000, noNaN: true }),
  width_px: fc.integer({ min: 200, max: 4000 }),
  direction: fc.constantFrom("ltr", "rtl"),
});
const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const NEAR_PX = 0.01;

function pixelsApart(of: View, a: number, b: number): number {
  return Math.abs(a - b) / of.us_per_px;
}

describe("the timeline's view", () => {
  it("finds the instant it drew", () => {
    fc.assert(
      fc.property(view, fraction, (drawn, along) => {
        const x = along * drawn.width_px;
        expect(Math.abs(xOf(drawn, timeAt(drawn, x)) - x)).toBeLessThan(NEAR_PX);
      }),
    );
  });

  it("is the mirror image in the other direction", () => {
    fc.assert(
      fc.property(view, fraction, (drawn, along) => {
        const us = drawn.start_us + along * spanOf(drawn);
        const mirrored: View = { ...drawn, direction: drawn.direction === "ltr" ? "rtl" : "ltr" };
        expect(xOf(drawn, us) + xOf(mirrored, us)).toBeCloseTo(drawn.width_px, 3);
      }),
    );
  });

  it("agrees with the arrow keys about what is later", () => {
    fc.assert(
      fc.property(view, fraction, (drawn, along) => {
        const x = along * (drawn.width_px - 1);
        const step = timeAt(drawn, x + 1) - timeAt(drawn, x);
        expect(Math.sign(step)).toBe(rightwards(drawn.direction));
      }),
    );
  });

  it("keeps what is under the pointer while zooming, also at the limits", () => {
    fc.assert(
      fc.property(view, fraction, fc.double({ min: 0.01, max: 100, noNaN: true }), (drawn, along, factor) => {
        const x = along * drawn.width_px;
        const zoomed = zoomAround(drawn, x, factor);
        expect(pixelsApart(zoomed, timeAt(zoomed, x), timeAt(drawn, x))).toBeLessThan(NEAR_PX);
        expect(zoomed.us_per_px).toBeGreaterThanOrEqual(MIN_US_PER_PX);
        expect(spanOf(zoomed)).toBeLessThanOrEqual(MAX_SPAN_US * 1.000001);
      }),
    );
  });

  it("follows the hand: what was grabbed stays under it", () => {
    fc.assert(
      fc.property(view, fraction, fc.integer({ min: -3000, max: 3000 }), (drawn, along, dx) => {
        const x = along * drawn.width_px;
        const dragged = dragBy(drawn, dx);
        expect(pixelsApart(drawn, timeAt(dragged, x + dx), timeAt(drawn, x))).toBeLessThan(NEAR_PX);
      }),
    );
  });

  it("keeps its middle when the window changes", () => {
    fc.assert(
      fc.property(view, fc.integer({ min: 200, max: 4000 }), (drawn, width) => {
        const other = resized(drawn, width);
        expect(other.width_px).toBe(width);
        const middle = drawn.start_us + spanOf(drawn) / 2;
        expect(pixelsApart(other, other.start_us + spanOf(other) / 2, middle)).toBeLessThan(NEAR_PX);
      }),
    );
  });

  it("shows the whole of a span it is asked for", () => {
    fc.assert(
      fc.property(view, fc.integer({ min: 60_000_000, max: 1e12 }), (drawn, length) => {
        const shown = spanning(drawn, NOW, NOW + length);
        expect(shown.start_us).toBeLessThanOrEqual(NOW + 1);
        expect(endOf(shown)).toBeGreaterThanOrEqual(NOW + length - 1);
      }),
    );
  });

  it("never loses the recorded time from sight", () => {
    fc.assert(
      fc.property(view, fc.integer({ min: -1e14, max: 1e14 }), (drawn, away) => {
        const bounds = { min_us: NOW - 1e12, max_us: NOW };
        const kept = withinBounds({ ...drawn, start_us: drawn.start_us + away }, bounds);
        expect(kept.start_us).toBeLessThanOrEqual(bounds.max_us);
        expect(endOf(kept)).toBeGreaterThanOrEqual(bounds.min_us);
        expect(withinBounds(kept, bounds)).toEqual(kept);
      }),
    );
  });

  it("keeps the moving playhead drawn", () => {
    fc.assert(
      fc.property(view, fc.double({ min: -3, max: 3, noNaN: true }), (drawn, along) => {
        const us = drawn.start_us + along * spanOf(drawn);
        const x = xOf(following(drawn, us), us);
        expect(x).toBeGreaterThanOrEqual(-NEAR_PX);
        expect(x).toBeLessThanOrEqual(drawn.width_px + NEAR_PX);
      }),
    );
  });

  it("puts a wanted instant in the middle", () => {
    fc.assert(
      fc.property(view, (drawn) => {
        const centred = centredOn(drawn, NOW);
        expect(xOf(centred, NOW)).toBeCloseTo(drawn.width_px / 2, 3);
      }),
    );
  });
});
