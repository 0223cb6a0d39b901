import { describe, expect, it } from "vitest";

import { LARGEST_RESERVE_S, PaceKeeper, SMALLEST_RESERVE_S } from "../../src/player/pace";

/** Plays fragments of `fragment_s` that each arrive `delay_s` after their end; returns how late the picture ends up. */
function play({ fragment_s = 0.5, lead_s = 0, seconds = 60 }) {
  const pace = new PaceKeeper();
  const step_s = 0.25;
  let position_s = 0;
  let buffered_s = lead_s;
  let stalls = 0;
  for (let now_s = 0; now_s < seconds; now_s += step_s) {
    while (buffered_s + fragment_s <= lead_s + now_s) buffered_s += fragment_s;
    const { rate, skip_s } = pace.step(now_s, buffered_s - position_s);
    if (skip_s > 0) {
      position_s = Math.min(buffered_s, position_s + skip_s);
      pace.moved();
    } else {
      const next_s = position_s + rate * step_s;
      if (next_s > buffered_s) {
        stalls += 1;
        pace.stalled(now_s);
      }
      position_s = Math.min(buffered_s, next_s);
    }
  }
  return { lateness_s: lead_s + seconds - position_s, stalls, reserve_s: pace.reserve_s };
}

describe("the pace of a live picture", () => {
  it("brings a picture that starts seconds late to less than a second behind", () => {
    expect(play({ lead_s: 8 }).lateness_s).toBeLessThan(1);
  });

  it("works off a small excess by playing a little faster, without a skip", () => {
    const pace = new PaceKeeper();
    let skipped = 0;
    let fastest = 1;
    for (let now_s = 0; now_s < 10; now_s += 0.25) {
      const { rate, skip_s } = pace.step(now_s, 0.8);
      skipped += skip_s;
      fastest = Math.max(fastest, rate);
    }
    expect(skipped).toBe(0);
    expect(fastest).toBeGreaterThan(1);
    expect(fastest).toBeLessThanOrEqual(1.12);
  });

  it("skips a backlog of many seconds at once", () => {
    expect(new PaceKeeper().step(0, 30).skip_s).toBeGreaterThan(25);
  });

  it("keeps more in reserve after each stall, within a limit, and less again when all is calm", () => {
    const pace = new PaceKeeper();
    for (let stall = 0; stall < 20; stall += 1) pace.stalled(stall);
    expect(pace.reserve_s).toBe(LARGEST_RESERVE_S);
    for (let now_s = 20; now_s < 2000; now_s += 1) pace.step(now_s, 1);
    expect(pace.reserve_s).toBe(SMALLEST_RESERVE_S);
  });

  it("does not take the rhythm of the fragments for an excess", () => {
    const { lateness_s, stalls } = play({ fragment_s: 1, seconds: 120 });
    expect(stalls).toBeLessThan(8);
    expect(lateness_s).toBeLessThan(1.5);
  });
});
