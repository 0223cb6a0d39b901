import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { Gestures, type Selection } from "../../src/timeline/gestures";
import { RULER_PX } from "../../src/timeline/lanes";
import { type Direction, timeAt, type View, xOf } from "../../src/timeline/view";

const START_US = 1_795_000_000_000_000;
const LANE_Y = RULER_PX + 10;

function setUp(direction: Direction) {
  const state = {
    view: { start_us: START_US, us_per_px: 100_000, width_px: 1000, direction } as View,
    playhead_us: START_US + 90_000_000,
    selection: null as Selection | null,
    selecting: false,
  };
  const scrub = vi.fn();
  const tap = vi.fn();
  const gestures = new Gestures({
    view: () => state.view,
    setView: (view) => (state.view = view),
    playhead_us: () => state.playhead_us,
    selection: () => state.selection,
    setSelection: (selection) => (state.selection = selection),
    scrub,
    tap,
    selecting: () => state.selecting,
  });
  return { state, gestures, scrub, tap };
}

describe.each(["ltr", "rtl"] as const)("the hand on a timeline drawn %s", (direction) => {
  let it_: ReturnType<typeof setUp>;
  beforeEach(() => {
    it_ = setUp(direction);
  });

  it("drags time along with it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 700 }), fc.integer({ min: -300, max: 300 }), (x, dx) => {
        const { state, gestures } = setUp(direction);
        fc.pre(Math.abs(dx) > 5 && Math.abs(xOf(state.view, state.playhead_us) - x) > 12);
        const grabbed = timeAt(state.view, x);
        gestures.down({ id: 1, x, y: LANE_Y }, false);
        gestures.move({ id: 1, x: x + dx / 2, y: LANE_Y });
        gestures.move({ id: 1, x: x + dx, y: LANE_Y });
        gestures.up({ id: 1, x: x + dx, y: LANE_Y });
        expect(xOf(state.view, grabbed)).toBeCloseTo(x + dx, 3);
      }),
    );
  });

  it("taps on an instant without moving anything", () => {
    const { state, gestures, tap } = it_;
    const before = state.view;
    gestures.down({ id: 1, x: 300, y: LANE_Y }, false);
    gestures.up({ id: 1, x: 301, y: LANE_Y });
    expect(tap).toHaveBeenCalledWith(timeAt(before, 301), LANE_Y);
    expect(state.view).toBe(before);
  });

  it("scrubs on the ruler and at the playhead", () => {
    const { state, gestures, scrub } = it_;
    gestures.down({ id: 1, x: 200, y: 5 }, false);
    gestures.move({ id: 1, x: 260, y: 5 });
    gestures.up({ id: 1, x: 260, y: 5 });
    expect(scrub).toHaveBeenLastCalledWith(timeAt(state.view, 260), true);
    gestures.down({ id: 2, x: xOf(state.view, state.playhead_us) + 3, y: LANE_Y }, false);
    expect(gestures.scrubbing).toBe(true);
  });

  it("selects a span whichever way it is drawn, and lets its ends be moved", () => {
    const { state, gestures } = it_;
    gestures.down({ id: 1, x: 600, y: LANE_Y }, true);
    gestures.move({ id: 1, x: 400, y: LANE_Y });
    gestures.up({ id: 1, x: 400, y: LANE_Y });
    const { start_us, end_us } = state.selection!;
    expect(end_us - start_us).toBeCloseTo(200 * 100_000, 0);
    gestures.down({ id: 1, x: xOf(state.view, end_us) + 2, y: LANE_Y }, false);
    const later = direction === "ltr" ? 50 : -50;
    gestures.move({ id: 1, x: xOf(state.view, end_us) + later, y: LANE_Y });
    gestures.up({ id: 1, x: xOf(state.view, end_us) + later, y: LANE_Y });
    expect(state.selection?.start_us).toBeCloseTo(start_us, 0);
    expect(state.selection?.end_us).toBeCloseTo(end_us + 50 * 100_000, 0);
  });

  it("selects nothing when the hand hardly moved", () => {
    const { state, gestures } = it_;
    gestures.down({ id: 1, x: 600, y: LANE_Y }, true);
    gestures.move({ id: 1, x: 601, y: LANE_Y });
    gestures.up({ id: 1, x: 601, y: LANE_Y });
    expect(state.selection).toBeNull();
  });

  it("zooms where two fingers are, and keeps what is between them", () => {
    const { state, gestures } = it_;
    const between = timeAt(state.view, 500);
    gestures.down({ id: 1, x: 450, y: LANE_Y }, false);
    gestures.down({ id: 2, x: 550, y: LANE_Y }, false);
    gestures.move({ id: 1, x: 400, y: LANE_Y });
    gestures.move({ id: 2, x: 600, y: LANE_Y });
    expect(state.view.us_per_px).toBeCloseTo(50_000, -2);
    expect(xOf(state.view, between)).toBeCloseTo(500, 0);
  });

  it("zooms by the wheel under the pointer and pans sideways", () => {
    const { state, gestures } = it_;
    const under = timeAt(state.view, 700);
    gestures.wheel(700, 0, -300, false);
    expect(state.view.us_per_px).toBeLessThan(100_000);
    expect(xOf(state.view, under)).toBeCloseTo(700, 3);
    gestures.wheel(700, 0, 40, true);
    expect(xOf(state.view, under)).toBeCloseTo(660, 3);
  });
});
