import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { MasterClock, SPEEDS } from "../../src/playback/masterClock";

const EDGE_US = 1_795_000_000_000_000;

function setUp() {
  const time = { ms: 0 };
  const clock = new MasterClock(
    () => time.ms,
    () => EDGE_US + time.ms * 1000,
  );
  return { clock, time };
}

describe("the master clock", () => {
  it("begins at the live edge and stays on it", () => {
    const { clock, time } = setUp();
    time.ms = 5_000;
    expect(clock.state.live).toBe(true);
    expect(clock.position_us()).toBe(EDGE_US + 5_000_000);
  });

  it("runs at its rate from where it was put, forwards and backwards", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SPEEDS), fc.boolean(), fc.integer({ min: 0, max: 10_000 }), (speed, back, ms) => {
        const { clock, time } = setUp();
        const rate = back ? -speed : speed;
        clock.seek(EDGE_US - 3_600_000_000);
        clock.setRate(rate);
        time.ms += ms;
        expect(clock.position_us()).toBeCloseTo(EDGE_US - 3_600_000_000 + ms * 1000 * rate, 0);
      }),
    );
  });

  it("does not jump when its speed changes, when it stops or when somebody waits", () => {
    const { clock, time } = setUp();
    clock.seek(EDGE_US - 60_000_000);
    for (const change of [
      () => clock.setRate(8),
      () => clock.pause(),
      () => clock.play(),
      () => clock.wait("a"),
      () => clock.wait("a"),
      () => clock.ready("a"),
      () => clock.setRate(0.25),
    ]) {
      time.ms += 100;
      const before = clock.position_us();
      change();
      expect(clock.position_us()).toBe(before);
    }
  });

  it("stands still until the last one waiting is ready", () => {
    const { clock, time } = setUp();
    clock.seek(EDGE_US - 60_000_000);
    clock.wait("a");
    clock.wait("b");
    time.ms += 1_000;
    clock.ready("a");
    time.ms += 1_000;
    expect(clock.position_us()).toBe(EDGE_US - 60_000_000);
    clock.ready("b");
    time.ms += 1_000;
    expect(clock.position_us()).toBe(EDGE_US - 59_000_000);
  });

  it("becomes live when it catches up with the edge, and a seek past the edge is live", () => {
    const { clock, time } = setUp();
    clock.seek(EDGE_US - 2_000_000);
    clock.setRate(4);
    time.ms += 1_000;
    clock.settle();
    expect(clock.state).toMatchObject({ live: true, rate: 1, playing: true });
    clock.seek(EDGE_US - 2_000_000);
    expect(clock.state.live).toBe(false);
    clock.seek(EDGE_US * 2);
    expect(clock.state.live).toBe(true);
  });

  it("keeps the instant at which the live picture was paused", () => {
    const { clock, time } = setUp();
    clock.pause();
    const paused = clock.position_us();
    time.ms += 10_000;
    expect(clock.position_us()).toBe(paused);
    expect(clock.state.live).toBe(false);
  });

  it("shuttles: L and J double, the other key slows down and turns round", () => {
    const { clock } = setUp();
    clock.seek(EDGE_US - 3_600_000_000);
    clock.pause();
    const rates = [1, 1, 1, -1, -1, -1, -1, 1].map((direction) => {
      clock.shuttle(direction as 1 | -1);
      return clock.state.rate;
    });
    expect(rates).toEqual([1, 2, 4, 2, 1, -1, -2, -1]);
  });

  it("never leaves the speeds it offers", () => {
    const { clock } = setUp();
    clock.seek(EDGE_US - 3_600_000_000);
    for (let press = 0; press < 10; press++) clock.changeSpeed(1);
    expect(clock.state.rate).toBe(16);
    for (let press = 0; press < 10; press++) clock.changeSpeed(-1);
    expect(clock.state.rate).toBe(0.25);
  });
});
